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
  signIn: { title: 'Sign in first', text: 'With your phone number, then come back.', act: 'Sign in' },
}
