import { createRouter, createWebHistory } from 'vue-router'
import '@/words/inspect'
import { cw } from '@/words/chain'
import { dw } from '@/words/desk'
import { aw } from '@/words/papers'
import { ww } from '@/words/work'

export const router = createRouter({
  history: createWebHistory('/desk'),
  routes: [
    { path: '/', redirect: '/review' },
    { path: '/review', component: () => import('./pages/Review.vue'), meta: { title: () => dw.review.title } },
    { path: '/sessions', component: () => import('./pages/Sessions.vue'), meta: { title: () => dw.sessions.title } },
    { path: '/orgs', component: () => import('./pages/Orgs.vue'), meta: { title: () => dw.orgs.title } },
    { path: '/refunds', component: () => import('./pages/Refunds.vue'), meta: { title: () => dw.refunds.title } },
    { path: '/bills', component: () => import('./pages/Bills.vue'), meta: { title: () => dw.bills.title } },
    { path: '/disruptions', component: () => import('./pages/Disruptions.vue'), meta: { title: () => dw.nav.disruptions } },
    { path: '/coupons', component: () => import('./pages/Coupons.vue'), meta: { title: () => ww.coupons.title } },
    { path: '/certificates', component: () => import('./pages/Certificates.vue'), meta: { title: () => aw.desk.title } },
    { path: '/draws', component: () => import('./pages/Draws.vue'), meta: { title: () => aw.draws.title } },
    { path: '/standards', component: () => import('./pages/Standards.vue'), meta: { title: () => cw.runs.tabs.standards } },
    { path: '/queues', component: () => import('./pages/Queues.vue'), meta: { title: () => dw.queues.title } },
    { path: '/audit', component: () => import('./pages/Audit.vue'), meta: { title: () => dw.audit.title } },
    { path: '/:rest(.*)', redirect: '/' },
  ],
})
