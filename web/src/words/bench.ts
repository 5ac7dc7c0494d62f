/** Words of the packing bench and of what waits for the network. */
import type { Bench } from './zh-CN/bench'
import { table } from './locale'

export const bw = table<Bench>({
  'zh-CN': async () => (await import('./zh-CN/bench')).bench,
  en: async () => (await import('./en/bench')).bench,
})
