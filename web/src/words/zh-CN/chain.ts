/** Chinese is the source; the English table has this one's type. */
export const chain = {
  kinds: { harvest: '采收', bought_in: '外购', graded: '分级', packed: '装箱' } as Record<string, string>,
  lot: {
    title: '批次', facts: '资料', balance: '重量', made: '一共', left: '还剩', none: '没有', variety: '品种', kind: '类别', state: '状态', rank: '等级',
    tree: '来处和去处', treeText: '克数写在每条边上', up: '由这些做成', down: '做成了这些', root: '源头，没有上一级', leafNone: '还没有由它做成什么', here: '这一批', again: '上面列过', more: (n: string) => `还有 ${n} 批没有列出`, roots: (n: string) => `${n} 个源头`,
    moves: '进出', movesText: '只增不改', move: '记一笔', moveTitle: '有货离开这一批', reason: '去向', grams: '多少', boxes: '几箱', boxesHint: (net: string) => `整箱出，每箱 ${net}`, note: '备注', noteHint: '给了谁、为什么', moved: '记下了', most: (left: string) => `最多 ${left}`,
    moveAct: (mass: string) => `记下 ${mass}`, moveAsk: (mass: string, what: string) => `${mass} ${what}？`, moveAskText: '进出只增不改，记下就不能撤。',
    reasons: { make: '采收入库', grade: '分级', pack: '装箱', cull: '剔除', shrink: '损耗', spoil: '坏掉', donate: '捐赠', process: '送加工', destroy: '销毁', return: '退回', count: '盘点', pick: '发货' } as Record<string, string>,
    scraps: { spoil: '坏掉', donate: '捐赠', process: '送加工', destroy: '销毁' },
    steps: '经过', noSteps: '一直正常，没有扣过', events: { hold: '暂扣', release: '放行', recall: '召回', close: '结束' } as Record<string, string>,
    hold: '暂扣', holdTitle: '暂扣这一批', holdText: '放行以前，不能从这一批装箱、发货。', holdAct: '暂扣', holdAsk: '现在暂扣？', held: '已暂扣', release: '放行', releaseTitle: '放行这一批', releaseText: '写明查过什么，之后照常装箱、发货。', releaseAct: '放行', releaseAsk: '确定没有问题？', released: '已放行',
    why: '原因', whyHint: '会一直留在经过里', holdBy: (why: string) => `暂扣：${why}`, recalledBy: (why: string) => `已召回：${why}`,
    boxesOf: '箱子', noBoxes: '这一批没有装箱', box: (n: string) => `第 ${n} 箱`, taken: '已发', inStore: '在库', tare: (mass: string) => `皮重 ${mass}`,
    orders: '到了哪些订单', noOrders: '还没有发给任何订单', ordersSum: (orders: string, boxes: string) => `${orders} 单，${boxes} 箱`, firstOf: (shown: string, all: string) => `先列 ${shown} 行，一共 ${all} 行`, cut: '太多，没有数完',
    reports: '买家报的问题', reach: '召回会到哪里', reachText: (lots: string, boxes: string) => `从源头召回，会牵涉 ${lots} 批、已装的 ${boxes} 箱`, drill: '演练', recall: '起草召回',
    files: '下载和打印', labels: '标签', boxList: '箱码清单', certificate: '合格证', epcis: 'EPCIS 文件', toGrade: '去分级', toPack: '去装箱',
  },
  runs: {
    nav: '分级与打包', title: '分级与打包', tabs: { runs: '记录', grade: '分级', pack: '装箱', standards: '等级标准', piecework: '计件' }, empty: '还没有分过级、装过箱', emptyText: '先过磅，再分级，再装箱，每一克都对得上。',
    kinds: { grade: '分级', pack: '装箱', mix: '混装', relabel: '换标' } as Record<string, string>, at: '时间', in: '进', out: '出', cull: '剔除', gone: '另有去处', shrink: '损耗', boxes: '箱数', boxesOf: (n: string) => `${n} 箱`, one: (what: string) => `${what}记录`, inputs: '用了', outputs: '得到', samples: (n: string) => `量了 ${n} 个`, standard: '标准', tolerance: (per: string) => `容许损耗千分之 ${per}`, closes: '对得上', labels: '打印标签', toLots: '看批次',
  },
  balance: { in: '进', out: '出', cull: '剔除', gone: '去处', left: '剩', over: '多', sum: '进 = 出 + 剔除 + 去处 + 剩', ok: (most: string) => `剩下的记作损耗，最多 ${most}`, short: (by: string) => `还差 ${by} 没有交代，再称一遍，或填上剔除`, tooMuch: (by: string) => `出来的比进去的多 ${by}`, nothing: '先选批次' },
  grade: {
    title: '分级', source: '1. 用哪些批次', sourceText: '同一个品种，可以混', none: '没有能分的货', noneText: '先过磅，再来分级。', take: '用多少', all: '全用', standard: '2. 按哪个标准', noStandard: '不按标准', outputs: '3. 分出了什么', grade: '等级', mass: '重量', add: '再加一个等级', drop: '去掉', cull: '剔除', spoil: '坏掉', donate: '捐赠', process: '送加工', more: '还有别的去处',
    sample: '样品', sampleHint: '量一个按一次回车；卡尺、糖度计按键直接进来', pieces: (n: string) => `${n} 个`, wipe: '清空', last: '删最后一个', verdict: (pieces: string, outside: string, allowed: string) => `${pieces} 个里 ${outside} 个超界，容许 ${allowed} 个`, meets: '合格', fails: '不合格', unmeasured: '还没有量',
    attributes: { diameter_tenth_mm: '果径', brix_tenth: '糖度', blemish_mm2: '瑕疵', weight_g: '单果重' }, units: { diameter_tenth_mm: '毫米', brix_tenth: '°Bx', blemish_mm2: '平方毫米', weight_g: '克' },
    from: (low: string, unit: string) => `不小于 ${low} ${unit}`, to: (high: string, unit: string) => `不大于 ${high} ${unit}`, between: (low: string, high: string, unit: string) => `${low} 到 ${high} ${unit}`,
    act: '完成分级', done: '分好了', otherVariety: '品种不一样，不能一起分', mixes: (n: string) => `混了 ${n} 个源头，召回时分不开`,
  },
  standards: {
    add: '新标准', edition: '出新版', empty: '还没有等级标准', emptyText: '把收购或协会的等级写成数，分级时当场判。', code: '代号', name: '名称', source: '出处', sourceHint: '标准号或协会文件', editionNo: '版本', editionHint: '如 2026；每版不改，要改就出新版', anyVariety: '不限品种', variety: '适用品种', grades: '等级', gradeName: (n: string) => `第 ${n} 等`, tolerance: '容许超界', toleranceUnit: '‰', limits: '界限', addLimit: '加一条界限', low: '不小于', high: '不大于', addGrade: '加一等', dropGrade: '去掉这一等', save: '存好', saved: '存好了', shared: '平台共用', own: '本店', retire: '停用', retireAsk: (name: string) => `停用「${name}」？`, retireText: '以后不能再按它分级，已分的不变。', retired: '已停用', noLimits: '没有界限', per: (n: string) => `千分之 ${n} 可超`, version: (n: string) => `${n} 版`,
  },
  pack: {
    title: '装箱', source: '1. 用哪些批次', none: '没有能装的货', noneText: '先过磅或分级，再来装箱。', spec: '2. 装成什么', noSpec: '没有对得上的规格', noSpecText: '要有同品种、同等级的商品。', count: '3. 几箱', boxes: '箱数', tare: '空箱皮重', tareHint: '一个空箱多重', cull: '装的时候剔除', packer: '谁装的', me: '我自己', net: (mass: string) => `每箱净重 ${mass}`,
    reach: (roots: string, boxes: string) => `混了 ${roots} 个源头，召回会牵涉已装的 ${boxes} 箱`, reachAfter: (boxes: string) => `，装完再加 ${boxes} 箱`, one: (boxes: string) => `只有 1 个源头，召回只牵涉它的 ${boxes} 箱`, act: (n: string) => `装 ${n} 箱`, done: (n: string) => `装好 ${n} 箱`, made: (code: string) => `装箱批次 ${code}`, print: '打印标签', again: '再装一批', otherGrade: '等级或品种不一样，不能装在一起',
  },
  piecework: { title: '计件', sub: '每人每天装了多少', since: '从', until: '到', day: '日子', packer: '打包员', spec: '规格', runs: '次数', boxes: '箱数', mass: '净重', empty: '这几天没有装过箱', csv: '下载表格', sum: '合计', mine: '没有名字' },
  recalls: {
    nav: '召回', title: '召回', tabs: { recalls: '召回', reports: '买家报的问题', traces: '溯源包' }, add: '起草召回', empty: '没有召回过', emptyText: '平时做演练，看多快能找到每一箱。', code: '编号', reason: '原因', state: '状态', opened: '开始', scope: '范围', states: { draft: '草拟', active: '召回中', closed: '已结束', dropped: '已放弃' } as Record<string, string>, drill: '演练', real: '召回', time: (ms: string) => `${ms} 找全`,
    ms: (n: string) => `${n} 毫秒`, s: (n: string) => `${n} 秒`,
    newTitle: '起草召回', way: '从哪里查起', fromLots: '从批次往下', fromBox: '从箱码往回', lots: '哪些批次', lotsText: '由它们做成的都会算进来', bulk: '散货', boxCode: '箱码', boxHint: '标签上的码，扫也行', origin: '这一箱来自', why: '原因', whyHint: '买家会看到，如：检出农残超标', asDrill: '演练', asDrillText: '只查不动：不停卖、不通知，记下用了多久', make: '查出范围', makeDrill: '开始演练', pickFirst: '先选批次',
    scopeTitle: '会牵涉', scopeLots: '批次', scopeOrders: '订单', scopeBoxes: '箱', scopeMass: '重量', draftText: '还没有生效，什么都没有动。激活以后：批次不能再出，商品停卖，每位买家收到通知并退款。', activate: '激活召回', activateTitle: '激活召回', activateText: '激活了不能收回：批次不能再出，商品停卖，每位买家收到通知并退款。', typed: (code: string) => `输入编号后四位 ${code}，确认激活`, typedLabel: '编号后四位', activateAct: '激活，通知买家并退款', activated: '已激活', drop: '放弃', dropAsk: '放弃这份草稿？', dropText: '什么都不会动，记录还在。', dropped: '已放弃',
    drillDone: (time: string) => `演练完成，${time}找全`, drillText: '没有停卖，没有通知，没有退款。', progress: '通知和退款', progressOf: (done: string, all: string) => `${done} / ${all} 行`, going: '正在办，关掉页面也不会停', doneAll: '都通知到了', doneBut: (n: string) => `办完了，还有 ${n} 行联系不上，要打电话`, queued: '待通知', told: '已通知', unreachable: '无法联系', acknowledged: '已确认', refunded: '已退', orders: (n: string) => `${n} 单`,
    mass: '找到的和做出来的', massText: '做出来 = 在库 + 订单里 + 销毁 + 另有去处 + 损耗', massMade: '做出来', inStore: '在库', inOrders: '订单里', destroyed: '销毁', elsewhere: '另有去处', lost: '损耗', closes: '对得上', differs: (by: string) => `差 ${by}`,
    lines: '订单', allLines: '全部', ack: '已联系到', ackAsk: (number: string) => `已经联系到 ${number} 的买家？`, ackText: '记下是你联系的。', csv: '下载给主管部门', noLines: '没有这样的订单', close: '结束召回', closeAsk: '结束召回？', closeText: '停卖的规格会恢复，已召回的批次不会。', closed: '已结束', lotsIn: '批次', start: '起点', box: (n: string) => `${n} 箱`, openedAt: (at: string) => `${at} 起草`, activatedAt: (at: string) => `${at} 激活`, closedAt: (at: string) => `${at} 结束`, found: '起点和由它做成的', line: (code: string, boxes: string) => `批次 ${code}，${boxes} 箱`,
  },
  reports: { empty: '没有人报问题', emptyText: '买家扫箱码时可以拍照报问题，会出现在这里。', rate: (boxes: string, all: string, percent: string) => `${all} 箱里有 ${boxes} 箱，${percent}%`, last: (at: string) => `最近 ${at}`, toLot: '看批次', toRecall: '起草召回', all: (n: string) => `看全部 ${n} 条` },
  traces: { title: '溯源包', text: '每天的 EPCIS 事件连成一条链，签了名，附一个离线核对的程序。', since: '从', until: '到', act: '下载', wrong: '结束不能早于开始', none: '这几天还没有签名的记录。每天的记录第二天才签名。' },
  origin: { title: '货的来处', none: '还没有配货', lot: (code: string) => `批次 ${code}`, unknown: '不知道是哪一户' },
  transit: { title: '路上最多放多久', text: '超过这个时间会坏的地方，不让下单。', none: '没有限制', hours: '小时', add: '加一个品种', remove: '去掉', save: '存好', saved: '存好了', choose: '选品种', most: (n: string) => `${n} 小时` },
}

export type Chain = typeof chain
