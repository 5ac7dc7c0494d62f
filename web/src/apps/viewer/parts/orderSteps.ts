/** An order told as steps: which of the five bars, and the timeline with what comes next on top. */
import type { Order, OrderState } from '@/api/types'
import type { Step } from '@/parts/Timeline.vue'
import { nearDay, when } from '@/words/say'
import { w } from '@/words/shared'
import { v } from '@/words/viewer'

const AT: Record<OrderState, number> = {
  pending_payment: 1, paid: 2, packing: 2, packed: 3, shipped: 4, delivered: 5, completed: 5, cancelled: 0, closed: 0, exception: 4,
}
const ENDED: readonly OrderState[] = ['completed', 'cancelled', 'closed']

/** The bar under way (1..5); 0 where the order ended without delivery. */
export const barOf = (state: OrderState) => AT[state]

/** Newest first. Parcel events stand between the order's own. */
export function stepsOf(order: Order, now: number): Step[] {
  const own = order.timeline.map((event) => ({
    key: `${event.event}-${event.at}`, at: event.at, title: v.orders.events[event.state], text: textOf(order, event.state),
    bad: event.state === 'exception',
  }))
  const parcel = (order.parcel?.events ?? []).map((event) => ({ key: `p-${event.at}-${event.kind}`, at: event.at, title: event.text, text: '', bad: false }))
  // A parcel's pick-up and delivery are the order's own steps already.
  const known = new Set(own.map((event) => event.at.slice(0, 16)))
  const all = [...own, ...parcel.filter((event) => !known.has(event.at.slice(0, 16)))].sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
  const steps: Step[] = all.map((event, n) => ({
    key: event.key, title: event.title, at: when(event.at, now), text: event.text,
    state: event.bad ? 'bad' : n === 0 && !ENDED.includes(order.state) ? 'now' : 'done',
  }))
  const next = v.orders.next[order.state]
  if (next) steps.unshift({ key: 'next', state: 'wait', title: next, text: ['paid', 'packing', 'packed'].includes(order.state) ? v.orders.shipBy(nearDay(order.ship_day, now)) : '' })
  return steps
}

function textOf(order: Order, state: OrderState): string {
  if (state === 'packed' && order.picks.length > 0) return v.orders.lot(order.picks.map((pick) => pick.lot_code).join(', '))
  if (state === 'shipped' && order.parcel) return `${w.carrier(order.parcel.carrier, order.parcel.carrier_name)} ${order.parcel.waybill}`
  if (state === 'pending_payment' && order.origin.startsWith('live:')) return v.orders.inRoom
  return ''
}
