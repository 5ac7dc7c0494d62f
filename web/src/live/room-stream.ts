/** A room's frames, over WebSocket or, where a proxy breaks it, over Server-Sent Events; docs/reference/realtime.md.
 *
 * Every numbered event is given out once and in order: after a loss the stream comes back by epoch and offset,
 * and gets what it missed or a snapshot. Each connection takes a ticket of its own.
 */
import type { RoomEvent, ShortLine, Ticket } from '@/api/types'

/** `waiting`: the connection is lost and will be made again; `closed`: it will not. */
export type Connection = 'connecting' | 'open' | 'waiting' | 'closed'

export interface RoomStreamEvents {
  ev: (event: RoomEvent) => void
  chat: (lines: ShortLine[], leftOut: number) => void
  counters: (counters: [viewers: number, likes: number, orders: number]) => void
  state: (values: Record<string, number>) => void
  /** Replaces everything known; `events` came after `state` was read and are applied without being shown. */
  snapshot: (state: unknown, chat: ShortLine[], events: RoomEvent[]) => void
  connection: (state: Connection) => void
  entered?: (nickname: string, count: number) => void
}

export interface Frame {
  o: number
  e?: string
  snap?: { state: unknown; chat?: ShortLine[]; ev?: RoomEvent[] }
  ev?: RoomEvent[]
  c?: ShortLine[]
  d?: number
  s?: Record<string, number>
  n?: [number, number, number]
  j?: [string, number]
}

/** How connections are made and dice thrown; tests bring their own. */
export interface Means {
  socket: (url: string) => WebSocket
  source: (url: string) => EventSource
  random: () => number
}

const BROWSER: Means = {
  socket: (url) => new WebSocket(url),
  source: (url) => new EventSource(url),
  random: () => Math.random(),
}
const BACK_OFF_MS = [300, 800, 2000, 4000, 8000, 15_000]
const SILENCE_MS = 40_000
const SOCKET_FAILURES_MAX = 2
const LINES_KNOWN = 200
const BANNED = 4003
const LAGGING = 4008
const ENDED = 4010
const RESTARTING = 1012

/** What ends a connection: a close code, or 0 if it just broke. */
interface Farewell { code: number; reason: string }

export class RoomStream {
  private epoch = ''
  private offset = -1
  private tries = 0
  private gaps = 0
  private socketFailures = 0
  private timer = 0
  private silence = 0
  private turn = 0
  private stopped = true
  private hangUp: (() => void) | null = null
  private getTicket: (() => Promise<Ticket>) | null = null
  private said: Connection | null = null
  private readonly lines = new Set<number>()
  private readonly on: RoomStreamEvents
  private readonly means: Means

  constructor(on: RoomStreamEvents, means: Means = BROWSER) {
    this.on = on
    this.means = means
  }

  /** Opens, and stays open through losses until `close`, a ban, or the room's end. */
  connect(getTicket: () => Promise<Ticket>): void {
    this.close()
    this.getTicket = getTicket
    this.stopped = false
    this.epoch = ''
    this.offset = -1
    this.tries = this.gaps = this.socketFailures = 0
    this.lines.clear()
    document.addEventListener('visibilitychange', this.wake)
    window.addEventListener('online', this.wake)
    this.say('connecting')
    void this.open()
  }

  close(): void {
    if (this.stopped) return
    this.stopped = true
    this.drop()
    document.removeEventListener('visibilitychange', this.wake)
    window.removeEventListener('online', this.wake)
    this.say('closed')
  }

  private say(state: Connection): void {
    if (state === this.said) return
    this.said = state
    this.on.connection(state)
  }

  private drop(): void {
    this.turn += 1
    window.clearTimeout(this.timer)
    window.clearTimeout(this.silence)
    this.timer = 0
    this.hangUp?.()
    this.hangUp = null
  }

  /** The page is seen again or the network is back: do not sit out a pause that was meant for a dead line. */
  private readonly wake = (): void => {
    if (this.stopped || document.hidden || !this.timer) return
    this.tries = 0
    this.later(100)
  }

  private async open(): Promise<void> {
    if (this.stopped || !this.getTicket) return
    this.drop()
    const turn = this.turn
    let ticket: Ticket
    try {
      ticket = await this.getTicket()
    } catch (reason) {
      if (turn !== this.turn) return
      if (isFinal(reason)) this.close()
      else this.later()
      return
    }
    if (turn !== this.turn) return
    const bySocket = this.socketFailures < SOCKET_FAILURES_MAX
    const lost = this.attempt(turn, bySocket)
    try {
      if (bySocket) this.openSocket(this.address(ticket.url, ticket.ticket, true), turn, lost)
      else this.openSource(this.address(ticket.sse_url, ticket.ticket, false), turn, lost)
    } catch {
      lost({ code: 0, reason: '' })
    }
  }

  /** Called once when this attempt's connection is over; a way that never brought a frame counts as failed. */
  private attempt(turn: number, bySocket: boolean): (farewell: Farewell) => void {
    return (farewell) => {
      if (turn !== this.turn) return
      const failed = this.said !== 'open'
      if (bySocket) this.socketFailures = failed ? this.socketFailures + 1 : 0
      else if (failed) this.socketFailures = 0
      this.drop()
      this.after(farewell)
    }
  }

