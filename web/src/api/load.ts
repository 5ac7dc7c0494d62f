/** What a page reads: its value, whether it is being asked for, and why it could not be had. */
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { ApiError, type Problem } from './problems'

export interface Loaded<T> {
  value: ShallowRef<T | null>
  loading: ShallowRef<boolean>
  problem: ShallowRef<Problem | null>
  reload: () => Promise<void>
}

/** Ask now and whenever `on()` changes; an older answer never overwrites a newer one. */
export function useLoad<T>(ask: (signal: AbortSignal) => Promise<T>, on?: () => unknown): Loaded<T> {
  const value: ShallowRef<T | null> = shallowRef(null)
  const loading = shallowRef(false)
  const problem = shallowRef<Problem | null>(null)
  let current = new AbortController()

  async function reload(): Promise<void> {
    current.abort()
    const mine = (current = new AbortController())
    loading.value = true
    try {
      const fresh = await ask(mine.signal)
      if (mine.signal.aborted) return
      value.value = fresh
      problem.value = null
    } catch (reason) {
      if (mine.signal.aborted) return
      if (!(reason instanceof ApiError)) throw reason
      problem.value = reason.problem
    } finally {
      if (!mine.signal.aborted) loading.value = false
    }
  }
  if (on) {
    watch(on, () => {
      value.value = null
      void reload()
    })
  }
  void reload()
  onScopeDispose(() => current.abort())
  return { value, loading, problem, reload }
}
