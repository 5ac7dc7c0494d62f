export const work = {
  demo: '演示数据',
  offline: '断网了，填的都还在',
  more: '更多',
  skip: '跳到正文',
  pages: '页面',
  grams: (n: string) => `= ${n} 克`,
  days: (n: number) => `${n} 天`,
  hours: (n: number) => `${n} 小时`,
  share: (n: number) => `剩 ${n}%`,
  over: '过期',
  hold: '再按住一会',
  up: '往上',
  down: '往下',
  filter: '筛选',
  checks: {
    identity: '实名核验有效', review: '平台已审核这一场', seller_file: '商品和卖家资料齐', unit_price: '价格写明单位', certificate: '合格证齐', stock: '都备过货',
    recording: '录像能写入，留存三年', host: '主播资料齐', training: '本年培训已完成', tasting: '主播已试吃',
  } as Record<string, string>,
  whys: {
    'not-admitted': '还没通过入驻', 'verification-overdue': '核验到期了', 'shelf-empty': '还没选货', 'product-off': '有商品停卖', 'not-approved': '还没审', 'cannot-record': '磁盘写不进',
    'never-stocked': '没备过货', 'no-certificate': '没有合格证', training: '没有记录', 'seller-not-admitted': '卖家没有通过入驻', 'seller-verification-overdue': '卖家核验到期了', 'not-open-to-rooms': '卖家没有同意',
  } as Record<string, string>,
  whyOf: (what: string, name: string) => `${name} ${what}`,
  coupons: {
    nav: '优惠券', title: '优惠券', add: '发一种券', act: '发券', none: '还没发过券', noneShop: '店铺券减的是本店的货款，钱由本店出。', nonePlatform: '平台券每家店都能用，钱由平台出，照付给卖家。', name: '叫什么', nameHint: '最多 30 字', off: '减多少', threshold: '货款满多少可用', pieces: '发多少张', perBuyer: '每人最多领', unit: '张',
    from: '什么时候开始领', fromHint: '不填就是现在', until: '领到什么时候', use: '什么时候前用', useDays: '领后几天内', useUntil: '到哪一天', useDaysLabel: '天数', done: '发出去了',
    state: { open: '在发', soon: '还没开始', over: '领取已过', closed: '已停' }, issued: '发', left: '余', used: '用掉', claimed: '领走', window: '领取', more: '加张数', moreTitle: (name: string) => `给“${name}”加张数`, moreAct: '加上', close: '停发', closeAsk: (name: string) => `停发“${name}”？`, closeText: '以后没人能领。已经领走的照样能用。', span: (from: string, until: string) => `${from} 到 ${until}`,
  },
  disruptions: {
    title: '停收停送', add: '登记一处', act: '登记，并顺延已有订单', none: '现在哪里都能收能送', noneText: '封路、暴雨、停运时在这里登记：那里下不了单，已有的订单一起顺延。',
    deliver: '送不到的地方', pickUp: '收不了件的地方', from: '从', fromHint: '不填就是现在', until: '到（最多 30 天）', reason: '原因', reasonHint: '买家会看到，如：山洪封路',
    what: '登记后，这期间要发的订单顺延到恢复那天，不算迟发。买家会收到通知，没发走的可以免费取消。', whole: (name: string) => `整个${name}`, and: '、',
    states: { coming: '将开始', on: '进行中', over: '已结束' } as Record<string, string>, byOperator: '平台登记', noDelivery: (places: string) => `送不到：${places}`, noPickUp: (places: string) => `收不了件：${places}`,
    span: (from: string, until: string) => `${from} 到 ${until}`, moved: (n: string) => `顺延 ${n} 单`, done: (n: string) => `已登记，顺延了 ${n} 单`, end: '提前恢复', endAsk: '这里恢复收送？', endText: '马上可以下单。已经顺延的订单不再改回来。',
  },
  signIn: { title: '先登录', text: '用手机号登录后再来。', act: '去登录' },
}

export type Work = typeof work
