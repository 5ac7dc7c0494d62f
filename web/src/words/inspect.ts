import { table } from './locale'
import type { Inspect } from './zh-CN/inspect'

export const iw = table<Inspect>({
  'zh-CN': async () => (await import('./zh-CN/inspect')).inspect,
  en: async () => (await import('./en/inspect')).inspect,
})
