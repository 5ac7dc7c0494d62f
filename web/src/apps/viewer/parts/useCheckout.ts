/** Checking out what is ticked in the cart: an order a shop and destination, one payment for all. */
import { computed, onScopeDispose, reactive, shallowRef, watch, type ShallowRef } from 'vue'
import { useAct } from '@/api/act'
import { signedIn } from '@/api/me'
import { problemOf, readProblem, type Problem } from '@/api/problems'
import * as api from '@/api/trade'
import type { Address, BasketPart, CouponClaim, PartPlaced, PartQuoted } from '@/api/types'
import { shipsBy } from '../room/useOrder'
import { byShop, drop } from './cart'
import { usePayWays } from './payWays'
import { best, offOf } from './useCoupons'
import type { Row } from './useCart'

/** To whom, and how many of each thing; a greeting goes along with a gift. */
export interface Destination { id: number; address: Address | null; units: Record<string, number>; note: string }
export interface PartShown { part: BasketPart; rows: Row[]; to: Destination; goods_fen: number; off_fen: number }
/** As many unpaid orders as a shop lets one buyer have. */
export const DESTINATIONS_MAX = 10

type Claims = ReadonlyMap<string, CouponClaim[]>
const unitsOf = (to: Destination, row: Row) => to.units[row.line.offer_id] ?? 0

/** One order: what of a shop's goods goes to somebody. `used`: coupons of the orders before it. */
function partOf(to: Destination, address: Address, mine: Row[], shop_id: string, claims: Claims, used: Set<string>): PartShown {
  const goods_fen = mine.reduce((sum, row) => sum + unitsOf(to, row) * (row.offer?.price_fen ?? 0), 0)
  const all = mine.reduce((sum, row) => sum + unitsOf(to, row), 0)
  const free = (claims.get(shop_id) ?? []).filter((one) => !used.has(one.id))
  const chosen = { shop: best(free, 'shop', goods_fen), platform: best(free, 'platform', goods_fen) }
  for (const one of [chosen.shop, chosen.platform]) if (one) used.add(one.id)
  const part: BasketPart = {
    shop_id,
    lines: mine.map((row) => ({ offer_id: row.line.offer_id, units: unitsOf(to, row), price_fen: row.offer?.price_fen ?? 0, snapshot: row.offer?.snapshot ?? '' })),
    address_id: address.id,
    origin: mine[0]?.line.origin ?? 'shop',
    note: to.note,
    ship_day: mine.map((row) => (row.offer ? shipsBy(row.offer, all) : '')).sort().at(-1) ?? null,
    coupon: chosen.shop?.id ?? null,
    platform_coupon: chosen.platform?.id ?? null,
  }
  return { part, rows: mine, to, goods_fen, off_fen: offOf(chosen, goods_fen) }
}

/** Each coupon is used once: a shop's with its first order that it fits, the platform's with the first of all. */
export function partsOf(destinations: readonly Destination[], rows: readonly Row[], claims: Claims): PartShown[] {
  const used = new Set<string>()
  const shops = byShop(rows.map((row) => ({ row, shop_id: row.line.shop_id })))
  return destinations.flatMap((to) =>
    shops.flatMap((group) => {
      const mine = group.map((one) => one.row).filter((row) => row.offer && unitsOf(to, row) > 0)
      const shop_id = group[0]?.shop_id
      return to.address && shop_id && mine.length ? [partOf(to, to.address, mine, shop_id, claims, used)] : []
    }),
  )
}

/** To whom; the first one gets what the cart says, to the usual address. */
function useDestinations(rows: () => Row[], failed: (problem: Problem | null) => void) {
  const destinations = reactive<Destination[]>([])
  const book = shallowRef<Address[] | null>(null)
  const claims = shallowRef<Claims>(new Map())
  let made = 0
  function add(): void {
    if (destinations.length >= DESTINATIONS_MAX) return
    const first = destinations.length === 0
    const units = Object.fromEntries(rows().map((row) => [row.line.offer_id, first ? Math.min(row.line.units, row.max) : 1]))
    destinations.push({ id: ++made, address: null, units, note: '' })
  }
  /** People more; the first of them takes the place of one that is not named yet. */
  function addAll(people: readonly Address[]): void {
    for (const address of people) {
      const free = destinations.find((one) => !one.address)
      if (!free) add()
      const to = free ?? destinations.at(-1)
      if (to && !to.address) to.address = address
    }
  }
  function remove(one: Destination): void {
    destinations.splice(destinations.indexOf(one), 1)
  }
  async function readBook(): Promise<void> {
    if (!signedIn.value) return
    try {
      book.value = await api.addresses()
      const first = destinations[0]
      if (first && !first.address) first.address = book.value.find((one) => one.is_default) ?? book.value[0] ?? null
      const shops = [...new Set(rows().map((row) => row.line.shop_id))]
      const found = await Promise.all(shops.map((shop) => api.usableCoupons(shop)))
      claims.value = new Map(shops.map((shop, at) => [shop, found[at]?.items ?? []]))
      failed(null)
    } catch (reason) {
      failed(problemOf(reason))
    }
  }
  watch(() => [signedIn.value, rows().length], () => {
    if (!destinations.length && rows().length) add()
    void readBook()
  }, { immediate: true })
  return { destinations, book, claims, add, addAll, remove, readBook }
}

