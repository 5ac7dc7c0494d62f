/** Names, for the service worker, what the pages that work without a network are made of. */
import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

/** The studio's script, and those of its pages that are opened where there is no signal; words in both languages. */
const PAGES = [/\/studio\/index\.html$/, /\/pages\/(Bench|Weigh|Kept|Slip|Slips|Today)\.vue$/, /\/words\/(zh-CN|en)\//]

export function shell(): Plugin {
  return {
    name: 'tiantou-shell',
    generateBundle(_, bundle) {
      const files = new Set<string>()
      const walk = (name: string) => {
        const chunk = bundle[name]
        if (files.has(name) || !chunk) return
        files.add(name)
        if (chunk.type !== 'chunk') return
        const more = (chunk as { viteMetadata?: { importedCss: Set<string>; importedAssets: Set<string> } }).viteMetadata
        for (const one of [...chunk.imports, ...(more?.importedCss ?? []), ...(more?.importedAssets ?? [])]) walk(one)
      }
      for (const [name, chunk] of Object.entries(bundle)) {
        if (chunk.type === 'chunk' && [chunk.facadeModuleId ?? '', ...chunk.moduleIds].some((id) => PAGES.some((page) => page.test(id)))) walk(name)
        if (name.endsWith('.svg')) files.add(name)
      }
      const list = [...files].sort().map((name) => `/${name}`)
      const version = createHash('sha256').update(list.join('\n')).digest('hex').slice(0, 16)
      this.emitFile({ type: 'asset', fileName: 'shell.json', source: JSON.stringify({ version, files: list }) })
    },
  }
}
