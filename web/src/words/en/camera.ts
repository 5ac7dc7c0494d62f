import type { Camera } from '../zh-CN/camera'

export const camera: Camera = {
  now: 'On camera',
  lot: 'lot',
  picked: (day) => `picked ${day}`,
  mixed: (n) => `mixed of ${n} harvests`,
  measured: 'Measured',
  pieces: (n) => `mean of ${n}`,
  brix: (value) => `Brix ${value}`,
  diameter: (value) => `${value} mm across`,
  weight: (value) => `${value} g each`,
  blemish: (value) => `blemish ${value} mm²`,
  fail: 'outside its grade',
}
