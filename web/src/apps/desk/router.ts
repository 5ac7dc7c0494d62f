import { createRouter, createWebHistory } from 'vue-router'
import { dw } from '@/words/desk'

export const router = createRouter({
  history: createWebHistory('/desk'),
  routes: [{ path: '/', component: () => import('./pages/Today.vue'), meta: { title: () => dw.today } }],
})
