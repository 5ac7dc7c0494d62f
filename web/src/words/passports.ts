import { table } from './locale'
import type { Passports } from './zh-CN/passports'

export const pw = table<Passports>({
  'zh-CN': async () => (await import('./zh-CN/passports')).passports,
  en: async () => (await import('./en/passports')).passports,
})
