/** Words of the chain: a lot's page, grading and packing runs, recalls, reports. */
import { table } from './locale'
import type { Chain } from './zh-CN/chain'

export const cw = table<Chain>({
  'zh-CN': async () => (await import('./zh-CN/chain')).chain,
  en: async () => (await import('./en/chain')).chain,
})
