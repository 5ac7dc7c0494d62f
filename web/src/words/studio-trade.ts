/** Words of orders, packing and money. */
import { table } from './locale'
import type { StudioTrade } from './zh-CN/studio-trade'

export const tw = table<StudioTrade>({
  'zh-CN': async () => (await import('./zh-CN/studio-trade')).studioTrade,
  en: async () => (await import('./en/studio-trade')).studioTrade,
})
