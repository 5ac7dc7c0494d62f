import { createRouter, createWebHistory } from 'vue-router'
import { sw } from '@/words/studio'

export const router = createRouter({
  history: createWebHistory('/studio'),
  routes: [{ path: '/', component: () => import('./pages/Today.vue'), meta: { title: () => sw.today } }],
})
