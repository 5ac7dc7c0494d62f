/** The language on screen: asked for in the address, else chosen before, else the browser's. */
import { shallowReactive, shallowRef } from 'vue'

export type Locale = 'zh-CN' | 'en'
const KEPT = 'tiantou.locale'

const asLocale = (text: string | null | undefined): Locale | null => {
  if (!text) return null
  if (/^zh/i.test(text)) return 'zh-CN'
  return /^en/i.test(text) ? 'en' : null
}

/** Reads and writes what the browser keeps; a browser that keeps nothing is no failure. */
export const kept = {
  read(name: string): string | null {
    try {
      return localStorage.getItem(name)
    } catch {
      return null
    }
  },
  write(name: string, value: string): void {
    try {
      localStorage.setItem(name, value)
    } catch {
      // private windows keep nothing
    }
  },
}

function firstLocale(): Locale {
  const asked = asLocale(new URLSearchParams(location.search).get('lang'))
  if (asked) kept.write(KEPT, asked)
  const known = [asked, asLocale(kept.read(KEPT)), ...navigator.languages.map(asLocale)]
  return known.find((locale) => locale !== null) ?? 'zh-CN'
}

export const locale = shallowRef<Locale>('zh-CN')

interface Table { load: (to: Locale) => Promise<() => void> }
const tables: Table[] = []

/** A table of words in both languages. The English one has the type of the Chinese one, so no key can be missing.
 *
 * The result is read like a plain object and follows the language; it is filled by `loadWords`.
 */
export function table<T extends object>(source: Record<Locale, () => Promise<T>>): T {
  const words = shallowReactive({} as T)
  tables.push({
    async load(to) {
      const fresh = await source[to]()
      return () => {
        Object.assign(words, fresh)
      }
    },
  })
  return words as T
}

/** Fetch every table the app imported, then change all of them at once. */
export async function loadWords(to: Locale = firstLocale()): Promise<void> {
  const apply = await Promise.all(tables.map((one) => one.load(to)))
  for (const one of apply) one()
  locale.value = to
  document.documentElement.lang = to
}

/** The user's own choice, kept for the next visit. */
export async function setLocale(to: Locale): Promise<void> {
  kept.write(KEPT, to)
  await loadWords(to)
}