/** What carrying each order costs; asked again whenever anything changes. */
function useQuote(parts: () => PartShown[], off: () => boolean, failed: (problem: Problem) => void): ShallowRef<PartQuoted[] | null> {
  const quoted: ShallowRef<PartQuoted[] | null> = shallowRef(null)
  let asking = new AbortController()
  onScopeDispose(() => asking.abort())
  async function ask(): Promise<void> {
    asking.abort()
    const mine = (asking = new AbortController())
    quoted.value = null
    if (!parts().length || off() || !signedIn.value) return
    try {
      const told = await api.quoteBasket(parts().map((one) => one.part), mine.signal)
      if (!mine.signal.aborted) quoted.value = told.parts
    } catch (reason) {
      if (!mine.signal.aborted) failed(problemOf(reason))
    }
  }
  watch(() => JSON.stringify(parts().map((one) => one.part)), () => void ask(), { immediate: true })
  return quoted
}

export function useCheckout(rows: () => Row[], leave: (url: string) => void) {
  const notLoaded = shallowRef<Problem | null>(null)
  const placed = shallowRef<PartPlaced[] | null>(null)
  const to = useDestinations(rows, (problem) => (notLoaded.value = problem))
  const parts = computed(() => partsOf(to.destinations, rows(), to.claims.value))
  const quoted = useQuote(() => parts.value, () => placed.value !== null, (problem) => (notLoaded.value = problem))
  const paying = usePayWays()

  const problemAt = (at: number): Problem | null => {
    const said = placed.value?.[at]?.problem ?? quoted.value?.[at]?.problem
    return said ? readProblem(said) : null
  }
  const costs = (one: PartShown, at: number) => placed.value?.[at]?.amount_fen ?? one.goods_fen - one.off_fen + (quoted.value?.[at]?.freight_fen ?? 0)
  const total_fen = computed(() => parts.value.reduce((sum, one, at) => sum + costs(one, at), 0))
  const ready = computed(() => {
    const told = quoted.value
    return parts.value.length > 0 && told?.length === parts.value.length && to.destinations.every((one) => one.address) && told.every((one) => !one.problem)
  })
  const orders = computed(() => (placed.value ?? []).flatMap(({ shop_id, order_id }) => (order_id ? [{ shop_id, order_id }] : [])))

  const place = useAct((key, wanted: BasketPart[]) => api.placeBasket(wanted, key))
  const pay = useAct((key, which: { shop_id: string; order_id: string }[]) => api.payTogether(which, '/me/orders', paying.choice(), key))
  /** The tap that pays. Should an order cost something else or be refused, that is shown first, and it needs another tap. */
  async function buy(): Promise<void> {
    if (!placed.value) {
      const [agreed_fen, shown] = [total_fen.value, parts.value]
      const told = await place.run(shown.map((one) => one.part))
      if (!told) return
      placed.value = told.parts
      drop(shown.filter((_one, at) => told.parts[at]?.order_id).flatMap((one) => one.rows.map((row) => row.line)))
      if (told.amount_fen !== agreed_fen) return
    }
    const begun = orders.value.length ? await pay.run(orders.value) : null
    if (begun) leave(begun.redirect_url)
  }
  return {
    ...to, notLoaded, placed, quoted, parts, total_fen, ready, orders, buy, problemAt, costs, ways: paying.ways, provider: paying.provider,
    problem: computed(() => place.problem.value ?? pay.problem.value),
    busy: computed(() => place.busy.value || pay.busy.value),
  }
}
