/** Words of the parts that both desks use. */
import { table } from './locale'
import type { Work } from './zh-CN/work'

export const ww = table<Work>({
  'zh-CN': async () => (await import('./zh-CN/work')).work,
  en: async () => (await import('./en/work')).work,
})