  private address(base: string, ticket: string, socket: boolean): string {
    const url = new URL(base, location.href)
    if (socket) url.protocol = url.protocol.replace(/^http/, 'ws')
    url.searchParams.set('t', ticket)
    if (this.epoch) {
      url.searchParams.set('e', this.epoch)
      url.searchParams.set('o', String(this.offset))
    }
    return url.href
  }

  private openSocket(url: string, turn: number, lost: (farewell: Farewell) => void): void {
    const socket = this.means.socket(url)
    this.hangUp = () => { socket.close() }
    this.listen(turn)
    socket.onmessage = (message) => { this.hear(turn, String(message.data)) }
    socket.onclose = (end) => { lost({ code: end.code, reason: end.reason }) }
  }

  private openSource(url: string, turn: number, lost: (farewell: Farewell) => void): void {
    const source = this.means.source(url)
    this.hangUp = () => { source.close() }
    this.listen(turn)
    source.onmessage = (message) => { this.hear(turn, String(message.data)) }
    source.addEventListener('bye', (message) => { lost(parsed<Farewell>(String(message.data)) ?? { code: 0, reason: '' }) })
    // It would come back by itself with a spent ticket.
    source.onerror = () => { lost({ code: 0, reason: '' }) }
  }

  /** The gateway says something every 15 s; a longer silence is a dead line that nobody told us about. */
  private listen(turn: number): void {
    window.clearTimeout(this.silence)
    this.silence = window.setTimeout(() => {
      if (turn !== this.turn) return
      this.drop()
      this.later(100)
    }, SILENCE_MS)
  }

  private after({ code, reason }: Farewell): void {
    if (code === BANNED || code === ENDED) this.close()
    else if (code === LAGGING) this.later(1000)
    else if (code === RESTARTING) this.later(parsed<{ spread_ms?: number }>(reason)?.spread_ms ?? 3000)
    else this.later()
  }

  /** Tries again after a pause; with `within_ms` at a random instant within it. */
  private later(within_ms?: number): void {
    if (this.stopped) return
    this.say('waiting')
    const pause = BACK_OFF_MS[Math.min(this.tries, BACK_OFF_MS.length - 1)] ?? 0
    const wait_ms = within_ms === undefined ? pause * (0.5 + this.means.random()) : within_ms * this.means.random()
    if (within_ms === undefined) this.tries += 1
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => {
      // A page that nobody sees waits for `wake`; its timer stays set to say so.
      if (!document.hidden) void this.open()
    }, wait_ms)
  }

  private hear(turn: number, text: string): void {
    if (turn !== this.turn) return
    const frame = parsed<Frame>(text)
    if (frame === null || typeof frame.o !== 'number') return
    this.listen(turn)
    if (!this.take(frame)) {
      this.comeBack()
      return
    }
    this.tries = 0
    this.say('open')
  }

  /** A gap: the gateway has what is missing; if it does not help, only a snapshot will. */
  private comeBack(): void {
    this.gaps += 1
    if (this.gaps > 2) this.epoch = ''
    this.drop()
    this.later(200)
  }

  /** Gives a frame out; false if events are missing before it. */
  private take(frame: Frame): boolean {
    const events = frame.ev ?? []
    if (frame.snap) {
      this.offset = frame.o - events.length
      this.gaps = 0
    }
    if (frame.e !== undefined) this.epoch = frame.e
    const first = frame.o - events.length + 1
    if (first > this.offset + 1) return false
    if (frame.snap) {
      const chat = frame.snap.chat ?? []
      for (const line of chat) this.know(line)
      this.on.snapshot(frame.snap.state, chat, frame.snap.ev ?? [])
    }
    const fresh = events.slice(this.offset + 1 - first)
    this.offset = Math.max(this.offset, frame.o)
    for (const event of fresh) this.on.ev(event)
    this.giveRest(frame)
    return true
  }

  private giveRest(frame: Frame): void {
    if (frame.s) this.on.state(frame.s)
    if (frame.n) this.on.counters(frame.n)
    if (frame.c) {
      const lines = frame.c.filter((line) => this.know(line))
      if (lines.length || frame.d) this.on.chat(lines, frame.d ?? 0)
    }
    if (frame.j) this.on.entered?.(...frame.j)
  }

  /** Whether a line of chat is new; a resumed stream repeats the last ones. */
  private know(line: ShortLine): boolean {
    if (line.i <= 0) return true // a sale: nobody's line, it has no number
    if (this.lines.has(line.i)) return false
    this.lines.add(line.i)
    if (this.lines.size > LINES_KNOWN) {
      for (const oldest of this.lines) {
        this.lines.delete(oldest)
        break
      }
    }
    return true
  }
}

function parsed<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T
  } catch {
    return null
  }
}

/** The API refuses a ticket for good: banned, or no such room. */
function isFinal(reason: unknown): boolean {
  const status = (reason as { problem?: { status?: unknown } } | null)?.problem?.status
  return status === 403 || status === 404
}
