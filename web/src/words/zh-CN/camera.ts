export const camera = {
  now: '镜头前',
  lot: '批次',
  picked: (day: string) => `${day}采摘`,
  mixed: (n: number) => `${n} 个采收批次混装`,
  measured: '镜头实测',
  pieces: (n: number) => `${n} 个平均`,
  brix: (value: string) => `糖度 ${value}`,
  diameter: (value: string) => `横径 ${value} 毫米`,
  weight: (value: string) => `单果 ${value} 克`,
  blemish: (value: string) => `瑕疵 ${value} 平方毫米`,
  fail: '低于等级要求',
}
export type Camera = typeof camera
