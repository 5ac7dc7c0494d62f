export const bench = {
  title: '扫码打包', nav: '扫码打包', today: (n: string) => `今天 ${n} 箱`, mine: (n: string) => `我 ${n} 箱`,
  scanOrder: '扫面单', scanOrderText: '运单号、订单号，或别的平台的单号', scanBox: '扫箱码', scanBoxText: '箱子上的溯源码；没有箱码就扫批次', next: '下一单',
  typed: '扫不了就手打', type: '输入', weigh: '净重（克）', weighText: '放秤上，不称也行', boxes: (n: string, of: string) => `${n} / ${of} 箱`,
  order: '这一单', none: '还没扫面单', kept: '记在这台设备上，联网后自动送', sent: '送上去了', undo: '拿出来', undone: '拿出来了',
  last: '刚才扫的', nothing: '扫第一箱，就会出现在这里', done: '这一单打好了', into: (n: string) => `进了 ${n}`, short: (sum: string) => `少称，退买家 ${sum}`, shortOther: (sum: string) => `少称，应退 ${sum}，到原平台退`,
  earlier: (lot: string) => `批次 ${lot} 更早到期，下一箱先用它`, orderFirst: '先扫面单', twice: '这箱刚扫过',
  verdicts: {
    in: '好', undone: '拿出来了', unknown_order: '没有这个单号', unknown_box: '没有这个箱码', not_paid: '这单还没付款', order_over: '这单已取消或已发走', order_stopped: '这单被召回，不能发', order_full: '这单箱数够了', box_taken: '这箱已在别的单里',
    other_goods: '这单没买这种货', lot_not_open: '这批货停用了', lot_expired: '这批货过期了', lot_short: '这批货账上不够',
  } as Record<string, string>,
  remedies: {
    unknown_order: '看看面单是不是这家店的', unknown_box: '再扫一次，或扫批次', not_paid: '先放一边', order_over: '把货放回去', order_stopped: '放到待处理区', order_full: '换下一单', box_taken: '拿另一箱，把这箱放到那一单', other_goods: '核对订单上的货', lot_not_open: '放到待处理区，问店长', lot_expired: '放到待处理区', lot_short: '盘一下这批还有几箱',
  } as Record<string, string>,
  other: (what: string) => `在 ${what}`,
  offline: '断网了，照样扫。记在这台设备上，联网后自动送。', waiting: (n: string) => `${n} 条等着送`, refusedHere: (n: string) => `${n} 条要人看`, sendNow: '现在送', full: '这台设备记满了，先联网', cannot: '这个浏览器不能离线记，请联网用',
  keptTitle: '等着送的', keptEmpty: '都送上去了', keptEmptyText: '断网时记下的会出现在这里。', keptScan: (order: string, box: string) => `${box} 放进 ${order}`, keptSlip: (mass: string) => `过磅 ${mass}`, at: '时间',
  refusedTitle: '要人看的', refusedText: '两台设备扫了同一箱，或单号箱码对不上。看清楚再点。', settle: '处理好了', settled: '处理好了', ours: '这次扫的', theirs: '先到的', takenBy: (order: string) => `订单 ${order}`,
  drop: '不要这条', dropAsk: '删掉这条？', dropText: '还没送上去的就没有了。', keepBoth: '两次都算', keptBoth: '两次都记下了', same: '是同一次，不要这条', twiceTitle: '可能称了两次', thisDevice: '这台设备', already: '已经记下的',
}
export type Bench = typeof bench
