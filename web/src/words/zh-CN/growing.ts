export const growing = {
  plots: {
    title: '地块', sub: '位置只有本店看得到，对外只说到村', none: '还没有地块', noneText: '从农户页面添加地块，过磅、预产和用药都记在地块上。', toHouseholds: '去农户',
    find: '找地块、农户、村', inUse: '在用', retired: '已停用', household: '农户', area: '面积', mu: (n: string) => `${n} 亩`, altitude: '海拔', metres: (n: string) => `${n} 米`,
    where: '位置', outlined: '有边界', pointed: '有定位', nowhere: '没有位置', differs: (mu: string) => `边界量出 ${mu} 亩`, photos: '照片', edit: '修改地块', saved: '已保存',
    point: '定位（纬度, 经度）', pointHint: '例如 30.016200, 115.561800', here: '用我现在的位置', noHere: '没有取到位置，手写也可以', outline: '边界（每行一个点）',
    outlineHint: '沿地边走一圈，每个拐角记一个点；3 到 60 个点，线不能交叉', addHere: '把现在的位置加为一个点', badPoints: '每行一个“纬度, 经度”，最多六位小数', outlineIs: (mu: string) => `边界量出 ${mu} 亩`,
    differsText: '和填写的面积相差两成以上，核对一下', retire: '停用地块', retireAsk: (name: string) => `停用${name}？`, retireText: '停用以后不能再计划、不能再过磅，以前的记录都在。', seasons: '看各季', season: '开一季',
  },
  seasons: {
    title: '各季', sub: '预产和实收', add: '计划一季', none: '没有这样的季', noneText: '一块地、一个品种、一次收成是一季。预计产量写在这里，过磅以后自动对上。', open: '进行中', all: '全部',
    states: { planned: '计划中', growing: '生长中', harvesting: '采收中', closed: '已收完', abandoned: '已放弃', open: '进行中', ended: '已结束' } as Record<string, string>,
    expected: '预产', harvested: '实收', of: (a: string, b: string) => `实收 ${a}，预产 ${b}`, ofNone: (b: string) => `还没有实收，预产 ${b}`, window: '预计采收', span: (a: string, b: string) => `${a} 到 ${b}`, planted: '种下', plot: '地块', noPlot: '选一块地',
    from: '最早采收', until: '最晚采收', plantedOn: '种下的日子', plantedHint: '果树可以不填', note: '备注', save: '保存', edit: '修改预产', percent: (n: string) => `${n}%`,
    acts: { plant: '种下了', harvest: '开始采收', close: '收完了', abandon: '放弃这一季' } as Record<string, string>,
    closeAsk: '这一季收完了？', closeText: '收完以后，新的过磅单不再记到这一季。', abandonTitle: '放弃这一季', abandonWhy: '为什么', abandonHint: '例如：冰雹、冻害、改种',
    steps: { plant: '种下', harvest: '开始采收', weigh_in: '第一次过磅', close: '收完', abandon: '放弃' } as Record<string, string>, history: '经过', slips: '过磅单', noSlips: '还没有过磅', weigh: '给这一季过磅', over: '实收已超过预产',
  },
  inputs: {
    title: '用肥用药', add: '记一次', none: '还没有记录', noneText: '每次施肥、用药都记一条。安全间隔期没过，过磅会被拦下。',
    kinds: { fertiliser: '肥料', pesticide: '农药', regulator: '调节剂', other: '其他' } as Record<string, string>, kind: '种类', product: '产品', no: '登记证号', noHint: '农药必填，写在标签上', dose: '用量',
    doseHint: '例如 2000 倍液、30 公斤/亩', purpose: '防治什么', usedOn: '使用日期', days: '安全间隔期', day: '天', daysHint: '照标签填；不是农药填 0', save: '记下', until: (day: string) => `${day} 起可采收`, waiting: (day: string, product: string) => `安全间隔期：${product}，${day} 起才能采收`,
    over: '已过间隔期', corrected: '已更正', withdrawn: '已撤回', correct: '更正', correctTitle: '更正记录', why: '更正的原因', withdraw: '当时没有用，撤回这条', held: '间隔期内已经过磅的批次会被扣住', clear: '可以采收', saved: '已记下',
  },
  runs: {
    title: '收购路线', sub: '打电话报来的，和过磅的', add: '排一趟', none: '还没有排过', noneText: '排好哪天、哪辆车、先后到哪几户，路上一站一站过磅。',
    states: { planned: '已排好', under_way: '路上', done: '已收完', cancelled: '已取消' } as Record<string, string>, no: (n: number) => `第 ${n} 趟`, day: '日期', vehicle: '车', vehicleHint: '车牌或叫法', driver: '司机', driverHint: '叫法就行，例如 老王',
    note: '备注', stops: '站点', stop: (n: number) => `第 ${n} 站`, addStop: '加一站', household: '农户', village: '村（谁来都收）', villageName: '村名', called: '报来', weighed: '过磅', time: '约好几点', save: '保存路线', left: (n: string) => `还剩 ${n} 站`,
    stopStates: { waiting: '待收', weighed: '已过磅', skipped: '没收' } as Record<string, string>, weigh: '过磅', weighMore: '再过一磅', skip: '没收', skipWhy: '为什么没收', skipHint: '例如：人不在、没采、品质不行', again: '再去一次',
    acts: { start: '出发', finish: '收完了', cancel: '取消这一趟' } as Record<string, string>, cancelAsk: '取消这一趟？', cancelText: '已经过磅的不受影响。', finishAsk: '这一趟收完了？', finishText: (a: string, b: string) => `报来 ${a}，过磅 ${b}。收完以后不能再从这一趟过磅。`,
    edit: '改路线', none_: '没有约', up: '上移', down: '下移', drop: '去掉这一站', who: '哪一户', back: '回到收购路线', from: (n: number, village: string) => `收购路线第 ${n} 站：${village}`,
  },
  weigh: { season: '哪一季', chooseSeason: '这块地有几季，选一季', ofStop: '记在收购路线上' },
}
export type Growing = typeof growing
