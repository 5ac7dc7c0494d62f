export const desk = {
  brand: '田头平台',
  today: '今天',
  notOperator: { title: '这里是平台的工作台', text: '用平台人员的号码登录才能进。', act: '去首页' },
  nav: { review: '开播前审核', sessions: '正在播', orgs: '卖家入驻', refunds: '退款待办', bills: '对账', disruptions: '停收停送', queues: '系统健康', audit: '操作记录' },
  review: {
    title: '开播前审核', empty: '没有要审的', emptyText: '店铺送审后会出现在这里。', waiting: (n: string) => `待审 ${n}`, first: (text: string) => `最早一场 ${text}开播`, keys: { J: '下', K: '上', A: '通过', R: '退回' },
    over: '已过开播时间', inMinutes: (n: string) => `${n} 分`, inHours: (h: string, m: string) => `${h} 时 ${m} 分`, inDays: (n: string) => `${n} 天`, after: (text: string) => `${text}后`, since: (at: string) => `${at} 送审`,
    facts: { time: '时间', host: '主播', fee: '费用', venue: '在哪里播', shop: '店铺', reserved: '预约' }, zero: '佣金 0，坑位费 0', fee: (fee: string, permille: string) => `坑位费 ${fee}，佣金 ${permille}‰`, venues: { here: '只在田头', both: '田头和别的平台', elsewhere: '只在别的平台' },
    goods: '商品', seller: '实际卖家', paper: '批次', price: '价格', stock: '库存', noLot: '没有批次', gate: '系统核对',
    decision: '决定', look: ['封面和商品是同一样东西', '标题没有绝对化用语和功效', '价格写明单位，比较有基准', '主播身份和费用写清楚'], reasons: '退回时写明哪里要改', reasonsHint: '主办方会原样看到这段话，改好即可再提交', approve: '通过', back: '退回修改', approved: '已通过', returned: '已退回', history: '记录',
    words: (found: string) => `标题里有「${found}」`, prevReturned: '上次退回', prevApproved: '上次通过', decisions: { approve: '通过', return: '退回', approved: '通过', returned: '退回', suspend: '暂停', lift: '恢复', terminate: '强制下播' } as Record<string, string>, noHistory: '第一次送审',
  },
  sessions: {
    title: '场次', states: { live: '直播中', interrupted: '断流', suspended: '已暂停', ready: '待开播', ended: '已下播' }, empty: '现在没有', watch: '看直播间', suspend: '暂停直播', lift: '恢复直播', terminate: '强制下播', reason: '原因', reasonHint: '会记进操作记录，店铺看得到',
    suspendTitle: (title: string) => `暂停「${title}」`, liftTitle: (title: string) => `恢复「${title}」`, terminateTitle: (title: string) => `强制下播「${title}」`, terminateAsk: '下播后不能再接着播。', done: { suspend: '已暂停', lift: '已恢复', terminate: '已下播' }, since: (at: string) => `${at} 开播`, starts: (at: string) => `${at} 开始`,
  },
  orgs: {
    title: '卖家入驻', empty: '没有要核对的', states: { applied: '待核对', admitted: '已通过', refused: '没通过', suspended: '已暂停' }, admit: '通过', refuse: '不通过', reason: '哪里不对', reasonHint: '申请人会原样看到，改好可以再提交', admitted: '已通过', refused: '已退回', code: '统一社会信用代码', noCode: '农户，没有代码', codeOk: '代码校验对', codeBad: '代码校验不对', place: '所在地', in832: '832 县', contact: '联系人', pick: '点一家看资料', verified: (day: string) => `核验到 ${day}`, refusal: '上次说的', company: '资料',
  },
  refunds: { title: '退款待办', empty: '没有要人工退的款', text: '支付渠道退不了的，用别的办法退了再记下来。', done: '已用别的办法退了', note: '怎么退的', noteHint: '如 银行转账流水号', recorded: '记好了', tries: (n: number) => `试了 ${n} 次` },
  bills: {
    title: '对账', text: '支付渠道每天的账单和我们的账对一遍，10:30 以后对前一天', empty: '还没有对过账', emptyText: '第一笔钱到账的第二天开始对。', differences: '差异', agree: '全对得上', day: '日期', paid: '收款', refunded: '退款', at: '对账时间', ours: '我们', theirs: '渠道', none: '没有', noBill: '渠道没有账单',
    providers: { wechat: '微信支付', alipay: '支付宝', sandbox: '演示支付' } as Record<string, string>, kinds: { payment: '收款', refund: '退款' } as Record<string, string>, what: { missing_here: '渠道有，我们没有', missing_there: '我们有，渠道没有', amount_differs: '金额不一样' } as Record<string, string>,
  },
  queues: {
    title: '系统健康', timers: '定时', standing: '等着的', late: '迟了的', failing: '出过错的', facts: '事实', consumer: '谁在读', source: '从哪读', behind: '落后', moved: '上次动', parked: '停下的', parkedText: '试了多次没成，看清原因再让它重跑', retrying: '等着重试', none: '没有停下的', run: '再跑一次', ran: '排上了', tries: (n: number) => `${n} 次`, writer: '最久的写事务', seconds: (n: string) => `${n} 秒`, reaction: '反应', key: '键', error: '原因', auto: '每 10 秒刷新', books: '对账', booksRight: (at: string) => `${at}对过账，库存、订单、付款、账本都一致`, booksNever: '还没有对过账，每天凌晨 3 点自动对', booksWrong: (at: string) => `${at}对账发现不一致，请先查清再处理退款`, rows: (n: string) => `${n} 处`,
  },
  audit: { title: '操作记录', empty: '还没有记录', no: '序号', at: '时间', act: '做了什么', on: '对什么', who: '谁', change: '改动', find: '对象，如 session:…', system: '系统', chain: '每一条都连着上一条的指纹，改不了', before: '之前', after: '之后',
    acts: {
      'accounts.operator-made': '设为平台人员', 'accounts.org-admitted': '卖家入驻通过', 'accounts.org-changed': '改了卖家资料', 'accounts.org-refused': '卖家入驻没通过', 'accounts.org-suspended': '暂停卖家', 'accounts.org-reinstated': '恢复卖家',
      'accounts.person-erased': '注销个人', 'accounts.role-given': '加了成员', 'accounts.role-taken': '去了成员', 'live.flash': '开秒杀', 'live.hide': '隐藏一句话', 'live.price': '改价',
      'live.mute': '禁言', 'live.unmute': '解除禁言', 'live.ban': '拉黑', 'live.unban': '解除拉黑', 'oversight.approve': '审核通过', 'oversight.return': '审核退回',
      'oversight.suspend': '暂停直播', 'oversight.lift': '恢复直播', 'oversight.terminate': '强制下播', 'oversight.delete-recording': '删除录像', 'queues.run': '重跑停下的事', 'supply.new-reading': '改了磅数',
      'supply.payee': '改了收款账户', 'supply.void': '作废过磅单', 'supply.weigh-in': '代人过磅', 'trade.lost': '记为丢失', 'trade.payout': '付给农户', 'trade.refund': '退款',
      'trade.refund-by-hand': '人工退款', 'trade.short-of-goods': '缺货退款',
    } as Record<string, string>,
  },
}

export type Desk = typeof desk
