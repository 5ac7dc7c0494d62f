/** The cart's lines beside their offers as they stand now. */
import { computed, onScopeDispose, shallowRef } from 'vue'
import { ApiError, problemOf, type Problem } from '@/api/problems'
import * as api from '@/api/trade'
import type { Offer } from '@/api/types'
import { cart, UNITS_MAX, type CartLine } from './cart'

export interface Row { line: CartLine; offer: Offer | null; max: number; state: 'open' | 'soon' | 'sold_out' | 'withdrawn' | 'paused' }

function stateOf(offer: Offer | null, now: number): Row['state'] {
  if (!offer || offer.state === 'closed') return 'withdrawn'
  if (offer.units_left <= 0) return 'sold_out'
  if (offer.state !== 'open') return 'paused'
  return Date.parse(offer.opens_at) > now ? 'soon' : 'open'
}

export function useCart(now: () => number) {
  const offers = shallowRef(new Map<string, Offer | null>())
  const problem = shallowRef<Problem | null>(null)
  const loading = shallowRef(true)
  const reading = new AbortController()
  onScopeDispose(() => reading.abort())

  async function read(): Promise<void> {
    loading.value = true
    problem.value = null
    const wanted = [...new Map(cart.value.map((one) => [one.offer_id, one])).values()]
    const found = await Promise.all(
      wanted.map(async (one): Promise<[string, Offer | null] | null> => {
        try {
          return [one.offer_id, await api.offer(one.shop_id, one.offer_id, reading.signal)]
        } catch (reason) {
          if (reading.signal.aborted) return null
          if (reason instanceof ApiError && reason.problem.kind === 'not-found') return [one.offer_id, null]
          problem.value = problemOf(reason)
          return null
        }
      }),
    )
    if (reading.signal.aborted) return
    offers.value = new Map(found.filter((one) => one !== null))
    loading.value = false
  }
  void read()

  const rows = computed<Row[]>(() =>
    cart.value.map((line) => {
      const offer = offers.value.get(line.offer_id) ?? null
      const max = offer ? Math.max(1, Math.min(UNITS_MAX, offer.units_left, offer.per_buyer ?? UNITS_MAX)) : UNITS_MAX
      return { line, offer, max, state: stateOf(offer, now()) }
    }),
  )
  /** What can be bought now of what is ticked. */
  const chosen = computed(() => rows.value.filter((row) => row.line.on && row.state === 'open'))
  const goods_fen = computed(() => chosen.value.reduce((sum, row) => sum + (row.offer?.price_fen ?? 0) * Math.min(row.line.units, row.max), 0))
  return { rows, chosen, goods_fen, loading, problem, read }
}
