import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Paths of pages made by the browser: every app answers all of its own, as the API does. */
const appOf = (url: string) => {
  if (/^\/studio(\/|\?|$)/.test(url)) return '/studio/index.html'
  if (/^\/desk(\/|\?|$)/.test(url)) return '/desk/index.html'
  return '/index.html'
}

const backend = process.env.TIANTOU_DEV_API ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/',
  plugins: [
    vue(),
    {
      name: 'tiantou-apps',
      configureServer(server) {
        server.middlewares.use((request, _response, next) => {
          const url = request.url ?? '/'
          const page = request.headers.accept?.includes('text/html') ?? false
          const other = /^\/(api|files|rt|live|in|sandbox|share|problems|src|@|node_modules)/.test(url)
          if (page && !other) request.url = appOf(url)
          next()
        })
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
      input: { viewer: here('index.html'), studio: here('studio/index.html'), desk: here('desk/index.html') },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/files', '/rt', '/live', '/in', '/sandbox', '/share', '/problems'].map((path) => [
        path,
        { target: backend, ws: true },
      ]),
    ),
  },
})
