// @vitest-environment node
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, expect, it, vi } from 'vitest'
import { offline } from '@/api/problems'

const OUT = { later: true } as const

/** A page that was opened anew: its modules know nothing, the disk knows all. */
async function page(person = 7) {
  vi.resetModules()
  const queue = await import('./queue')
  const vault = await import('./vault')
  const database = await import('./database')
  queue.asks(() => Promise.resolve(person))
  await queue.resume(person)
  return { ...queue, vault, database }
}
const slip = (id: string) => ({ id, kind: 'slip', path: '/api/orgs/o1/slips', body: { id, helper_name: '王大爷' } })

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory())
  vi.stubGlobal('window', { addEventListener: () => undefined })
})

it('keeps over a restart, and nothing of it is plain', async () => {
  const before = await page()
  await before.add(slip('a'))
  const rows = await before.database.all<{ sealed: { data: ArrayBuffer } }>('queue')
  expect(rows).toHaveLength(1)
  expect(JSON.stringify(rows)).not.toContain('王大爷')
  expect(Buffer.from(rows[0]?.sealed.data ?? new ArrayBuffer(0)).toString('utf8')).not.toContain('王大爷')
  const after = await page()
  expect(after.waiting.value.map((one) => one.body)).toEqual([{ id: 'a', helper_name: '王大爷' }])
})

it('what is kept at once, before there is a key, is all readable', async () => {
  const tab = await page()
  const names = ['households', 'plots', 'slips']
  await Promise.all([...names.map((name) => tab.vault.keep(name, name)), tab.add(slip('a')), tab.add(slip('b'))])
  const after = await page()
  expect(await Promise.all(names.map((name) => after.vault.kept(name)))).toEqual(names)
  expect(after.waiting.value.map((one) => one.id)).toEqual(['a', 'b'])
})

it('one that cannot be read holds up none of the others', async () => {
  const tab = await page()
  await tab.add(slip('a'))
  await tab.add(slip('b'))
  const [row] = await tab.database.all<{ id: string; sealed: { iv: Uint8Array } }>('queue')
  await tab.database.write('queue', 'a', { ...row, sealed: { ...row?.sealed, iv: new Uint8Array(12) } })
  expect((await page()).waiting.value.map((one) => one.id)).toEqual(['b'])
  expect(await tab.database.all('queue')).toHaveLength(2)
})

it('sends in order, each once, and goes on where it was cut off', async () => {
  const tab = await page()
  const sent: string[] = []
  let cut = true
  tab.sends('slip', async (some) => {
    sent.push(...some.map((one) => one.id))
    const down = cut && some[0]?.id === 'b'
    return some.map(() => (down ? OUT : { done: null }))
  })
  for (const id of ['a', 'b', 'c']) await tab.add(slip(id))
  await tab.sync()
  expect(sent).toEqual(['a', 'b'])
  cut = false
  await tab.sync()
  await tab.sync()
  expect(sent).toEqual(['a', 'b', 'b', 'c'])
  expect(tab.waiting.value).toEqual([])
})

it('a refusal stays until a person decides, and holds nothing of the others', async () => {
  const tab = await page()
  tab.sends('slip', async (some) =>
    some.map((one) => (one.id === 'a' && !(one.body as { again?: boolean }).again ? { refused: { kind: 'not-found', status: 404, title: '' } as const } : { done: null })),
  )
  await tab.add(slip('a'))
  await tab.add(slip('b'))
  await tab.sync()
  expect(tab.waiting.value).toEqual([])
  expect((await page()).refused.value.map((one) => one.id)).toEqual(['a'])
  await tab.again('a', { id: 'a', again: true })
  expect(tab.refused.value).toEqual([])
  expect(await tab.database.all('queue')).toEqual([])
})

it('sends nothing under another person, whoever is signed in in another tab', async () => {
  const tab = await page()
  const send = vi.fn()
  tab.sends('slip', send)
  await tab.add(slip('a'))
  tab.asks(() => Promise.resolve(8))
  await tab.sync()
  expect(send).not.toHaveBeenCalled()
  const other = await page(8)
  expect([other.waiting.value.length, other.foreign.value]).toEqual([0, 1])
})

it('what is signed out can be read no more, what is unsent stays', async () => {
  const tab = await page()
  await tab.vault.keep('/api/orgs/o1/households', [{ name: '李秀兰' }])
  await tab.add(slip('a'))
  expect(await tab.vault.kept('/api/orgs/o1/households')).toEqual([{ name: '李秀兰' }])
  await tab.vault.burn()
  expect(await tab.vault.kept('/api/orgs/o1/households')).toBeUndefined()
  expect((await page()).waiting.value).toHaveLength(1)
})

it('a device that is full says so', async () => {
  const tab = await page()
  tab.sends('slip', async (some) => some.map(() => OUT))
  await tab.add(slip('first'))
  const [row] = await tab.database.all<object>('queue')
  await Promise.all(Array.from({ length: tab.ENTRIES_MAX }, (_, at) => tab.database.write('queue', String(at), { ...row, id: String(at) })))
  await tab.resume(7)
  await expect(tab.add(slip('more'))).rejects.toBeInstanceOf(tab.QueueFull)
})

it('no answer, a busy server and a lost sign-in are no refusals', async () => {
  const tab = await page()
  const { ApiError } = await import('@/api/problems')
  expect(tab.outcomeOf(offline())).toEqual(OUT)
  for (const [kind, status] of [['busy', 503], ['sign-in-required', 401]] as const) {
    expect(tab.outcomeOf(new ApiError({ kind, status, title: '', retry_after_s: 1 }))).toEqual(OUT)
  }
})
