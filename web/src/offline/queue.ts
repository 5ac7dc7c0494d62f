/** Acts that wait for the network: on this device's disk before the page says so, sent in order, each under its own key.
 *
 * On the disk an entry's body is encrypted: a consent or a name in it cannot be read there.
 */
import { computed, shallowRef } from 'vue'
import { ApiError, type Problem } from '@/api/problems'
import { all, remove, write } from './database'
import { able, seal, unseal, type Sealed } from './vault'

export const ENTRIES_MAX = 2_000
/** Servers take what is at most so old. */
export const AGE_MAX_MS = 7 * 86_400_000
const FIRST_WAIT_S = 2
const LONGEST_WAIT_S = 60

export interface Entry {
  id: string
  kind: string
  path: string
  body: unknown
  /** The number of the person who did it. */
  owner: number
  at: number
  /** Why the server will not have it; it stays until a person decides. */
  refused?: Problem
}
/** What became of an entry: done, with the server's answer; refused; or not known, then it is sent again. */
export type Outcome = { done: unknown } | { refused: Problem } | { later: true }
export type Sender = (entries: Entry[]) => Promise<Outcome[]>
export type Listener = (entry: Entry, outcome: Outcome) => void

export class QueueFull extends Error {}

const entries = shallowRef<Entry[]>([])
const senders = new Map<string, { send: Sender; most: number }>()
const listeners = new Set<Listener>()
let owner = 0
/** Whose cookies the browser has right now: another tab may have signed somebody else in. */
let whose: () => Promise<number> = () => Promise.resolve(owner)
let timer: ReturnType<typeof setTimeout> | undefined
let wait_s = FIRST_WAIT_S

const mine = computed(() => entries.value.filter((one) => one.owner === owner))
export const waiting = computed(() => mine.value.filter((one) => !one.refused))
export const refused = computed(() => mine.value.filter((one) => one.refused))
/** Of somebody else who used this device and has not been back. */
export const foreign = computed(() => entries.value.length - mine.value.length)

/** Registers who sends entries of a kind, at most so many at once. */
export function sends(kind: string, send: Sender, most = 1): void {
  senders.set(kind, { send, most })
}

export function asks(who: () => Promise<number>): void {
  whose = who
}

export function listen(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

type Stored = Omit<Entry, 'body'> & { sealed: Sealed }

async function store({ body, ...entry }: Entry): Promise<void> {
  await write('queue', entry.id, { ...entry, sealed: await seal('queue', body) } satisfies Stored)
}

async function look(): Promise<void> {
  const known = new Map(entries.value.map((one) => [one.id, one.body]))
  const found = await Promise.all(
    (await all<Stored>('queue')).map(async ({ sealed, ...one }): Promise<Entry | null> => {
      try {
        return { ...one, body: known.get(one.id) ?? (await unseal('queue', sealed)) }
      } catch {
        // its key is gone; it stays on the disk, and holds up none of the others
        return null
      }
    }),
  )
  entries.value = found.filter((one) => one !== null).sort((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1))
}

/** Takes the queue up for the person who is signed in (0: nobody), and sends what waits. */
export async function resume(person: number): Promise<void> {
  owner = person
  if (!able()) return
  await look()
  void sync()
}

let last = 0
/** Resolves when the act is on the disk. Throws QueueFull, or what the disk throws. */
export async function add(one: Omit<Entry, 'owner' | 'at'>): Promise<void> {
  if (entries.value.length >= ENTRIES_MAX) throw new QueueFull()
  // in the order of adding, also within a millisecond
  last = Math.max(Date.now(), last + 1)
  const entry: Entry = { ...one, owner, at: last }
  await store(entry)
  entries.value = [...entries.value, entry]
}

/** A person has decided about a refused entry: it is not needed any more. */
export async function drop(id: string): Promise<void> {
  await remove('queue', id)
  entries.value = entries.value.filter((one) => one.id !== id)
}

/** A person has decided that a refused entry is to be sent again, perhaps changed. */
export async function again(id: string, body?: unknown): Promise<void> {
  const entry = entries.value.find((one) => one.id === id)
  if (!entry) return
  const { id: key, kind, path, owner: by, at } = entry
  const fresh: Entry = { id: key, kind, path, owner: by, at, body: body ?? entry.body }
  await store(fresh)
  entries.value = entries.value.map((one) => (one.id === id ? fresh : one))
  await sync()
}

async function settle(entry: Entry, outcome: Outcome): Promise<boolean> {
  if ('later' in outcome) return false
  if ('done' in outcome) await drop(entry.id)
  else {
    const kept: Entry = { ...entry, refused: outcome.refused }
    await store(kept)
    entries.value = entries.value.map((one) => (one.id === entry.id ? kept : one))
  }
  for (const listener of listeners) listener(entry, outcome)
  return true
}

/** The next entries that one request can carry. */
function next(): Entry[] {
  const [first] = waiting.value
  if (!first) return []
  const most = senders.get(first.kind)?.most ?? 1
  const alike = waiting.value.filter((one) => one.kind === first.kind && one.path === first.path)
  return alike.slice(0, most)
}

async function drain(): Promise<boolean> {
  for (let some = next(); some.length > 0; some = next()) {
    const sender = senders.get(some[0]?.kind ?? '')
    if (!sender) return true
    const outcomes = await sender.send(some)
    for (const [at, entry] of some.entries()) {
      if (!(await settle(entry, outcomes[at] ?? { later: true }))) return false
    }
  }
  return true
}

let running: Promise<void> | null = null
/** Sends what waits; one tab of the browser at a time. Never throws: what cannot be sent waits on. */
export function sync(): Promise<void> {
  running ??= turn().finally(() => (running = null))
  return running
}

async function turn(): Promise<void> {
  clearTimeout(timer)
  const work = async () => {
    await look()
    if (waiting.value.length === 0) return true
    // nobody's act is ever sent under another person's name
    return (await whose()) === owner && drain()
  }
  let clear: boolean
  try {
    clear = 'locks' in navigator ? await navigator.locks.request('tiantou.queue', work) : await work()
  } catch {
    clear = false
  }
  if (clear) wait_s = FIRST_WAIT_S
  else {
    timer = setTimeout(() => void sync(), wait_s * (0.5 + Math.random()) * 1000)
    wait_s = Math.min(wait_s * 2, LONGEST_WAIT_S)
  }
}

/** What a failed call means for its entry: without an answer, or with a busy server, nothing is known yet. */
export function outcomeOf(reason: unknown): Outcome {
  if (!(reason instanceof ApiError)) return { later: true }
  const { status, kind } = reason.problem
  const open = kind === 'offline' || status === 401 || status === 408 || status === 425 || status === 429 || (status ?? 500) >= 500
  return open ? { later: true } : { refused: reason.problem }
}

export function begin(): void {
  window.addEventListener('online', () => {
    wait_s = FIRST_WAIT_S
    void sync()
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && waiting.value.length) void sync()
  })
}
