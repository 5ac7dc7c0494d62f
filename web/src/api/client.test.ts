import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { get, online, post } from './client'
import type { ApiError } from './problems'

const problem = (status: number, kind: string, more = {}) =>
  new Response(JSON.stringify({ type: `/problems/${kind}`, title: kind, status, ...more }), { status, headers: { 'content-type': 'application/problem+json' } })
const fine = (body: unknown) => new Response(JSON.stringify(body), { status: 200, headers: { 'content-type': 'application/json' } })

let answers: (() => Response)[] = []
let keys: (string | null)[] = []

beforeEach(() => {
  vi.useFakeTimers()
  keys = []
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    keys.push(new Headers(init.headers).get('idempotency-key'))
    const next = answers.shift()
    if (!next) throw new TypeError('no network')
    return next()
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})
const settle = async <T>(call: Promise<T>) => {
  const kept = call.catch((reason: unknown) => reason)
  await vi.runAllTimersAsync()
  return kept
}

it('asks a busy server again with the same key', async () => {
  answers = [() => problem(503, 'busy', { retry_after_s: 1 }), () => problem(503, 'outcome-unknown'), () => fine({ ok: 1 })]
  expect(await settle(post('/api/orders', {}))).toEqual({ ok: 1 })
  expect(keys).toHaveLength(3)
  expect(new Set(keys).size).toBe(1)
})

it('does not repeat a refusal, and gives its members', async () => {
  answers = [() => problem(409, 'sold-out', { units_left: 0 })]
  const failed = (await settle(post('/api/orders', {}))) as ApiError
  expect(failed.problem).toMatchObject({ kind: 'sold-out', status: 409, units_left: 0 })
  expect(keys).toHaveLength(1)
})

it('says offline when nothing answers, and online again when something does', async () => {
  answers = []
  expect(((await settle(get('/api/home'))) as ApiError).problem.kind).toBe('offline')
  expect(online.value).toBe(false)
  answers = [() => fine([])]
  await settle(get('/api/home'))
  expect(online.value).toBe(true)
})

it('understands a proxy that answers without a problem document', async () => {
  answers = Array.from({ length: 4 }, () => () => new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } }))
  expect(((await settle(get('/api/home'))) as ApiError).problem.kind).toBe('busy')
})
