/** Keyboard manners of sheets and dialogs: focus stays inside, Escape closes, focus goes back. */
import { onBeforeUnmount, onMounted, type Ref } from 'vue'

const FOCUSABLE =
  'a[href],button:not([disabled]),input:not([disabled]),select:not([disabled]),textarea:not([disabled]),[tabindex]:not([tabindex="-1"])'

const open: HTMLElement[] = []

export function useTrap(box: Ref<HTMLElement | null>, close: () => void): void {
  const before = document.activeElement instanceof HTMLElement ? document.activeElement : null

  const inside = () =>
    Array.from(box.value?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? []).filter((one) => one.offsetParent !== null)

  function onKey(event: KeyboardEvent): void {
    if (open[open.length - 1] !== box.value) return
    if (event.key === 'Escape') {
      event.stopPropagation()
      close()
      return
    }
    if (event.key !== 'Tab') return
    const all = inside()
    const [first, last] = [all[0], all[all.length - 1]]
    const at = document.activeElement
    const out = !box.value?.contains(at)
    if (event.shiftKey && (at === first || out)) {
      last?.focus()
      event.preventDefault()
    } else if (!event.shiftKey && (at === last || out)) {
      first?.focus()
      event.preventDefault()
    }
  }

  onMounted(() => {
    if (!box.value) return
    open.push(box.value)
    document.addEventListener('keydown', onKey)
    // The box itself, so that no phone opens its keyboard and a reader hears the title.
    box.value.focus({ preventScroll: true })
  })
  onBeforeUnmount(() => {
    document.removeEventListener('keydown', onKey)
    const at = box.value ? open.indexOf(box.value) : -1
    if (at >= 0) open.splice(at, 1)
    before?.focus({ preventScroll: true })
  })
}
