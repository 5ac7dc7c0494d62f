/** Orders as the pages of the shop group them and act on them. */
import { shallowRef } from 'vue'
import { newKey, post } from '@/api/client'
import { problemOf, type Problem } from '@/api/problems'
import type { Order, OrderRow, OrderState } from '@/api/types'
import { toast } from '@/parts/toast'
import { toDay } from '@/parts/work/days'
import { tw } from '@/words/studio-trade'
import { orgPath } from './org'

export type Tab = 'paid' | 'packing' | 'packed' | 'shipped' | 'delivered' | 'completed' | 'closed'
export const TABS: Tab[] = ['paid', 'packing', 'packed', 'shipped', 'delivered', 'completed', 'closed']
/** A tab's states, as the API's query names them. */
export const statesOf: Record<Tab, string> = {
  paid: 'paid', packing: 'packing', packed: 'packed', shipped: 'shipped,exception', delivered: 'delivered', completed: 'completed', closed: 'closed,cancelled',
}
const TO_SHIP: OrderState[] = ['paid', 'packing', 'packed']

/** Its ship day is over and it has not been handed over. */
export const isLate = (order: OrderRow, now: number) => TO_SHIP.includes(order.state) && (order.ship_day ?? '9') < toDay(now)
/** Late ones first, then the nearest ship day, then who ordered first. */
export const byUrgency = <T extends OrderRow>(orders: T[]) =>
  [...orders].sort((a, b) => (a.ship_day ?? '').localeCompare(b.ship_day ?? '') || a.placed_at.localeCompare(b.placed_at))
export const boxesOf = (order: OrderRow) => order.lines.reduce((sum, line) => sum + line.units, 0)
export const gramsOfOrder = (order: OrderRow) => order.lines.reduce((sum, line) => sum + line.units * line.net_g, 0)
export const placeOf = (order: Order) => (order.recipient ?? order.recipient_masked)?.division?.full_name ?? ''

export type Step = 'start' | 'pack' | 'ship' | 'delivered' | 'refund'
const PATHS: Record<Step, string> = { start: 'start-packing', pack: 'pack', ship: 'ship', delivered: 'delivered', refund: 'refund' }

/** Acts on one order. The key of a step holds until its outcome is known, so that a second tap cannot do it twice. */
export function useOrderActs(take: (order: Order) => void) {
  const busy = shallowRef(false)
  const problem = shallowRef<Problem | null>(null)
  let last = ''
  let key = newKey()
  async function run(id: string, step: Step, body: unknown): Promise<boolean> {
    if (busy.value) return false
    const said = `${id} ${step} ${JSON.stringify(body)}`
    if (said !== last) key = newKey()
    last = said
    busy.value = true
    problem.value = null
    try {
      take(await post<Order>(orgPath(`/orders/${id}/${PATHS[step]}`), body, { key }))
      last = ''
      toast(tw.orders.done[step])
      return true
    } catch (reason) {
      problem.value = problemOf(reason)
      if (problem.value.status !== 503 && problem.value.kind !== 'offline') last = ''
      return false
    } finally {
      busy.value = false
    }
  }
  return { run, busy, problem }
}
export type OrderActs = ReturnType<typeof useOrderActs>

const CARRIER_KEPT = 'tiantou.studio.carrier'
export const carrierKept = () => sessionStorage.getItem(CARRIER_KEPT) ?? ''
export const keepCarrier = (name: string) => sessionStorage.setItem(CARRIER_KEPT, name)
