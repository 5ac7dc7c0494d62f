/** How this page can be paid from: inside WeChat, in a phone's browser, on a desk. */
import { onScopeDispose, shallowRef } from 'vue'
import { ApiError } from '@/api/problems'
import * as api from '@/api/trade'
import type { PayChoice, PayWay, Where } from '@/api/types'

const PHONE = /android|iphone|ipad|ipod|mobile|harmony/i

/** Desktop WeChat opens pages in a window of its own, where its bridge pays as well. */
export function whereOf(agent: string): Where {
  if (/micromessenger/i.test(agent)) return 'wechat'
  return PHONE.test(agent) ? 'phone' : 'desk'
}

/** The providers to choose from; while they are not known, and if there is one only, there is no choice. */
export function usePayWays() {
  const where = whereOf(navigator.userAgent)
  const ways = shallowRef<PayWay[]>([])
  const provider = shallowRef('')
  const asking = new AbortController()
  onScopeDispose(() => asking.abort())
  async function read(): Promise<void> {
    try {
      ways.value = (await api.payWays(where, asking.signal)).items
      provider.value ||= ways.value[0]?.provider ?? ''
    } catch (reason) {
      // The server chooses for itself when nothing is chosen here.
      if (!(reason instanceof ApiError) && !asking.signal.aborted) throw reason
    }
  }
  void read()
  const choice = (): PayChoice => ({ where, provider: provider.value })
  return { ways, provider, choice }
}
