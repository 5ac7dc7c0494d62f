import type { Recalls } from '../zh-CN/recalls'

const boxes = (n: string) => `${n} box${n === '1' ? '' : 'es'}`

export const recalls: Recalls = {
  title: 'Recalls',
  empty: 'No recall',
  emptyText: 'If something you bought is recalled, it stands here.',
  band: 'Recalled: please do not eat it',
  bandText: (n, code) => `Lot ${code}, ${boxes(n)}`,
  refunded: (sum) => `${sum} go back to you`,
  ack: 'I have read it',
  acked: 'You have confirmed',
  order: (number) => `Order ${number}`,
  told: (at) => `told ${at}`,
  keep: 'Do not eat it, nor give it away; take a photo and throw it out. No need to send it back.',
}
