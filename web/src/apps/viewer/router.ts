import { createRouter, createWebHistory } from 'vue-router'
import { me, meKnown, whenMeKnown } from '@/api/me'
import { rw } from '@/words/recalls'
import { v } from '@/words/viewer'
import Home from './pages/Home.vue'

export const router = createRouter({
  history: createWebHistory('/'),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: '/', component: Home },
    { path: '/search', component: () => import('./pages/Search.vue'), meta: { title: () => v.search.title } },
    { path: '/room/:id', component: () => import('./pages/Room.vue'), props: true, meta: { title: () => v.room.title } },
    { path: '/replay/:id', redirect: (to) => `/room/${String(to.params.id)}` },
    { path: '/shop/:id', component: () => import('./pages/Shop.vue'), props: true, meta: { title: () => v.shop.title } },
    { path: '/product/:id', component: () => import('./pages/Product.vue'), props: true, meta: { title: () => v.product.title } },
    { path: '/cart', component: () => import('./pages/Cart.vue'), meta: { title: () => v.cart.title } },
    { path: '/checkout', component: () => import('./pages/Checkout.vue'), meta: { title: () => v.checkout.title } },
    { path: '/sign-in', component: () => import('./pages/SignIn.vue'), meta: { title: () => v.signIn.title } },
    { path: '/link/:token', component: () => import('./pages/Link.vue'), props: true, meta: { title: () => v.signIn.link } },
    { path: '/me', component: () => import('./pages/Me.vue'), meta: { title: () => v.me.title } },
    { path: '/me/orders', component: () => import('./pages/Orders.vue'), meta: { title: () => v.me.orders, person: true } },
    { path: '/me/orders/:shop/:id', component: () => import('./pages/Order.vue'), props: true, meta: { title: () => v.orders.one, person: true } },
    { path: '/me/orders/:shop/:id/refund', component: () => import('./pages/Refund.vue'), props: true, meta: { title: () => v.orders.refund, person: true } },
    { path: '/me/addresses', component: () => import('./pages/Addresses.vue'), meta: { title: () => v.address.title, person: true } },
    { path: '/me/coupons', component: () => import('./pages/Coupons.vue'), meta: { title: () => v.coupons.title, person: true } },
    { path: '/me/waiting', component: () => import('./pages/Waiting.vue'), meta: { title: () => v.waiting.title, person: true } },
    { path: '/me/recalls', component: () => import('./pages/Recalls.vue'), meta: { title: () => rw.title, person: true } },
    { path: '/me/inbox', component: () => import('./pages/Inbox.vue'), meta: { title: () => v.inbox.title, person: true } },
    { path: '/paid/:shop/:id', component: () => import('./pages/Paid.vue'), props: true, meta: { title: () => v.paid.title, person: true } },
    { path: '/pay/:id', component: () => import('./pages/Pay.vue'), props: true, meta: { title: () => v.pay.title, person: true } },
    { path: '/:rest(.*)*', component: () => import('./pages/NotFound.vue'), meta: { title: () => v.notFound.title } },
  ],
})

/** What belongs to a person asks who it is, and comes back after. */
router.beforeEach(async (to) => {
  if (!to.meta.person) return true
  await whenMeKnown
  if (meKnown.value && !me.value.person) return { path: '/sign-in', query: { back: to.fullPath } }
  return true
})
