import type { Desk } from '../zh-CN/desk'

export const desk: Desk = {
  brand: 'Tiantou Desk',
  today: 'Today',
}
