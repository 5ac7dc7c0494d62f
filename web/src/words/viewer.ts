/** Words of the viewer's app. */
import { table } from './locale'
import type { Viewer } from './zh-CN/viewer'

export const v = table<Viewer>({
  'zh-CN': async () => (await import('./zh-CN/viewer')).viewer,
  en: async () => (await import('./en/viewer')).viewer,
})
