import { table } from './locale'
import type { Recalls } from './zh-CN/recalls'

export const rw = table<Recalls>({
  'zh-CN': async () => (await import('./zh-CN/recalls')).recalls,
  en: async () => (await import('./en/recalls')).recalls,
})
