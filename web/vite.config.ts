import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { shell } from './shell'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const APPS = ['viewer', 'studio', 'desk']
/** The app that an address belongs to: every app answers all of its own, as the API does. */
const appOf = (url: string) => /^\/(studio|desk)(\/|\?|$)/.exec(url)?.[1] ?? 'viewer'
/** There is one page, web/index.html; the other apps' pages are made of it, each with its own script. */
const pageOf = (app: string) => here(app === 'viewer' ? 'index.html' : `${app}/index.html`)

const BACKEND = ['api', 'files', 'rt', 'live', 'in', 'sandbox', 'share', 'problems']
const OTHER = new RegExp(`^/(${[...BACKEND, 'src', '@.*', 'node_modules'].join('|')})(/|\\?|$)`)
const backend = process.env.TIANTOU_DEV_API ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/',
  plugins: [
    vue(),
    shell(),
    {
      name: 'tiantou-apps',
      configureServer(server) {
        server.middlewares.use((request, _response, next) => {
          const url = request.url ?? '/'
          const page = request.headers.accept?.includes('text/html') ?? false
          const other = OTHER.test(url)
          if (page && !other) request.url = '/index.html'
          next()
        })
      },
      resolveId: (id) => (APPS.some((app) => pageOf(app) === id) ? id : null),
      load: (id) => (APPS.some((app) => pageOf(app) === id) ? readFileSync(pageOf('viewer'), 'utf8') : null),
      transformIndexHtml: {
        order: 'pre',
        handler: (html, { originalUrl, path }) => html.replace('/apps/viewer/', `/apps/${appOf(originalUrl ?? path)}/`),
      },
    },
  ],
  resolve: { alias: { '@': here('./src') } },
  build: {
    outDir: here('../tiantou/web'),
    emptyOutDir: true,
    // WeChat's browser on older Android phones: Chromium 86 and Safari 14 are the floor.
    target: ['chrome86', 'safari14'],
    // No inlined pictures or polyfills: the content security policy names 'self' alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: Object.fromEntries(APPS.map((app) => [app, pageOf(app)])),
    },
  },
  server: {
    // Whole first words: `/in` is not the beginning of /index.html.
    proxy: Object.fromEntries(BACKEND.map((word) => [`^/${word}(/|\\?|$)`, { target: backend, ws: true }])),
  },
})
