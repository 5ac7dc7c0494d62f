/** Words of sessions, going live and the control room. */
import { table } from './locale'
import type { StudioLive } from './zh-CN/studio-live'

export const lw = table<StudioLive>({
  'zh-CN': async () => (await import('./zh-CN/studio-live')).studioLive,
  en: async () => (await import('./en/studio-live')).studioLive,
})
