/** Makes an app work without a network: pages read again what they showed, acts wait in the queue. */
import { watch } from 'vue'
import { keepWith, online, post } from '@/api/client'
import { me, meKnown } from '@/api/me'
import { ApiError } from '@/api/problems'
import type { Me } from '@/api/types'
import { asks, begin, outcomeOf, resume, sends, sync, type Entry, type Outcome } from './queue'
import { burn, keep, kept } from './vault'

/** What the pages read that work without a network: people and places of work, never orders or money. */
const KEPT = [
  /^\/api\/me$/,
  /^\/api\/orgs\/[^/]+\/(households|plots|slips|grade-standards)(\?|$)/,
  /^\/api\/orgs\/[^/]+\/bench$/,
  /^\/api\/varieties(\?|$)/,
]

const SCANS_MAX = 100

async function sendScans(path: string, entries: Entry[]): Promise<Outcome[]> {
  try {
    const said = await post<{ items: unknown[] }>(path, { scans: entries.map((one) => one.body) }, { key: entries[0]?.id ?? '' })
    return entries.map((_, at) => ({ done: said.items[at] }))
  } catch (reason) {
    const outcome = outcomeOf(reason)
    // one bad scan must not hold the others: each by itself says which it is
    if ('refused' in outcome && entries.length > 1) return Promise.all(entries.map(async (one) => (await sendScans(path, [one]))[0] ?? { later: true }))
    return entries.map(() => outcome)
  }
}

/** The device's own clock stands in for the server's, which cannot be asked. */
async function readKept(address: string): Promise<unknown> {
  const known = await kept<object>(address)
  return known && address === '/api/me' ? { ...known, now: new Date().toISOString() } : known
}

async function sendOne(entry: Entry): Promise<Outcome> {
  try {
    return { done: await post(entry.path, entry.body, { key: entry.id }) }
  } catch (reason) {
    if (!(reason instanceof ApiError)) throw reason
    return outcomeOf(reason)
  }
}

/** Throws where there is no network: then nothing is sent. */
async function whose(): Promise<number> {
  const answer = await fetch('/api/me', { credentials: 'same-origin', cache: 'no-store' })
  return ((await answer.json()) as Me).person?.no ?? 0
}

export function startOffline(): void {
  keepWith({ keeps: (address) => KEPT.some((one) => one.test(address)), save: keep, read: readKept })
  sends('scan', (entries) => sendScans(entries[0]?.path ?? '', entries), SCANS_MAX)
  sends('slip', async (entries) => Promise.all(entries.map(sendOne)))
  asks(whose)
  begin()
  watch(
    () => [meKnown.value, me.value.person?.no] as const,
    ([known, no]) => {
      if (!known) return
      // signed out: what was kept to be read is nobody's any more
      if (no === undefined) void burn().catch(() => undefined)
      void resume(no ?? 0).catch(() => undefined)
    },
    { immediate: true },
  )
  watch(online, (there) => {
    if (there) void sync()
  })
}
