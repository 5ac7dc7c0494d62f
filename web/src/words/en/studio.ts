import type { Studio } from '../zh-CN/studio'

export const studio: Studio = {
  brand: 'Tiantou Studio',
  today: 'Today',
}
