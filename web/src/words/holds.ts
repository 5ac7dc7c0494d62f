import { table } from './locale'
import type { Holds } from './zh-CN/holds'

export const hw = table<Holds>({
  'zh-CN': async () => (await import('./zh-CN/holds')).holds,
  en: async () => (await import('./en/holds')).holds,
})
