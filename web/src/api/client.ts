/** The one door to the API: JSON in and out, a key for every act, patience with a busy server.
 *
 * Throws `ApiError` for every answer that is no success and for no answer at all (`offline`).
 */
import { shallowRef } from 'vue'
import { ApiError, offline, problemFrom } from './problems'

export type Query = Record<string, string | number | boolean | null | undefined>
export interface Ask {
  query?: Query
  /** The act's Idempotency-Key; the same for every retry of one act. Made anew if left out. */
  key?: string
  signal?: AbortSignal
}

/** False from the first call without an answer until the next call with one. */
export const online = shallowRef(true)

/** Seconds to wait before each further try with the same key. */
const RETRIES_S = [0.5, 1.5, 3]
const PATIENCE_MS = 15_000

const sleep = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000))

/** A UUID also where `crypto.randomUUID` is missing (plain-HTTP pages, older WebViews). */
export function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function address(path: string, query?: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

async function once(method: string, path: string, body: unknown, ask: Ask, key: string): Promise<Response> {
  const timer = new AbortController()
  const stop = setTimeout(() => timer.abort(), body instanceof Blob ? 8 * PATIENCE_MS : PATIENCE_MS)
  ask.signal?.addEventListener('abort', () => timer.abort(), { once: true })
  const headers: Record<string, string> = { accept: 'application/json' }
  if (method !== 'GET') headers['idempotency-key'] = key
  const file = body instanceof Blob
  if (body !== undefined) headers['content-type'] = file ? body.type : 'application/json'
  try {
    const answer = await fetch(address(path, ask.query), {
      method,
      headers,
      credentials: 'same-origin',
      signal: timer.signal,
      ...(body === undefined ? {} : { body: file ? body : JSON.stringify(body) }),
    })
    online.value = true
    return answer
  } catch (reason) {
    if (ask.signal?.aborted) throw reason
    online.value = false
    throw offline()
  } finally {
    clearTimeout(stop)
  }
}

/** Keeps what pages read, for when there is no network; set by an app that works without one. */
export interface Keeper {
  keeps: (address: string) => boolean
  save: (address: string, said: unknown) => Promise<void>
  read: (address: string) => Promise<unknown>
}
let keeper: Keeper | null = null
export const keepWith = (one: Keeper) => (keeper = one)

/** Worth another try with the same key: the server asks for it, or nothing is known of the outcome. */
const again = (error: ApiError) => error.problem.status === 503 || error.problem.kind === 'offline'

async function call<T>(method: string, path: string, body: unknown, ask: Ask): Promise<T> {
  const key = ask.key ?? newKey()
  for (let tried = 0; ; tried++) {
    let failure: ApiError
    try {
      const answer = await once(method, path, body, ask, key)
      if (answer.ok) {
        const empty = answer.status === 204 || answer.headers.get('content-length') === '0'
        return (empty ? undefined : await answer.json()) as T
      }
      failure = await problemFrom(answer)
    } catch (reason) {
      if (!(reason instanceof ApiError)) throw reason
      failure = reason
    }
    const wait = RETRIES_S[tried]
    if (wait === undefined || !again(failure) || !navigator.onLine) throw failure
    await sleep(wait)
  }
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const ask = { ...(query && { query }), ...(signal && { signal }) }
  const where = address(path, query)
  if (!keeper?.keeps(where)) return call<T>('GET', path, undefined, ask)
  try {
    const said = await call<T>('GET', path, undefined, ask)
    // what cannot be kept is still shown
    void keeper.save(where, said).catch(() => undefined)
    return said
  } catch (reason) {
    const known = reason instanceof ApiError && reason.problem.kind === 'offline' ? await keeper.read(where).catch(() => undefined) : undefined
    if (known === undefined) throw reason
    return known as T
  }
}
export const post = <T>(path: string, body: unknown = {}, ask: Ask = {}) => call<T>('POST', path, body, ask)
export const put = <T>(path: string, body: unknown = {}, ask: Ask = {}) => call<T>('PUT', path, body, ask)
export const patch = <T>(path: string, body: unknown = {}, ask: Ask = {}) => call<T>('PATCH', path, body, ask)
export const remove = <T = void>(path: string, ask: Ask = {}) => call<T>('DELETE', path, undefined, ask)

/** An address under `/files` of a stored picture, a webp of at most `size` pixels a side. */
export const picture = (hash: string, size: 96 | 320 | 800 | 1600) => `/files/${encodeURIComponent(hash)}/${size}`
