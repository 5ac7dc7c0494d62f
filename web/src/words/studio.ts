import { table } from './locale'
import type { Studio } from './zh-CN/studio'

export const sw = table<Studio>({
  'zh-CN': async () => (await import('./zh-CN/studio')).studio,
  en: async () => (await import('./en/studio')).studio,
})
