export const studio = {
  brand: '田头工作室',
  today: '今天',
}

export type Studio = typeof studio
