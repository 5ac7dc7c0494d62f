export const desk = {
  brand: '田头平台',
  today: '今天',
}

export type Desk = typeof desk
