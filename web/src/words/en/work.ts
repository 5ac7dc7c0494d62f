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
  signIn: { title: 'Sign in first', text: 'With your phone number, then come back.', act: 'Sign in' },
}
