import type { Bench } from '../zh-CN/bench'

export const bench: Bench = {
  title: 'Scan and pack', nav: 'Scan and pack', today: (n) => `${n} boxes today`, mine: (n) => `mine ${n}`,
  scanOrder: 'Scan the waybill', scanOrderText: 'Waybill, order number, or its number elsewhere', scanBox: 'Scan the box', scanBoxText: 'The passport code on the box; without one, the lot', next: 'Next order',
  typed: 'Cannot scan? Type it', type: 'Enter', weigh: 'Net weight (g)', weighText: 'From the scale, if you weigh', boxes: (n, of) => `${n} / ${of} boxes`,
  order: 'This order', none: 'No waybill scanned yet', kept: 'Kept on this device, sent once there is a network', sent: 'Sent', undo: 'Take out', undone: 'Taken out',
  last: 'Scanned just now', nothing: 'The first box you scan shows here', done: 'This order is packed', into: (n) => `into ${n}`, short: (sum) => `Short weight, ${sum} goes back to the buyer`, shortOther: (sum) => `Short weight, ${sum} to be paid back on the other platform`,
  earlier: (lot) => `Lot ${lot} expires sooner: take it for the next box`, orderFirst: 'Scan the waybill first', twice: 'This box was scanned just now',
  verdicts: {
    in: 'Good', undone: 'Taken out', unknown_order: 'No such order', unknown_box: 'No such box', not_paid: 'Not paid yet', order_over: 'Cancelled or gone already', order_stopped: 'Stopped by a recall', order_full: 'This order has all its boxes', box_taken: 'This box is in another order',
    other_goods: 'Not what was ordered', lot_not_open: 'This lot is held', lot_expired: 'This lot has expired', lot_short: 'The books say this lot is used up',
  },
  remedies: {
    unknown_order: 'Is the waybill of this shop?', unknown_box: 'Scan again, or scan the lot', not_paid: 'Put it aside', order_over: 'Put the goods back', order_stopped: 'Put it aside', order_full: 'Take the next order', box_taken: 'Take another box, put this one to that order', other_goods: 'Compare with the order', lot_not_open: 'Put it aside and ask the manager', lot_expired: 'Put it aside', lot_short: 'Count what is left of this lot',
  },
  other: (what) => `in ${what}`,
  offline: 'No network: go on scanning. It is kept on this device and sent later.', waiting: (n) => `${n} to send`, refusedHere: (n) => `${n} need a look`, sendNow: 'Send now', full: 'This device is full: find a network first', cannot: 'This browser cannot keep scans: a network is needed',
  keptTitle: 'Waiting to be sent', keptEmpty: 'Everything is sent', keptEmptyText: 'What is written down without a network shows here.', keptScan: (order, box) => `${box} into ${order}`, keptSlip: (mass) => `Weighed ${mass}`, at: 'Time',
  refusedTitle: 'Need a look', refusedText: 'One box scanned on two devices, or a code that fits nothing. Look first, then decide.', settle: 'Dealt with', settled: 'Dealt with', ours: 'This scan', theirs: 'Came first', takenBy: (order) => `Order ${order}`,
  drop: 'Leave it out', dropAsk: 'Delete this one?', dropText: 'What was not sent is gone then.', keepBoth: 'Both count', keptBoth: 'Both are written down', same: 'The same one: leave this out', twiceTitle: 'Perhaps weighed twice', thisDevice: 'This device', already: 'Written down already',
}
