/** A list read page by page: `more` adds the next, `reload` begins anew. */
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { ApiError, type Problem } from '@/api/problems'
import type { Page } from '@/api/types'

export function useList<T>(ask: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>, on?: () => unknown) {
  const items: ShallowRef<T[] | null> = shallowRef(null)
  const next: ShallowRef<string | null> = shallowRef(null)
  const loading = shallowRef(false)
  const problem: ShallowRef<Problem | null> = shallowRef(null)
  let current = new AbortController()

  async function read(cursor: string | null): Promise<void> {
    current.abort()
    const mine = (current = new AbortController())
    loading.value = true
    try {
      const page = await ask(cursor, mine.signal)
      if (mine.signal.aborted) return
      items.value = cursor ? [...(items.value ?? []), ...page.items] : page.items
      next.value = page.next
      problem.value = null
    } catch (reason) {
      if (mine.signal.aborted) return
      if (!(reason instanceof ApiError)) throw reason
      problem.value = reason.problem
    } finally {
      if (!mine.signal.aborted) loading.value = false
    }
  }
  const reload = () => read(null)
  if (on) {
    watch(on, () => {
      items.value = null
      void reload()
    })
  }
  void reload()
  onScopeDispose(() => current.abort())
  return { items, next, loading, problem, reload, more: () => read(next.value) }
}
