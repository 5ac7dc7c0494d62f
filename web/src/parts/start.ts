/** How each of the three apps begins: words, settings, who is there; then the page. */
import { createApp, type Component } from 'vue'
import type { Router } from 'vue-router'
import { loadMe } from '@/api/me'
import { ApiError } from '@/api/problems'
import { loadWords } from '@/words/locale'
import { startSettings } from './settings'

/** Names the page; the router's `meta.title` gives the words. */
declare module 'vue-router' {
  interface RouteMeta {
    title?: () => string
    /** Needs somebody signed in. */
    person?: boolean
  }
}

function registerWorker(): void {
  if ('serviceWorker' in navigator && import.meta.env.PROD && window.isSecureContext) {
    // A page without the worker is a page without the offline notice, nothing more.
    navigator.serviceWorker.register('/sw.js').catch(() => undefined)
  }
}

/** A new build removes old chunks: a page that is still open reads itself anew, once. */
function reloadAfterDeploy(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem('tiantou.reloaded') ?? 0)
    if (Date.now() - last < 10_000) return
    event.preventDefault()
    sessionStorage.setItem('tiantou.reloaded', String(Date.now()))
    location.reload()
  })
}

export async function start(root: Component, router: Router, brand: () => string): Promise<void> {
  startSettings()
  reloadAfterDeploy()
  const who = loadMe().catch((reason: unknown) => {
    if (!(reason instanceof ApiError)) throw reason // pages show what they could not read
  })
  await loadWords()
  router.afterEach((to) => {
    const title = to.meta.title?.()
    document.title = title ? `${title} - ${brand()}` : brand()
  })
  createApp(root).use(router).mount('#app')
  registerWorker()
  await who
}
