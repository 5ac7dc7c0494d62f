import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import type { Role } from '@/api/types'
import { bw } from '@/words/bench'
import { aw } from '@/words/papers'
import { gw } from '@/words/growing'
import { cw } from '@/words/chain'
import { pw } from '@/words/passports'
import { lw } from '@/words/studio-live'
import { sw } from '@/words/studio'
import { ww } from '@/words/work'
import { tw } from '@/words/studio-trade'
import { PACK, PRODUCE, SELL, SHOW } from './state/org'

declare module 'vue-router' {
  interface RouteMeta {
    /** Roles that use the page; none means everybody of the organisation. */
    roles?: Role[]
    /** Stands alone, without rail and bar. */
    bare?: boolean
    /** Also for somebody without an organisation. */
    alone?: boolean
    /** The entry of the rail this page belongs to. */
    under?: string
  }
}

const supply: RouteRecordRaw[] = [
  { path: '/households', component: () => import('./pages/Households.vue'), meta: { title: () => sw.households.title, roles: PRODUCE, under: '/households' } },
  { path: '/households/:id', component: () => import('./pages/Household.vue'), meta: { title: () => sw.households.title, roles: PRODUCE, under: '/households' } },
  { path: '/plots', component: () => import('./pages/Plots.vue'), meta: { title: () => gw.plots.title, roles: PRODUCE, under: '/plots' } },
  { path: '/seasons', component: () => import('./pages/Seasons.vue'), meta: { title: () => gw.seasons.title, roles: PRODUCE, under: '/seasons' } },
  { path: '/seasons/:id', component: () => import('./pages/SeasonPage.vue'), meta: { title: () => gw.seasons.title, roles: PRODUCE, under: '/seasons' } },
  { path: '/collections', component: () => import('./pages/Collections.vue'), meta: { title: () => gw.runs.title, roles: PRODUCE, under: '/collections' } },
  { path: '/collections/:id', component: () => import('./pages/CollectionPage.vue'), meta: { title: () => gw.runs.title, roles: PRODUCE, under: '/collections' } },
  { path: '/weigh', component: () => import('./pages/Weigh.vue'), meta: { title: () => sw.weigh.title, roles: PRODUCE, under: '/weigh' } },
  { path: '/slips', component: () => import('./pages/Slips.vue'), meta: { title: () => sw.slips.title, roles: PRODUCE, under: '/slips' } },
  { path: '/slips/:id', component: () => import('./pages/Slip.vue'), meta: { title: () => sw.slips.title, roles: PRODUCE, under: '/slips' } },
  { path: '/lots', component: () => import('./pages/Lots.vue'), meta: { title: () => sw.lots.title, roles: [...PRODUCE, 'packer'], under: '/lots' } },
  { path: '/lots/:id', component: () => import('./pages/LotPage.vue'), meta: { title: () => cw.lot.title, roles: [...PRODUCE, 'packer'], under: '/lots' } },
  { path: '/passports', component: () => import('./pages/Passports.vue'), meta: { title: () => pw.title, roles: [...PRODUCE, 'packer'], under: '/passports' } },
  { path: '/draws', component: () => import('./pages/Draws.vue'), meta: { title: () => aw.draws.title, roles: [...PRODUCE, 'packer'], under: '/draws' } },
  { path: '/certificates', component: () => import('./pages/Certificates.vue'), meta: { title: () => aw.title, roles: PRODUCE, under: '/certificates' } },
]
const chain: RouteRecordRaw[] = [
  { path: '/runs', component: () => import('./pages/Runs.vue'), meta: { title: () => cw.runs.title, roles: [...PRODUCE, 'packer'], under: '/runs' } },
  { path: '/runs/grade', component: () => import('./pages/GradeRun.vue'), meta: { title: () => cw.grade.title, roles: PRODUCE, under: '/runs' } },
  { path: '/runs/pack', component: () => import('./pages/PackRun.vue'), meta: { title: () => cw.pack.title, roles: [...PRODUCE, 'packer'], under: '/runs' } },
  { path: '/runs/standards', component: () => import('./pages/Standards.vue'), meta: { title: () => cw.runs.tabs.standards, roles: [...PRODUCE, 'packer'], under: '/runs' } },
  { path: '/runs/piecework', component: () => import('./pages/Piecework.vue'), meta: { title: () => cw.piecework.title, roles: SELL, under: '/runs' } },
  { path: '/runs/:id', component: () => import('./pages/RunPage.vue'), meta: { title: () => cw.runs.title, roles: [...PRODUCE, 'packer'], under: '/runs' } },
  { path: '/recalls', component: () => import('./pages/Recalls.vue'), meta: { title: () => cw.recalls.title, roles: [...PRODUCE, 'packer'], under: '/recalls' } },
  { path: '/recalls/new', component: () => import('./pages/RecallNew.vue'), meta: { title: () => cw.recalls.newTitle, roles: SELL, under: '/recalls' } },
  { path: '/recalls/reports', component: () => import('./pages/Reports.vue'), meta: { title: () => cw.recalls.tabs.reports, roles: [...PRODUCE, 'packer'], under: '/recalls' } },
  { path: '/recalls/traces', component: () => import('./pages/Traces.vue'), meta: { title: () => cw.traces.title, roles: SELL, under: '/recalls' } },
  { path: '/recalls/:id', component: () => import('./pages/RecallPage.vue'), meta: { title: () => cw.recalls.title, roles: [...PRODUCE, 'packer'], under: '/recalls' } },
]
const trade: RouteRecordRaw[] = [
  { path: '/products', component: () => import('./pages/Products.vue'), meta: { title: () => sw.products.title, under: '/products' } },
  { path: '/products/new', component: () => import('./pages/ProductEdit.vue'), meta: { title: () => sw.products.add, roles: SELL, under: '/products' } },
  { path: '/products/:id', component: () => import('./pages/ProductEdit.vue'), meta: { title: () => sw.products.edit, roles: SELL, under: '/products' } },
  { path: '/others-rooms', component: () => import('./pages/OthersRooms.vue'), meta: { title: () => lw.guests.rooms, under: '/products' } },
  { path: '/stock', component: () => import('./pages/Stock.vue'), meta: { title: () => sw.stock.title, under: '/stock' } },
  { path: '/capacity', component: () => import('./pages/Capacity.vue'), meta: { title: () => sw.nav.capacity, roles: PACK, under: '/capacity' } },
  { path: '/coupons', component: () => import('./pages/Coupons.vue'), meta: { title: () => ww.coupons.title, roles: SELL, under: '/coupons' } },
  { path: '/disruptions', component: () => import('./pages/Disruptions.vue'), meta: { title: () => sw.nav.disruptions, under: '/disruptions' } },
  { path: '/orders', component: () => import('./pages/Orders.vue'), meta: { title: () => tw.orders.title, roles: PACK, under: '/orders' } },
  { path: '/orders/:id', component: () => import('./pages/OrderPage.vue'), meta: { title: () => tw.orders.title, roles: PACK, under: '/orders' } },
  { path: '/packing', component: () => import('./pages/Packing.vue'), meta: { title: () => tw.packing.title, roles: PACK, under: '/packing', bare: true } },
  { path: '/bench', component: () => import('./pages/Bench.vue'), meta: { title: () => bw.title, roles: PACK, under: '/bench', bare: true } },
  { path: '/kept', component: () => import('./pages/Kept.vue'), meta: { title: () => bw.keptTitle, under: '/kept' } },
  { path: '/money', component: () => import('./pages/Money.vue'), meta: { title: () => tw.money.title, roles: SELL, under: '/money' } },
  { path: '/money/:household', component: () => import('./pages/StatementPage.vue'), meta: { title: () => tw.money.statement, roles: PRODUCE, under: '/money' } },
]
const show: RouteRecordRaw[] = [
  { path: '/sessions', component: () => import('./pages/Sessions.vue'), meta: { title: () => lw.list.title, under: '/sessions' } },
  { path: '/sessions/new', component: () => import('./pages/SessionEdit.vue'), meta: { title: () => lw.edit.title, roles: SELL, under: '/sessions' } },
  { path: '/sessions/:id', component: () => import('./pages/SessionPage.vue'), meta: { title: () => lw.list.title, under: '/sessions' } },
  { path: '/sessions/:id/edit', component: () => import('./pages/SessionEdit.vue'), meta: { title: () => lw.edit.change, roles: SELL, under: '/sessions' } },
  { path: '/sessions/:id/live', component: () => import('./pages/GoLive.vue'), meta: { title: () => sw.goLive, roles: SHOW, bare: true } },
  { path: '/sessions/:id/control', component: () => import('./pages/ControlRoom.vue'), meta: { title: () => lw.control.title, roles: SHOW, bare: true } },
  { path: '/sessions/:id/prompter', component: () => import('./pages/Prompter.vue'), meta: { title: () => lw.control.prompter, roles: SHOW, bare: true } },
]

export const router = createRouter({
  history: createWebHistory('/studio'),
  scrollBehavior: (_to, _from, kept) => kept ?? { top: 0 },
  routes: [
    { path: '/', component: () => import('./pages/Today.vue'), meta: { title: () => sw.today, under: '/' } },
    { path: '/apply', component: () => import('./pages/Apply.vue'), meta: { title: () => sw.apply.title, alone: true, under: '/settings' } },
    ...supply,
    ...chain,
    ...trade,
    ...show,
    { path: '/members', component: () => import('./pages/Members.vue'), meta: { title: () => sw.members.title, roles: SELL, under: '/members' } },
    { path: '/settings', component: () => import('./pages/Settings.vue'), meta: { title: () => sw.settings.title, under: '/settings' } },
    { path: '/:rest(.*)', redirect: '/' },
  ],
})
