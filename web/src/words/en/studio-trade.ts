import type { StudioTrade } from '../zh-CN/studio-trade'

const s = (n: string | number) => (String(n) === '1' ? '' : 's')
const boxes = (n: string) => `${n} box${n === '1' ? '' : 'es'}`

export const studioTrade: StudioTrade = {
  orders: {
    title: 'Orders', find: 'Order number or recipient', empty: 'No order here', tabs: { paid: 'To pack', packing: 'Packing', packed: 'Awaiting pick-up', shipped: 'On the way', delivered: 'Delivered', completed: 'Completed', closed: 'Refunded, cancelled' },
    late: 'past the ship day', shipDay: 'Ship day', shipBy: (day) => `ships ${day}`, lines: (title, n) => `${title} × ${n}`, placed: 'Placed', paid: 'Paid', refunded: 'Refunded', freight: 'Freight', to: 'To', note: 'Note', origin: 'From', originLive: 'Live room', originShop: 'Shop page', channels: { douyin: 'Douyin', kuaishou: 'Kuaishou', taobao: 'Taobao', pinduoduo: 'Pinduoduo', 'wechat-shop': 'WeChat shop', other: 'Another channel' }, lateMoney: 'money that came too late, sent back by rule', picks: 'Lots used',
    pick: (lot, n) => `${lot}, ${boxes(n)}`, timeline: 'What happened', parcel: 'Parcel', refunds: 'Refunds', refundRow: (sum, why) => `${sum}, ${why}`, refundStates: { refunding: 'under way', refund_failed: 'failed, tried again', refunded: 'refunded', manual_refund: 'the platform pays by hand', owed: 'on record as owed' },
    acts: { start: 'Start packing', pack: 'Pack', ship: 'Hand over', delivered: 'Mark delivered', refund: 'Refund' }, done: { start: 'Packing started', pack: 'Packed', ship: 'Handed over', delivered: 'Delivered', refund: 'Refunded' },
    packTitle: 'From which lot', packAuto: 'First to expire first', packAutoText: 'Chosen by best-before date', packChoose: 'Choose lots myself', packLeft: (n) => `${boxes(n)} left`, packNeed: (n, got) => `needs ${n}, chosen ${got}`, packAct: 'Packed',
    shipTitle: 'Which carrier', carrier: 'Carrier', waybill: 'Waybill', carriers: ['顺丰', '中通', '圆通', '申通', '韵达', '极兔', '邮政'], shipAct: 'Hand over, tell the buyer',
    refundTitle: 'Refund', refundAll: 'All', refundPart: 'A part', amount: 'How much', most: (sum) => `at most ${sum}`, reason: 'Reason', reasonHint: 'The buyer sees it', refundAsk: (sum) => `Refund ${sum} to the buyer?`, refundText: 'It goes back the way it came and cannot be taken back.', refundAct: (sum) => `Refund ${sum}`,
    deliveredAsk: 'Mark as delivered?', deliveredText: 'Only when the carrier says so.', deliveredAct: 'Mark delivered', waiting: (n) => `${n} waiting`, toPacking: 'Packing station', number: 'Order number', selectOne: 'Choose an order',
    by: { buyer: 'Buyer', seller: 'Shop', system: 'System', carrier: 'Carrier' }, refundTooMuch: 'More than can be refunded', pickWrong: 'The boxes must add up',
  },
  packing: {
    scanned: (n, of) => `${n} of ${of} boxes scanned`,
    title: 'Packing', steps: ['Order', 'Lot', 'Check', 'Label, close'], next: 'Next', boxes, orders: (n) => `${n} order${s(n)}`, empty: 'All packed', emptyText: 'New orders appear here.', start: 'Start this order', packed: 'Weight right, close it', waybill: 'Label, hand over', skip: 'Later', change: 'Other lot',
    auto: 'expires first, use it first', to: (place) => `to ${place}`, nth: (n, of) => `order ${n} of ${of}`, now: 'packing', net: (mass) => `net ${mass} each`, of: (mass) => `${mass} in all`, note: "Buyer's note", late: 'past the ship day', checks: ['As ordered', 'None spoiled', 'Net weight reached'],
    offline: 'No connection. Tap again once it is back', noLots: 'No box ready, pack a lot first', progress: (n, of) => `${n} packed, ${of} to go`, todayDone: (n) => `${n} packed this time`,
  },
  money: {
    title: 'Money', paid: 'Received', refunded: 'Refunded', fee: 'Platform fee', owed: 'Owed to growers', paidGrowers: 'Paid to growers', balance: 'Balance', equal: (at) => `Equal to the ledger, checked ${at}`, not: 'The ledger does not balance. Tell the platform', entries: 'Latest entries', noEntries: 'No entry yet', growers: "Growers' money", growersText: 'Owed once sold and paid for',
    formula: 'Balance = received - refunded - fee - paid to growers', at: 'Time', what: 'What', amount: 'Amount', statement: 'Statement', print: 'Print', delivered: 'Delivered', sold: 'Sold', gross: 'Gross', off: 'Taken off', owedNow: 'Still owed', paidAlready: 'Paid', due: (day) => `due ${day}`, noDue: 'Nothing due', noLines: 'Nothing yet',
    kinds: { delivered: 'Delivered', sold: 'Sold', taken_off: 'Taken off', paid: 'Paid' }, pay: 'Record a payment', payTitle: 'How much', most: (sum) => `${sum} owed`, method: 'How', methods: { cash: 'Cash', bank: 'Bank', wechat: 'WeChat' }, paidOn: 'On which day', evidence: 'Evidence', evidenceText: 'Screenshot or a signed receipt', note: 'Note', payAct: (sum) => `Record ${sum}`, payDone: 'Recorded', tooMuch: 'More than is owed',
    slip: (code) => `slip ${code}`, order: (number) => `order ${number}`, chooseHousehold: 'Choose a household', perJin: (price) => `${price} per 500 g`,
    accounts: { pay: 'Received', late: 'Came too late', late_back: 'Late money returned', refund: 'Refund', fee: 'Fee', owed: 'Owed to growers', owed_back: 'No longer owed', payout: 'Paid to a grower', paid_out: 'Paid to a grower' },
  },
}
