export const work = {
  demo: '演示数据',
  offline: '断网了，填的都还在',
  more: '更多',
  skip: '跳到正文',
  pages: '页面',
  grams: (n: string) => `= ${n} 克`,
  days: (n: number) => `${n} 天`,
  hours: (n: number) => `${n} 小时`,
  share: (n: number) => `剩 ${n}%`,
  over: '过期',
  hold: '再按住一会',
  up: '往上',
  down: '往下',
  filter: '筛选',
  signIn: { title: '先登录', text: '用手机号登录后再来。', act: '去登录' },
}

export type Work = typeof work
