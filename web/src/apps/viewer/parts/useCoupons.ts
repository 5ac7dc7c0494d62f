/** Which coupons an order uses: the best that fit are chosen, and can be changed. */
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { signedIn } from '@/api/me'
import { ApiError } from '@/api/problems'
import * as api from '@/api/trade'
import type { CouponClaim } from '@/api/types'

export interface Chosen { shop: CouponClaim | null; platform: CouponClaim | null }

/** The one that takes most off goods of this price; of two alike, the one that ends first. */
export function best(claims: readonly CouponClaim[], kind: CouponClaim['kind'], goods_fen: number): CouponClaim | null {
  const fit = claims.filter((one) => one.kind === kind && one.threshold_fen <= goods_fen)
  return fit.sort((a, b) => b.off_fen - a.off_fen || a.usable_until.localeCompare(b.usable_until))[0] ?? null
}

/** What they take off: at least one fen stays to pay. */
export function offOf(chosen: Chosen, goods_fen: number): number {
  return Math.min((chosen.shop?.off_fen ?? 0) + (chosen.platform?.off_fen ?? 0), goods_fen - 1)
}

export function useCoupons(shop: () => string, goods_fen: () => number) {
  const usable = shallowRef<CouponClaim[]>([])
  /** A choice of one's own; undefined: the best one. */
  const own = shallowRef<{ shop?: CouponClaim | null; platform?: CouponClaim | null }>({})
  let asking = new AbortController()
  onScopeDispose(() => asking.abort())

  async function read(): Promise<void> {
    asking.abort()
    const mine = (asking = new AbortController())
    if (!signedIn.value) return
    try {
      const found = await api.usableCoupons(shop(), mine.signal)
      if (!mine.signal.aborted) usable.value = found.items
    } catch (reason) {
      // Without coupons an order is as good: nothing is said here.
      if (!(reason instanceof ApiError) && !mine.signal.aborted) throw reason
    }
  }
  watch(() => [shop(), signedIn.value], () => void read(), { immediate: true })

  const fits = (one: CouponClaim | null | undefined) => (one && one.threshold_fen > goods_fen() ? undefined : one)
  const pick = (kind: CouponClaim['kind']) => {
    const mine = fits(own.value[kind])
    return mine === undefined ? best(usable.value, kind, goods_fen()) : mine
  }
  const chosen = computed<Chosen>(() => ({ shop: pick('shop'), platform: pick('platform') }))
  const off_fen = computed(() => offOf(chosen.value, goods_fen()))
  const choose = (kind: CouponClaim['kind'], one: CouponClaim | null) => (own.value = { ...own.value, [kind]: one })
  return { usable, chosen, off_fen, choose, read }
}
