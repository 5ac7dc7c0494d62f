/** Pasted addresses, taken apart by the server shortly after the last sign was typed. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import { problemOf, type Problem } from '@/api/problems'
import { splitAddresses } from '@/api/trade'
import type { PastedAddress } from '@/api/types'

const PAUSE_MS = 300
export const PHONE = /^1[3-9]\d{9}$/

/** Whether an order could go there as it was understood. */
export const whole = (one: PastedAddress) => !!one.recipient && PHONE.test(one.phone) && !!one.division && one.detail.length >= 2

export function useSplit() {
  const text = shallowRef('')
  const found = shallowRef<PastedAddress[]>([])
  const problem = shallowRef<Problem | null>(null)
  let asking = new AbortController()
  let pause: ReturnType<typeof setTimeout> | undefined

  async function ask(): Promise<void> {
    asking.abort()
    const mine = (asking = new AbortController())
    const now = text.value.trim()
    if (!now) {
      found.value = []
      return
    }
    try {
      const told = await splitAddresses(now, mine.signal)
      if (mine.signal.aborted) return
      found.value = told.items
      problem.value = null
    } catch (reason) {
      if (!mine.signal.aborted) problem.value = problemOf(reason)
    }
  }
  watch(text, () => {
    clearTimeout(pause)
    pause = setTimeout(() => void ask(), PAUSE_MS)
  })
  onScopeDispose(() => {
    clearTimeout(pause)
    asking.abort()
  })
  return { text, found, problem }
}
