/** Buying one thing: the offer as it stands, an address, a placed order, the way to the payment. */
import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { useAct } from '@/api/act'
import { signedIn } from '@/api/me'
import { serverNow } from '@/api/clock'
import { problemOf, type Problem } from '@/api/problems'
import * as api from '@/api/trade'
import type { Address, FreightQuote, OrderIn, Placed } from '@/api/types'
import { usePayWays } from '../parts/payWays'
import { useCoupons } from '../parts/useCoupons'
import { fenPerJin } from './state'
import type { Goods } from './goods'

const UNITS_MAX = 99

interface Terms { product?: { fresh?: boolean } }

/** After these the offer is read anew and the buyer taps again, having seen what changed. */
const LOOK_AGAIN: readonly string[] = ['price-changed', 'terms-changed', 'sold-out', 'offer-closed', 'buyer-limit', 'sent-later', 'no-room', 'coupon-refused']

/** The day that the sheet shows: for more boxes than the first day takes, the one after it. */
export function shipsBy(offer: Goods['offer'], units: number): string {
  return offer.ship_room !== null && units > offer.ship_room && offer.ship_then ? offer.ship_then : offer.ship_day
}

/** The offer as the server has it now, and how many of it the buyer wants. */
function useOffer(goods: () => Goods, failed: (problem: Problem) => void) {
  const offer = shallowRef(goods().offer)
  const fresh = shallowRef<boolean | null>(null)
  const units = shallowRef(1)
  const reading = new AbortController()
  onScopeDispose(() => reading.abort())
  const left = computed(() => offer.value.units_left + (goods().kept ?? 0))
  const max = computed(() => Math.max(1, Math.min(UNITS_MAX, left.value, offer.value.per_buyer ?? UNITS_MAX)))

  async function readOffer(id = offer.value.id): Promise<void> {
    try {
      const detail = await api.offer(offer.value.shop_id, id, reading.signal)
      offer.value = detail
      fresh.value = (detail.document as Terms).product?.fresh ?? null
      if (units.value > max.value) units.value = max.value
    } catch (reason) {
      if (!reading.signal.aborted) failed(problemOf(reason))
    }
  }
  void readOffer()
  const goods_fen = computed(() => offer.value.price_fen * units.value)
  const per_jin = computed(() => fenPerJin(offer.value.price_fen, goods().net_g))
  const open = computed(() => offer.value.state === 'open' && left.value > 0)
  return { offer, fresh, units, max, goods_fen, per_jin, open, readOffer }
}

function useAddresses(failed: (problem: Problem | null) => void) {
  const addresses = shallowRef<Address[] | null>(null)
  const address = shallowRef<Address | null>(null)
  async function readAddresses(): Promise<void> {
    if (!signedIn.value) return
    try {
      addresses.value = await api.addresses()
      address.value = addresses.value.find((one) => one.is_default) ?? addresses.value[0] ?? null
      failed(null)
    } catch (reason) {
      failed(problemOf(reason))
    }
  }
  watch(signedIn, () => void readAddresses(), { immediate: true })
  return { addresses, address, readAddresses }
}

/** What the way to the address costs: asked again whenever the offer, its price, the units or the place change. */
function useFreight(offer: Ref<Goods['offer']>, units: Ref<number>, address: Ref<Address | null>, placed: Ref<Placed | null>) {
  const quote = shallowRef<FreightQuote | null>(null)
  const unserved = shallowRef<Problem | null>(null)
  const quoted = shallowRef(false)
  let asking = new AbortController()
  onScopeDispose(() => asking.abort())

  async function ask(): Promise<void> {
    asking.abort()
    const mine = (asking = new AbortController())
    quote.value = null
    unserved.value = null
    quoted.value = false
    const to = address.value
    if (!to || placed.value) return
    try {
      const told = await api.freight(offer.value.shop_id, offer.value.id, to.division.code, units.value, mine.signal)
      if (!mine.signal.aborted) quote.value = told
    } catch (reason) {
      if (mine.signal.aborted) return
      // Without a quote the order itself says what the way costs, before anything is paid.
      const problem = problemOf(reason)
      if (problem.kind === 'not-served' || problem.kind === 'disrupted' || problem.kind === 'would-rot') unserved.value = problem
    }
    if (!mine.signal.aborted) quoted.value = true
  }
  watch(() => [offer.value.id, offer.value.price_fen, units.value, address.value?.division.code, placed.value], () => void ask(), { immediate: true })
  return { quote, unserved, quoted }
}

