export const studioTrade = {
  orders: {
    title: '订单', find: '订单号、收件人后几个字', empty: '这里没有订单', tabs: { paid: '待备货', packing: '备货中', packed: '待揽收', shipped: '运输中', delivered: '已签收', completed: '完成', closed: '退款取消' },
    late: '过了发货日', shipDay: '发货日', shipBy: (day: string) => `${day}发货`, lines: (title: string, n: string) => `${title} × ${n}`, placed: '下单', paid: '实付', refunded: '已退', freight: '运费', to: '收件', note: '留言', origin: '来自', originLive: '直播间', originShop: '店铺', channels: { douyin: '抖音', kuaishou: '快手', taobao: '淘宝', pinduoduo: '拼多多', 'wechat-shop': '微信小店', other: '别的平台' }, lateMoney: '过期后到的款，按规则退回', picks: '用的批次',
    pick: (lot: string, n: string) => `${lot} ${n} 箱`, timeline: '经过', parcel: '快递', refunds: '退款', refundRow: (sum: string, why: string) => `${sum}，${why}`, refundStates: { refunding: '退款中', refund_failed: '没退成，再试', refunded: '已退', manual_refund: '等平台人工退', owed: '挂账待退' } as Record<string, string>,
    acts: { start: '开始备货', pack: '打包', ship: '交快递', delivered: '标为签收', refund: '退款' }, done: { start: '开始备货了', pack: '打好包了', ship: '已交快递', delivered: '已签收', refund: '已退款' },
    packTitle: '从哪批拿', packAuto: '先到期的先用', packAutoText: '系统按最佳食用期挑', packChoose: '自己选批次', packLeft: (n: string) => `还有 ${n} 箱`, packNeed: (n: string, got: string) => `要 ${n} 箱，选了 ${got} 箱`, packAct: '打好了',
    shipTitle: '交给哪家快递', carrier: '快递公司', waybill: '运单号', carriers: ['顺丰', '中通', '圆通', '申通', '韵达', '极兔', '邮政'], shipAct: '交快递，告诉买家',
    refundTitle: '退款', refundAll: '全退', refundPart: '退一部分', amount: '退多少', most: (sum: string) => `最多 ${sum}`, reason: '原因', reasonHint: '买家看得到', refundAsk: (sum: string) => `退 ${sum} 给买家？`, refundText: '钱原路退回，退了不能收回。', refundAct: (sum: string) => `退 ${sum}`,
    deliveredAsk: '标为签收？', deliveredText: '快递说已送到才点。', deliveredAct: '标为签收', waiting: (n: string) => `${n} 等`, toPacking: '去打包站', number: '订单号', selectOne: '点一单看详情',
    by: { buyer: '买家', seller: '店里', system: '系统', carrier: '快递' } as Record<string, string>, refundTooMuch: '超过能退的数', pickWrong: '箱数要对得上',
  },
  packing: {
    scanned: (n: string, of: string) => `扫了 ${n} / ${of} 箱`,
    title: '打包站', steps: ['看订单', '拿批次', '核对', '封箱贴单'], next: '接下来', boxes: (n: string) => `${n} 箱`, orders: (n: string) => `${n} 单`, empty: '今天打完了', emptyText: '有新订单会出现在这里。', start: '开始打这一单', packed: '重量对，封箱', waybill: '贴单，交快递', skip: '先放一边', change: '换批次',
    auto: '最早到期，先用这批', to: (place: string) => `寄到 ${place}`, nth: (n: string, of: string) => `第 ${n} 单，共 ${of} 单`, now: '在打', net: (mass: string) => `每箱净重 ${mass}`, of: (mass: string) => `合计 ${mass}`, note: '买家留言', late: '过了发货日', checks: ['货和订单一样', '没有坏的', '净重够'],
    offline: '断网了，这一单连上后再点', noLots: '没有现成的箱子，先装箱', progress: (n: string, of: string) => `打了 ${n} 单，还有 ${of} 单`, todayDone: (n: string) => `这次打了 ${n} 单`,
  },
  money: {
    title: '钱', paid: '收款', refunded: '退款', fee: '平台费', owed: '欠农户', paidGrowers: '已付农户', balance: '结余', equal: (at: string) => `与账一致，${at} 核对`, not: '账对不上，请告诉平台', entries: '最近的账', noEntries: '还没有账', growers: '农户的钱', growersText: '卖掉并付了款的才算欠',
    formula: '结余 = 收款 - 退款 - 平台费 - 已付农户', at: '时间', what: '事由', amount: '金额', statement: '对账单', print: '打印', delivered: '交来', sold: '卖掉', gross: '货款', off: '扣掉', owedNow: '还欠', paidAlready: '已付', due: (day: string) => `${day} 前付`, noDue: '没有到期的', noLines: '还没有往来',
    kinds: { delivered: '交货', sold: '卖出', taken_off: '扣款', paid: '付款' }, pay: '记一笔付款', payTitle: '付了多少', most: (sum: string) => `还欠 ${sum}`, method: '怎么付的', methods: { cash: '现金', bank: '转账', wechat: '微信' }, paidOn: '哪天付的', evidence: '凭证照片', evidenceText: '转账截图或签字的收条', note: '备注', payAct: (sum: string) => `记下付了 ${sum}`, payDone: '记好了', tooMuch: '比欠的多了',
    slip: (code: string) => `过磅单 ${code}`, order: (number: string) => `订单 ${number}`, chooseHousehold: '选一户看对账单', perJin: (price: string) => `${price}/斤`,
    accounts: { pay: '收款', late: '过期后到的款', late_back: '退过期的款', refund: '退款', fee: '费用', owed: '记农户的款', owed_back: '退货，不再欠', payout: '付农户', paid_out: '付农户' } as Record<string, string>,
  },
}

export type StudioTrade = typeof studioTrade
