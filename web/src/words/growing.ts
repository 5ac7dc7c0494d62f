/** Words of plots, seasons and collection runs. */
import { table } from './locale'
import type { Growing } from './zh-CN/growing'

export const gw = table<Growing>({
  'zh-CN': async () => (await import('./zh-CN/growing')).growing,
  en: async () => (await import('./en/growing')).growing,
})
