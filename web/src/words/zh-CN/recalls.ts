/** Words of a buyer's recalls. */
export const recalls = {
  title: '召回通知',
  empty: '没有召回',
  emptyText: '你买的东西要是被召回，会在这里写明。',
  band: '这一单有召回，请不要吃',
  bandText: (boxes: string, code: string) => `批次 ${code}，${boxes} 箱`,
  refunded: (sum: string) => `${sum} 会退回`,
  ack: '我知道了',
  acked: '你已经确认',
  order: (number: string) => `订单 ${number}`,
  told: (at: string) => `${at} 通知`,
  keep: '别吃，也别送人；拍照后扔掉就行，不用寄回。',
}
export type Recalls = typeof recalls
