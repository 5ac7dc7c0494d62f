/** Words that all three apps use: `w.buy`, `w.problems['sold-out'](problem)`. */
import { table } from './locale'
import type { Shared } from './zh-CN/shared'

export const w = table<Shared>({
  'zh-CN': async () => (await import('./zh-CN/shared')).shared,
  en: async () => (await import('./en/shared')).shared,
})
