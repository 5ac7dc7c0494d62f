import type { Desk } from '../zh-CN/desk'

export const desk: Desk = {
  brand: 'Tiantou Platform',
  today: 'Today',
  notOperator: { title: "This is the platform's desk", text: 'Sign in as one of its operators.', act: 'Home' },
  nav: { review: 'Review', sessions: 'On air', orgs: 'Sellers', refunds: 'Refunds by hand', bills: 'Bills', disruptions: 'Disruptions', queues: 'Health', audit: 'Audit log' },
  review: {
    title: 'Review before going live', empty: 'Nothing to review', emptyText: 'Sessions appear here when a shop sends them.', waiting: (n) => `${n} waiting`, first: (text) => `first one starts ${text}`, keys: { J: 'down', K: 'up', A: 'approve', R: 'return' },
    over: 'start time is over', inMinutes: (n) => `${n} min`, inHours: (h, m) => `${h} h ${m} min`, inDays: (n) => `${n} d`, after: (text) => `in ${text}`, since: (at) => `sent ${at}`,
    facts: { time: 'Time', host: 'Host', fee: 'Fee', venue: 'Shown', shop: 'Shop', reserved: 'Reserved' }, zero: 'commission 0, fee 0', fee: (fee, permille) => `fee ${fee}, commission ${permille}‰`, venues: { here: 'only here', both: 'here and elsewhere', elsewhere: 'only elsewhere' },
    goods: 'Goods', seller: 'Actual seller', paper: 'Lot', price: 'Price', stock: 'Stock', noLot: 'no lot', gate: 'Checked by the system',
    decision: 'Decision', look: ['Cover and goods are the same thing', 'No superlatives or cures in the title', 'Prices name their unit and their base', 'Host and fee are stated'], reasons: 'What has to change, if you return it', reasonsHint: 'The organiser reads exactly this and may send again', approve: 'Approve', back: 'Return', approved: 'Approved', returned: 'Returned', history: 'History',
    words: (found) => `The title says "${found}"`, prevReturned: 'returned before', prevApproved: 'approved before', decisions: { approve: 'Approved', return: 'Returned', approved: 'Approved', returned: 'Returned', suspend: 'Suspended', lift: 'Lifted', terminate: 'Terminated' }, noHistory: 'First time',
  },
  sessions: {
    title: 'Sessions', states: { live: 'Live', interrupted: 'Signal lost', suspended: 'Suspended', ready: 'Ready', ended: 'Ended' }, empty: 'None now', watch: 'See the room', suspend: 'Suspend', lift: 'Lift', terminate: 'Terminate', reason: 'Reason', reasonHint: 'Goes into the audit log; the shop reads it',
    suspendTitle: (title) => `Suspend "${title}"`, liftTitle: (title) => `Lift "${title}"`, terminateTitle: (title) => `Terminate "${title}"`, terminateAsk: 'It cannot go on after this.', done: { suspend: 'Suspended', lift: 'Lifted', terminate: 'Terminated' }, since: (at) => `live since ${at}`, starts: (at) => `starts ${at}`,
  },
  orgs: {
    title: 'Sellers', empty: 'Nothing to check', states: { applied: 'Waiting', admitted: 'Admitted', refused: 'Refused', suspended: 'Suspended' }, admit: 'Admit', refuse: 'Refuse', reason: 'What is wrong', reasonHint: 'The applicant reads exactly this and may send again', admitted: 'Admitted', refused: 'Refused', code: 'Registration code', noCode: 'Household, no code', codeOk: 'check digit holds', codeBad: 'check digit fails', place: 'Place', in832: 'Formerly poor county', contact: 'Contact', pick: 'Choose one', verified: (day) => `verified until ${day}`, refusal: 'Said before', company: 'Details',
  },
  refunds: { title: 'Refunds by hand', empty: 'No refund waits for you', text: 'What the provider would not refund: pay it another way, then record it.', done: 'Paid another way', note: 'How', noteHint: 'e.g. the bank reference', recorded: 'Recorded', tries: (n) => `${n} tries` },
  bills: {
    title: 'Bills', text: "Each day's bill of the payment providers against our books, after 10:30 the next day", empty: 'Nothing compared yet', emptyText: 'It begins the day after the first money has come.', differences: 'Differences', agree: 'Everything agrees', day: 'Day', paid: 'Paid', refunded: 'Refunded', at: 'Compared', ours: 'Ours', theirs: 'Theirs', none: 'none', noBill: 'no bill there',
    providers: { wechat: 'WeChat Pay', alipay: 'Alipay', sandbox: 'Demo payment' }, kinds: { payment: 'payment', refund: 'refund' }, what: { missing_here: 'There, not here', missing_there: 'Here, not there', amount_differs: 'Amounts differ' },
  },
  queues: {
    title: 'Health', timers: 'Timers', standing: 'standing', late: 'late', failing: 'failing', facts: 'Facts', consumer: 'Consumer', source: 'From', behind: 'Behind', moved: 'Last moved', parked: 'Parked', parkedText: 'Tried many times. Read why before running it again', retrying: 'Will be tried again', none: 'Nothing is parked', run: 'Run again', ran: 'Queued', tries: (n) => `${n} tries`, writer: 'Oldest writing transaction', seconds: (n) => `${n} s`, reaction: 'Reaction', key: 'Key', error: 'Why', books: 'Books', booksRight: (at) => `Audited ${at}: stock, orders, payments and ledger agree`, booksNever: 'Not audited yet; it runs each night at 3', booksWrong: (at) => `The audit ${at} found differences; look into them before refunding`, rows: (n) => `${n} rows`, auto: 'renewed every 10 s',
  },
  audit: { title: 'Audit log', empty: 'Nothing yet', no: 'No.', at: 'Time', act: 'Act', on: 'On', who: 'Who', change: 'Change', find: 'object, e.g. session:…', system: 'system', chain: 'Every entry carries the fingerprint of the one before', before: 'before', after: 'after',
    acts: {
      'accounts.operator-made': 'Made an operator', 'accounts.org-admitted': 'Seller admitted', 'accounts.org-changed': 'Seller changed its details', 'accounts.org-refused': 'Seller refused', 'accounts.org-suspended': 'Seller suspended', 'accounts.org-reinstated': 'Seller reinstated',
      'accounts.person-erased': 'Person erased', 'accounts.role-given': 'Member added', 'accounts.role-taken': 'Member removed', 'live.flash': 'Flash price opened', 'live.hide': 'Line hidden', 'live.price': 'Price changed',
      'live.mute': 'Muted', 'live.unmute': 'Unmuted', 'live.ban': 'Banned', 'live.unban': 'Ban lifted', 'oversight.approve': 'Session approved', 'oversight.return': 'Session returned',
      'oversight.suspend': 'Session suspended', 'oversight.lift': 'Suspension lifted', 'oversight.terminate': 'Session terminated', 'oversight.delete-recording': 'Recording deleted', 'queues.run': 'Parked fact run again', 'supply.new-reading': 'Weight corrected',
      'supply.payee': 'Payee changed', 'supply.void': 'Slip voided', 'supply.weigh-in': "Weighed on another's behalf", 'trade.lost': 'Parcel lost', 'trade.payout': 'Household paid', 'trade.refund': 'Refunded',
      'trade.refund-by-hand': 'Refunded by hand', 'trade.short-of-goods': 'Refunded, short of goods',
    },
  },
}
