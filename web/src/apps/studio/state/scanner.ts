/** A scanner is a keyboard that types fast and ends with Enter; a label says a code, or the address of its passport. */
import { onBeforeUnmount, onMounted } from 'vue'

const GAP_MS = 300
const CODE = /^[0-9A-Z]{8,20}$/

/** The code of a box in what was scanned, or nothing. */
export function codeOf(text: string): string | null {
  const last = text.trim().split('/').pop()?.toUpperCase() ?? ''
  return CODE.test(last) ? last : null
}

/** Calls with every code that is scanned while nobody types into a field; `read` says which texts are one. */
export function useScanner(got: (code: string) => void, read: (text: string) => string | null = codeOf): void {
  let typed = ''
  let at = 0
  function hear(event: KeyboardEvent): void {
    const target = event.target
    if (target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))) return
    if (event.timeStamp - at > GAP_MS) typed = ''
    at = event.timeStamp
    if (event.key.length === 1) typed += event.key
    if (event.key !== 'Enter') return
    const code = read(typed)
    typed = ''
    if (!code) return
    event.preventDefault()
    got(code)
  }
  onMounted(() => window.addEventListener('keydown', hear))
  onBeforeUnmount(() => window.removeEventListener('keydown', hear))
}
