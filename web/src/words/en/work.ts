import type { Work } from '../zh-CN/work'

export const work: Work = {
  demo: 'Demo',
  offline: 'No connection. What you typed is kept',
  more: 'More',
  skip: 'Skip to content',
  pages: 'Pages',
  grams: (n) => `= ${n} g`,
  days: (n) => `${n} day${n === 1 ? '' : 's'}`,
  hours: (n) => `${n} h`,
  share: (n) => `${n}% left`,
  over: 'Over',
  hold: 'Keep holding',
  up: 'Up',
  down: 'Down',
  filter: 'Filter',
  checks: {
    identity: 'Identity valid', review: 'Session reviewed', seller_file: 'Goods and seller files complete', unit_price: 'Prices name their unit', certificate: 'Certificates complete', stock: 'Everything stocked',
    recording: 'Recording can be written, kept three years', host: 'Host file complete', training: "This year's training done", tasting: 'Host has tasted',
  },
  whys: {
    'not-admitted': 'not admitted yet', 'verification-overdue': 'verification overdue', 'shelf-empty': 'nothing chosen', 'product-off': 'a product is off', 'not-approved': 'not reviewed', 'cannot-record': 'disk not writable',
    'never-stocked': 'never stocked', 'no-certificate': 'no certificate', training: 'no record', 'seller-not-admitted': 'seller not admitted', 'seller-verification-overdue': "seller's verification overdue", 'not-open-to-rooms': 'its seller does not agree',
  },
  whyOf: (what, name) => `${name}: ${what}`,
  coupons: {
    nav: 'Coupons', title: 'Coupons', add: 'New coupon', act: 'Issue', none: 'No coupons yet', noneShop: 'A shop coupon takes off the price of your own goods, at your cost.', nonePlatform: 'A platform coupon is good in every shop. The platform pays; sellers get their full price.', name: 'Name', nameHint: 'At most 30 characters', off: 'Takes off', threshold: 'For goods from', pieces: 'How many', perBuyer: 'For one person at most', unit: 'pieces',
    from: 'Can be claimed from', fromHint: 'Leave empty for now', until: 'Can be claimed until', use: 'Has to be used', useDays: 'Days after the claim', useUntil: 'Until a date', useDaysLabel: 'Days', done: 'Issued',
    state: { open: 'Open', soon: 'Not yet', over: 'Over', closed: 'Closed' }, issued: 'Issued', left: 'Left', used: 'Used', claimed: 'Claimed', window: 'Claimed', more: 'More', moreTitle: (name) => `More of "${name}"`, moreAct: 'Add', close: 'Close', closeAsk: (name) => `Close "${name}"?`, closeText: 'Nobody can claim it any more. What was claimed stays usable.', span: (from, until) => `${from} to ${until}`,
  },
  disruptions: {
    title: 'Disruptions', add: 'Add a disruption', act: 'State it and move open orders', none: 'Everything goes everywhere', noneText: 'State a closed road, a storm or a strike here: nobody can order there, and open orders move together.',
    deliver: 'No delivery in', pickUp: 'No pick-up in', from: 'From', fromHint: 'empty is now', until: 'Until (30 days at most)', reason: 'Reason', reasonHint: 'buyers read it, e.g. road washed away',
    what: 'Orders that were to leave in this time move to the first free day and are not late. Buyers are told, and may cancel free until the parcel leaves.', whole: (name) => `All of ${name}`, and: ', ',
    states: { coming: 'Coming', on: 'On now', over: 'Over' }, byOperator: 'by the platform', noDelivery: (places) => `No delivery: ${places}`, noPickUp: (places) => `No pick-up: ${places}`,
    span: (from, until) => `${from} to ${until}`, moved: (n) => `${n} orders moved`, done: (n) => `Stated, ${n} orders moved`, end: 'End it now', endAsk: 'Does everything go there again?', endText: 'Orders are taken at once. Those that moved keep their new day.',
  },
  signIn: { title: 'Sign in first', text: 'With your phone number, then come back.', act: 'Sign in' },
}
