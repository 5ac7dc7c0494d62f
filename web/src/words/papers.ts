import { table } from './locale'
import type { Papers } from './zh-CN/papers'

export const aw = table<Papers>({
  'zh-CN': async () => (await import('./zh-CN/papers')).papers,
  en: async () => (await import('./en/papers')).papers,
})
