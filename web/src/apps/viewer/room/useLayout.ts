/** The room's two shapes, and where the seller strip ends, so that sheets end under it. */
import { onMounted, onScopeDispose, shallowRef, watch, type Ref } from 'vue'

export function useLayout(head: Ref<HTMLElement | null>) {
  const query = window.matchMedia('(min-width: 900px), (orientation: landscape) and (max-height: 560px)')
  const wide = shallowRef(query.matches)
  const root = document.documentElement.style

  function measure(): void {
    const bottom = head.value?.getBoundingClientRect().bottom ?? 144
    root.setProperty('--strip-bottom', wide.value ? '0px' : `${Math.ceil(bottom) + 8}px`)
  }
  const changed = () => {
    wide.value = query.matches
    measure()
  }
  const observer = new ResizeObserver(measure)
  onMounted(() => {
    query.addEventListener('change', changed)
    measure()
  })
  watch(head, (now, before) => {
    if (before) observer.unobserve(before)
    if (now) observer.observe(now)
    measure()
  })
  onScopeDispose(() => {
    query.removeEventListener('change', changed)
    observer.disconnect()
    root.removeProperty('--strip-bottom')
  })
  return { wide }
}
