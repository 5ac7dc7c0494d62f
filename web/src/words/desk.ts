import { table } from './locale'
import type { Desk } from './zh-CN/desk'

export const dw = table<Desk>({
  'zh-CN': async () => (await import('./zh-CN/desk')).desk,
  en: async () => (await import('./en/desk')).desk,
})
