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
  signIn: { title: '先登录', text: '用手机号登录后再来。', act: '去登录' },
}

export type Work = typeof work
