/** The figures of the first page, all of them from what the API gives, and what has to be done now. */
import { computed, type ComputedRef } from 'vue'
import { get } from '@/api/client'
import { useNow } from '@/api/clock'
import { useLoad } from '@/api/load'
import type { Lot, Money, OrderRow, Session, Stock } from '@/api/types'
import { usePages } from '@/parts/work/pages'
import { count, yuan } from '@/words/say'
import { sw } from '@/words/studio'
import { byLife, harvests, hasStock, isOver } from './lots'
import { has, org, orgPath, PACK, PRODUCE, SELL } from './org'
import { boxesOf, isLate } from './orders'
import { COMING, ON_AIR } from './session'

export interface Todo { key: string; icon: string; tone: 'hot' | 'warn' | 'leaf' | 'bad'; title: string; text: string; to: string; act: string }

export function useToday() {
  const now = useNow()
  const orders = has(...PACK) ? usePages<OrderRow>(() => ({ path: orgPath('/orders'), query: { state: 'paid,packing,packed' } })) : null
  const stock = usePages<Stock>(() => ({ path: orgPath('/stock') }))
  const lots = has(...PRODUCE, 'packer') ? usePages<Lot>(() => ({ path: orgPath('/lots'), query: { kind: 'harvest' } })) : null
  const sessions = usePages<Session>(() => ({ path: orgPath('/sessions') }))
  const money = has(...SELL) ? useLoad<Money>((signal) => get<Money>(orgPath('/money'), undefined, signal)) : null

  const ordersIn = (state: string) => (orders?.value.value ?? []).filter((one) => one.state === state)
  const toPack = computed(() => ({ orders: ordersIn('paid').length, boxes: ordersIn('paid').reduce((sum, one) => sum + boxesOf(one), 0), packing: ordersIn('packing').length, packed: ordersIn('packed').length, more: !!orders?.next.value }))
  const inStock = computed(() => (stock.value.value ?? []).reduce((sum, one) => sum + one.available, 0))
  const backlog = computed(() => byLife(harvests(lots?.value.value ?? []).filter(hasStock), now.value))
  const onAir = computed(() => sessions.value.value?.find((one) => ON_AIR.includes(one.state)) ?? null)
  const next = computed(() => [...(sessions.value.value ?? [])].filter((one) => COMING.includes(one.state)).sort((a, b) => a.starts_at.localeCompare(b.starts_at))[0] ?? null)

  const todos: ComputedRef<Todo[]> = computed(() => {
    const t = sw.today_
    const found: Todo[] = []
    const late = (orders?.value.value ?? []).filter((one) => isLate(one, now.value)).length
    if (late) found.push({ key: 'late', icon: 'clock', tone: 'hot', title: t.late(count(late)), text: t.lateText, to: '/packing', act: t.toPacking })
    const returned = sessions.value.value?.find((one) => one.review?.state === 'returned' && one.state === 'draft')
    if (returned) found.push({ key: 'returned', icon: 'warn', tone: 'bad', title: t.returned(returned.title), text: returned.review?.reasons ?? '', to: `/sessions/${returned.id}`, act: t.toFix })
    if (toPack.value.packed) found.push({ key: 'ship', icon: 'truck', tone: 'warn', title: t.ship(count(toPack.value.packed)), text: t.shipText, to: '/orders?tab=packed', act: t.toOrders })
    const bare = backlog.value.filter((lot) => !lot.certificate).length
    if (bare) found.push({ key: 'paper', icon: 'doc', tone: 'warn', title: t.noPaper(count(bare)), text: t.noPaperText, to: '/lots', act: t.toLots })
    const over = backlog.value.filter((lot) => isOver(lot, now.value)).length
    if (over) found.push({ key: 'over', icon: 'warn', tone: 'bad', title: t.over(count(over)), text: t.overText, to: '/lots', act: t.toLots })
    const owed = money?.value.value?.owed_growers_fen ?? 0
    if (owed > 0) found.push({ key: 'owed', icon: 'wallet', tone: 'leaf', title: t.owed(yuan(owed)), text: t.owedText, to: '/money', act: t.toMoney })
    if (lots?.value.value?.length === 0 && has(...PRODUCE)) found.push({ key: 'first', icon: 'scale', tone: 'leaf', title: t.weighFirst, text: t.weighText, to: '/weigh', act: sw.nav.weigh })
    return found
  })
  const admitted = computed(() => org.value?.state === 'admitted')
  return { now, orders, stock, lots, sessions, money, toPack, inStock, backlog, onAir, next, todos, admitted }
}
