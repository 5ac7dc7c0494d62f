import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RoomEvent, ShortLine, Ticket } from '@/api/types'
import { RoomStream, type Connection, type Frame } from './room-stream'

/** A line that the test speaks on, as a socket or a source. */
class Line {
  onmessage: ((message: { data: string }) => void) | null = null
  onclose: ((end: { code: number; reason: string }) => void) | null = null
  onerror: (() => void) | null = null
  closed = false
  private readonly bye: ((message: { data: string }) => void)[] = []
  constructor(readonly url: URL) {}
  addEventListener(_: string, listener: (message: { data: string }) => void): void { this.bye.push(listener) }
  close(): void { this.closed = true }
  say(frame: Partial<Frame>): void { this.onmessage?.({ data: JSON.stringify(frame) }) }
  end(code = 1006, reason = ''): void { this.onclose?.({ code, reason }) }
  farewell(code: number): void { for (const one of this.bye) one({ data: JSON.stringify({ code, reason: '' }) }) }
}

const event = (n: number) => ({ t: 'sold_out', item_id: String(n), offer_id: '' }) as RoomEvent
const line = (i: number): ShortLine => ({ i, u: 'u', x: 'x', p: 1 })
const hello = (o = 0, e = 'e1'): Partial<Frame> => ({ e, o, snap: { state: {}, chat: [], ev: [] }, n: [1, 0, 0] })

describe('a room stream', () => {
  let lines: Line[] = []
  let events: string[] = []
  let chat: number[] = []
  let states: Connection[] = []
  let snapshots: unknown[] = []
  let tickets = 0
  let refuse: unknown = null
  let hidden = false
  let stream: RoomStream

  const last = (): Line => {
    const one = lines.at(-1)
    if (!one) throw new Error('no line')
    return one
  }
  const settle = (ms = 30_000) => vi.advanceTimersByTimeAsync(ms)
  const ticket = async (): Promise<Ticket> => {
    if (refuse) throw refuse
    tickets += 1
    return { ticket: `t${String(tickets)}`, url: '/rt/v1/r', sse_url: '/rt/v1/r/sse', play: null, expires_in_s: 60 }
  }
  const dial = (url: string): Line => {
    const made = new Line(new URL(url))
    lines.push(made)
    return made
  }

  beforeEach(async () => {
    vi.useFakeTimers()
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
    lines = []; events = []; chat = []; states = []; snapshots = []
    tickets = 0; refuse = null; hidden = false
    stream = new RoomStream({
      ev: (one) => events.push((one as { item_id: string }).item_id),
      chat: (some) => chat.push(...some.map((one) => one.i)),
      counters: () => undefined,
      state: () => undefined,
      snapshot: (state, _, quiet) => snapshots.push([state, quiet.length]),
      connection: (state) => states.push(state),
    }, {
      socket: (url) => dial(url) as unknown as WebSocket,
      source: (url) => dial(url) as unknown as EventSource,
      random: () => 0.5,
    })
    stream.connect(ticket)
    await settle(0)
  })
  afterEach(() => {
    stream.close()
    vi.useRealTimers()
  })

  it('gives a snapshot, then each event once', () => {
    expect(last().url.href).toMatch(/^ws:.*\/rt\/v1\/r\?t=t1$/)
    last().say(hello(3))
    last().say({ o: 5, ev: [event(4), event(5)] })
    last().say({ o: 4, c: [line(1)] })
    last().say({ o: 5, ev: [event(5)] })
    expect(snapshots).toEqual([[{}, 0]])
    expect(events).toEqual(['4', '5'])
    expect(chat).toEqual([1])
    expect(states).toEqual(['connecting', 'open'])
  })

  it('comes back with a new ticket, where it left off', async () => {
    last().say(hello(3))
    last().say({ o: 4, ev: [event(4)], c: [line(1)] })
    last().end()
    expect(states.at(-1)).toBe('waiting')
    await settle()
    expect([...last().url.searchParams]).toEqual([['t', 't2'], ['e', 'e1'], ['o', '4']])
    last().say({ e: 'e1', o: 6, ev: [event(5), event(6)], c: [line(1), line(2)] })
    expect(events).toEqual(['4', '5', '6'])
    expect(chat).toEqual([1, 2])
    expect(states.at(-1)).toBe('open')
  })

  it('sees a gap and asks for what is missing, at last for a snapshot', async () => {
    last().say(hello(3))
    for (let time = 0; time < 3; time += 1) {
      last().say({ o: 6, ev: [event(6)] })
      expect(events).toEqual([])
      await settle()
    }
    expect(last().url.searchParams.has('e')).toBe(false)
    last().say(hello(6))
    last().say({ o: 8, n: [1, 2, 3] })
    expect(states.at(-1)).toBe('waiting')
  })

  it('takes the other way after two sockets that brought nothing, and goes back if that fails too', async () => {
    last().end()
    await settle()
    last().end()
    await settle()
    expect(last().url.pathname).toBe('/rt/v1/r/sse')
    last().say(hello())
    expect(states.at(-1)).toBe('open')
    last().farewell(4008)
    await settle()
    expect(last().url.pathname).toBe('/rt/v1/r/sse')
    last().onerror?.()
    await settle()
    expect(last().url.protocol).toBe('ws:')
  })

  it('stays away when banned or at the end', async () => {
    for (const code of [4003, 4010]) {
      last().say(hello())
      last().end(code)
      expect(states.at(-1)).toBe('closed')
      await settle()
      stream.connect(ticket)
      await settle(0)
    }
    refuse = { problem: { status: 403 } }
    last().end()
    await settle()
    expect(states.at(-1)).toBe('closed')
  })

  it('spreads the way back over what a restarting gateway asks for', async () => {
    last().say(hello())
    last().end(1012, '{"spread_ms":8000}')
    await settle(3_900)
    expect(lines).toHaveLength(1)
    await settle(200)
    expect(lines).toHaveLength(2)
  })

  it('takes a long silence for a dead line', async () => {
    last().say(hello())
    await settle(39_000)
    last().say({ o: 0 })
    await settle(39_000)
    expect(lines).toHaveLength(1)
    await settle(2_000)
    expect(lines).toHaveLength(2)
    expect(lines[0]?.closed).toBe(true)
  })

  it('does not dial while nobody looks, and at once when somebody does', async () => {
    last().say(hello())
    hidden = true
    last().end()
    await settle(60_000)
    expect(lines).toHaveLength(1)
    hidden = false
    document.dispatchEvent(new Event('visibilitychange'))
    await settle(100)
    expect(lines).toHaveLength(2)
  })

  it('keeps asking while the API does not answer, ever more slowly', async () => {
    refuse = new Error('offline')
    last().end()
    await settle(60_000)
    refuse = null
    await settle(20_000)
    expect(lines).toHaveLength(2)
    expect(states.at(-1)).toBe('waiting')
  })

  it('hears nothing from a line it has left, nor rubbish', () => {
    const left = last()
    stream.close()
    left.say(hello())
    left.onmessage?.({ data: '{' })
    expect(snapshots).toEqual([])
    expect(states).toEqual(['connecting', 'closed'])
  })
})
