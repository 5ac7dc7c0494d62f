/** A list that comes a page at a time. */
import { shallowRef, type ShallowRef } from 'vue'
import { get, type Query } from '@/api/client'
import { useLoad, type Loaded } from '@/api/load'
import { ApiError, type Problem } from '@/api/problems'
import type { Page } from '@/api/types'

export interface Paged<T> extends Loaded<T[]> {
  next: ShallowRef<string | null>
  more: () => Promise<void>
  moreProblem: ShallowRef<Problem | null>
}

/** First page now and whenever `ask()` changes; `more()` adds the next one. `ask()` of null asks for nothing. */
export function usePages<T>(ask: () => { path: string; query?: Query }): Paged<T> {
  const next: ShallowRef<string | null> = shallowRef(null)
  const moreProblem: ShallowRef<Problem | null> = shallowRef(null)
  const list = useLoad<T[]>(
    async (signal) => {
      const { path, query } = ask()
      const page = await get<Page<T> | T[]>(path, { limit: 100, ...query }, signal)
      next.value = Array.isArray(page) ? null : page.next
      return Array.isArray(page) ? page : page.items
    },
    () => JSON.stringify(ask()),
  )
  async function more(): Promise<void> {
    const { path, query } = ask()
    if (!next.value) return
    moreProblem.value = null
    try {
      const page = await get<Page<T>>(path, { limit: 100, ...query, cursor: next.value })
      list.value.value = [...(list.value.value ?? []), ...page.items]
      next.value = page.next
    } catch (reason) {
      if (!(reason instanceof ApiError)) throw reason
      moreProblem.value = reason.problem
    }
  }
  return { ...list, next, more, moreProblem }
}
