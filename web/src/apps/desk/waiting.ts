/** How many sessions and organisations wait, for the rail; renewed each minute and after every decision. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import { get } from '@/api/client'
import { me } from '@/api/me'
import { ApiError } from '@/api/problems'
import type { Page } from '@/api/types'

const review = shallowRef(0)
const orgs = shallowRef(0)

export async function countWaiting(): Promise<void> {
  if (!me.value.operator || document.hidden) return
  try {
    const [sessions, applied] = await Promise.all([get<Page<unknown>>('/api/desk/review'), get<Page<unknown>>('/api/desk/orgs', { state: 'applied', limit: 100 })])
    review.value = sessions.items.length
    orgs.value = applied.items.length
  } catch (reason) {
    if (!(reason instanceof ApiError)) throw reason // the pages themselves show what failed
  }
}

export function waitingCounts() {
  watch(() => me.value.operator, () => void countWaiting(), { immediate: true })
  const timer = window.setInterval(() => void countWaiting(), 60_000)
  onScopeDispose(() => window.clearInterval(timer))
  return { review, orgs }
}
