/* Pages that work without a network open without one: the shell that the build names in /shell.json is kept.
 * Everything else says in its own words that the network is gone. Prices and stock are never kept: they must be fresh. */
const NOTICE = 'tiantou-offline-1'
const SHELL = 'tiantou-shell-1'
const FILES = ['/offline.html', '/offline.css', '/icon.svg']
const LIST = '/shell.json'
const PAGE = '/studio'

/** Keeps the shell of the present build; the one before it goes only when all of the new one is here. */
async function keepShell() {
  const answer = await fetch(LIST, { cache: 'no-cache' })
  if (!answer.ok) return
  const list = await answer.clone().json()
  const cache = await caches.open(SHELL)
  const known = await cache.match(LIST)
  if (known && (await known.json()).version === list.version) return
  const wanted = new Set([PAGE, ...list.files])
  const page = await fetch(PAGE, { cache: 'no-cache' })
  const missing = []
  for (const file of list.files) if (!(await cache.match(file))) missing.push(file)
  await cache.addAll(missing)
  if (!page.ok) return
  await cache.put(PAGE, page)
  await cache.put(LIST, answer)
  for (const one of await cache.keys()) {
    const { pathname } = new URL(one.url)
    if (pathname !== LIST && !wanted.has(pathname)) await cache.delete(one)
  }
}

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(NOTICE)
      .then((cache) => cache.addAll(FILES))
      .then(() => keepShell().catch(() => undefined)),
  )
  self.skipWaiting()
})
self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== NOTICE && name !== SHELL).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

async function page(event, path) {
  const ours = path === PAGE || path.startsWith(`${PAGE}/`)
  try {
    const answer = await fetch(event.request)
    if (ours) event.waitUntil(keepShell().catch(() => undefined))
    return answer
  } catch {
    const kept = ours && (await caches.match(PAGE))
    return kept || caches.match('/offline.html')
  }
}

self.addEventListener('fetch', (event) => {
  const { origin, pathname } = new URL(event.request.url)
  if (event.request.method !== 'GET' || origin !== self.location.origin) return
  if (event.request.mode === 'navigate') event.respondWith(page(event, pathname))
  else if (pathname.startsWith('/assets/')) event.respondWith(caches.match(pathname).then((kept) => kept || fetch(event.request)))
  else if (FILES.includes(pathname)) event.respondWith(fetch(event.request).catch(() => caches.match(pathname)))
})
