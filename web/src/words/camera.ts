import { table } from './locale'
import type { Camera } from './zh-CN/camera'

export const cw = table<Camera>({
  'zh-CN': async () => (await import('./zh-CN/camera')).camera,
  en: async () => (await import('./en/camera')).camera,
})
