/** How this reader wants the pages: theme and large mode, kept in the browser, shown on <html>. */
import { shallowRef, watch } from 'vue'
import { kept } from '@/words/locale'

export type Theme = 'system' | 'light' | 'dark'
const THEMES: readonly string[] = ['system', 'light', 'dark']

const first = kept.read('tiantou.theme') ?? 'system'
export const theme = shallowRef<Theme>(THEMES.includes(first) ? (first as Theme) : 'system')
export const elder = shallowRef(false)
/** What a page asks for where the reader follows the system (the control room is dark). */
const pageTheme = shallowRef<'light' | 'dark' | null>(null)

const system = window.matchMedia('(prefers-color-scheme: dark)')

function show(): void {
  const wanted = theme.value === 'system' ? (pageTheme.value ?? (system.matches ? 'dark' : 'light')) : theme.value
  const root = document.documentElement
  root.dataset.theme = wanted
  root.classList.toggle('van-theme-dark', wanted === 'dark')
  root.toggleAttribute('data-elder', elder.value)
}

export function setTheme(to: Theme): void {
  theme.value = to
  kept.write('tiantou.theme', to)
}
export function setElder(to: boolean): void {
  elder.value = to
  kept.write('tiantou.elder', to ? '1' : '0')
}
export function askTheme(to: 'light' | 'dark' | null): void {
  pageTheme.value = to
}

export function startSettings(): void {
  const asked = new URLSearchParams(location.search).get('elder')
  if (asked === '1' || asked === '0') setElder(asked === '1')
  else elder.value = kept.read('tiantou.elder') === '1'
  system.addEventListener('change', show)
  watch([theme, elder, pageTheme], show, { immediate: true, flush: 'sync' })
}