export function useOrder(goods: () => Goods, leave: (url: string) => void) {
  const notLoaded = shallowRef<Problem | null>(null)
  const placed = shallowRef<Placed | null>(null)
  const changed = shallowRef<Problem | null>(null)
  const selling = useOffer(goods, (problem) => (notLoaded.value = problem))
  const book = useAddresses((problem) => (notLoaded.value = problem))
  const { offer, units } = selling
  const { quote, unserved, quoted } = useFreight(offer, units, book.address, placed)
  const coupons = useCoupons(() => offer.value.shop_id, () => selling.goods_fen.value)
  const total_fen = computed(() => placed.value?.amount_fen ?? (quote.value?.amount_fen ?? selling.goods_fen.value) - coupons.off_fen.value)
  /** Whether `total_fen` is all that there will be to pay, as far as anybody can say. */
  const known = computed(() => placed.value !== null || quoted.value)
  /** Null while it is not known. */
  const freight_fen = computed(() => placed.value?.freight_fen ?? quote.value?.freight_fen ?? null)

  const place = useAct((key, order: OrderIn) => api.placeOrder(order, key))
  const paying = usePayWays()
  const pay = useAct((key, order: Placed) =>
    api.pay(order.shop_id, order.order_id, `/paid/${order.shop_id}/${order.order_id}?back=${encodeURIComponent(goods().back)}`, paying.choice(), key),
  )

  /** The second tap. What the buyer agreed to is what the button said; anything else needs another tap. */
  async function buy(): Promise<void> {
    changed.value = null
    const to = book.address.value
    if (!to) return
    if (!placed.value) {
      const agreed_fen = total_fen.value
      const { shop_id, id: offer_id, price_fen, snapshot } = offer.value
      const order = await place.run({
        shop_id, offer_id, units: units.value, price_fen, snapshot, origin: goods().origin, address_id: to.id, recipient: null, note: '', ship_day: shipsBy(offer.value, units.value),
        coupon: coupons.chosen.value.shop?.id ?? null, platform_coupon: coupons.chosen.value.platform?.id ?? null,
      })
      if (!order) return lookAgain()
      placed.value = order
      if (order.amount_fen !== agreed_fen) return
    }
    const payment = await pay.run(placed.value)
    if (payment) leave(payment.redirect_url)
  }
  async function lookAgain(): Promise<void> {
    const problem = place.problem.value
    if (!problem || !LOOK_AGAIN.includes(problem.kind)) return
    changed.value = problem
    place.problem.value = null
    await Promise.all([selling.readOffer(), coupons.read()])
  }
  /** The flash price ended while the sheet was open: the standing offer takes its place, at its own price. */
  function change(to: Goods['offer']): void {
    if (placed.value || to.id === offer.value.id) return
    offer.value = to
    void selling.readOffer()
  }
  return {
    ...selling, ...book, coupons, notLoaded, placed, changed, total_fen, freight_fen, known, unserved, buy, change, ways: paying.ways, provider: paying.provider,
    problem: computed(() => place.problem.value ?? pay.problem.value),
    busy: computed(() => place.busy.value || pay.busy.value),
    payBefore: computed(() => (placed.value && Date.parse(placed.value.pay_before_at) > serverNow() ? placed.value.pay_before_at : null)),
  }
}
