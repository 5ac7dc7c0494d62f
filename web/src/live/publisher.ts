/**
 * Publishes camera and microphone to the media server.
 *
 * Invariants: what waits to be sent is bounded; the picture gives way before the sound; a lost
 * connection is taken up again within the grace period with the same key, beginning at a key frame.
 */

import { makeCapture, type Capture, type CaptureOptions } from './publisher.capture'
import { AUDIO_SAMPLE, CONTAINER, VIDEO_SAMPLE, packBatch, readAnswer } from './publisher.wire'
import type { MediaRecord } from './publisher.wire'

export type PublisherState =
  | 'idle'
  | 'connecting'
  | 'live'
  | 'waiting' // lost, comes back by itself
  | 'refused' // the key is not accepted (any more)
  | 'replaced' // another page or encoder took over, or the broadcast was stopped or ended
  | 'failed' // the browser cannot, or the grace period is over
  | 'stopped'

export interface PublishTarget {
  /** A WebSocket address, as the API hands it out. */
  url: string
  /** Shown once, for this broadcast; it goes in the first message, never in the address. */
  key: string
}

export interface PublisherHealth {
  state: PublisherState
  path: 'webcodecs' | 'mediarecorder' | null
  /** What was acknowledged in the last seconds. */
  kbps: number
  fps: number
  /** The picture's present bit rate. */
  bitrate: number
  /** The age of what still waits to be sent, ms. */
  queueMs: number
  droppedFrames: number
  reconnects: number
  reason: string | null
}

export interface PublisherOptions extends Partial<CaptureOptions> {
  only?: 'webcodecs' | 'mediarecorder'
}

const DEFAULTS: CaptureOptions = {
  videoBitrate: 1_500_000,
  audioBitrate: 64_000,
  framerate: 25,
  keyFrameMs: 2_000,
}
const BATCH_MS = 100
const HEALTH_MS = 1_000
const SOCKET_BYTES_MAX = 48 * 1024
const BATCH_BYTES_MAX = 512 * 1024
const PICTURE_MS_MAX = 1_200
const SOUND_MS_MAX = 10_000
const CONTAINER_BYTES_MAX = 6_000_000
const BITRATE_MIN = 150_000
const CALM_MS = 8_000
const ACK_MS_MAX = 8_000
const RETRY_MS = 500
const RETRY_MS_MAX = 8_000

interface Waiting {
  record: MediaRecord
  since: number
}

export class Publisher {
  private readonly options: CaptureOptions
  private readonly only: 'webcodecs' | 'mediarecorder' | undefined
  private readonly listeners = new Set<(health: PublisherHealth) => void>()
  private state: PublisherState = 'idle'
  private reason: string | null = null
  private target: PublishTarget | null = null
  private capture: Capture | null = null
  private socket: WebSocket | null = null
  private sound: Waiting[] = []
  private picture: Waiting[] = []
  private skipping = true
  private dropped = 0
  private bitrate = 0
  private calmSince = 0
  private sent = 0
  private acked = 0
  private ackedAt = 0
  private lastBatch = 0
  private lostAt = 0
  private graceMs = 600_000
  private tries = 0
  private reconnects = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private pulse: ReturnType<typeof setInterval> | undefined
  private measured = { at: 0, acked: 0, frames: 0 }
  private figures = { kbps: 0, fps: 0 }

  constructor({ only, ...options }: PublisherOptions = {}) {
    this.options = { ...DEFAULTS, ...options }
    this.only = only
    this.bitrate = this.options.videoBitrate
  }

  /** Hears of every change, and once a second. Call what it gives to stop hearing. */
  on(_event: 'health', listener: (health: PublisherHealth) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  health(): PublisherHealth {
    return {
      state: this.state,
      path: this.capture?.path ?? null,
      kbps: this.figures.kbps,
      fps: this.figures.fps,
      bitrate: this.bitrate,
      queueMs: this.queueMs(),
      droppedFrames: this.dropped + (this.capture?.counts().dropped ?? 0),
      reconnects: this.reconnects,
      reason: this.reason,
    }
  }

  /** Goes on air; throws if the browser cannot encode. The stream stays the caller's. */
  async start(stream: MediaStream, target: PublishTarget): Promise<void> {
    this.stop()
    this.target = target
    this.become('connecting', null)
    try {
      this.capture = await makeCapture(
        stream,
        this.options,
        (record) => this.take(record),
        (reason) => this.finish('failed', reason),
        this.only,
      )
    } catch (error) {
      this.finish('failed', String(error))
      throw error
    }
    this.ackedAt = this.measured.at = performance.now()
    this.pulse = setInterval(() => this.beat(), HEALTH_MS)
    window.addEventListener('online', this.again)
    this.connect()
  }

  /** Leaves; the broadcast waits for the grace period unless it is ended by the API. */
  stop(): void {
    if (this.state === 'idle') return
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"bye":true}')
    this.finish('stopped', null)
  }

  private finish(state: PublisherState, reason: string | null): void {
    clearTimeout(this.retry)
    clearInterval(this.pulse)
    window.removeEventListener('online', this.again)
    this.capture?.stop()
    this.capture = null
    this.drop()
    this.sound = []
    this.picture = []
    this.become(state, reason)
  }

  private become(state: PublisherState, reason: string | null): void {
    this.state = state
    this.reason = reason
    this.tell()
  }

  private tell(): void {
    const health = this.health()
    for (const listener of this.listeners) listener(health)
  }

  // ---- the connection

  private connect(): void {
    const { target, capture } = this
    if (!target || !capture) return
    const socket = new WebSocket(target.url)
    socket.binaryType = 'arraybuffer'
    this.socket = socket
    this.sent = this.acked = this.measured.acked = 0
    this.ackedAt = performance.now()
    socket.onopen = () => socket.send(JSON.stringify({ key: target.key, ...capture.hello() }))
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (this.socket === socket && typeof event.data === 'string') this.hear(event.data)
    }
    socket.onclose = (event) => {
      if (this.socket === socket) this.lost(event.code, event.reason)
    }
  }

  private hear(text: string): void {
    const answer = readAnswer(text)
    if (!answer) return
    this.ackedAt = performance.now()
    if ('ack' in answer) {
      this.acked = answer.ack
      this.flush(false)
      return
    }
    this.graceMs = answer.graceS * 1000
    this.tries = 0
    this.lostAt = 0
    this.sound = []
    this.picture = []
    this.skipping = true
    this.capture?.restart()
    this.become('live', null)
  }

  private lost(code: number, reason: string): void {
    this.socket = null
    if (code === 4403) return this.finish('refused', reason)
    if (code === 4409) return this.finish('replaced', reason)
    const now = performance.now()
    this.lostAt ||= now
    if (now - this.lostAt > this.graceMs) return this.finish('failed', 'the grace period is over')
    this.become('waiting', reason || null)
    this.reconnects += 1
    const most = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** this.tries)
    this.tries += 1
    clearTimeout(this.retry)
    this.retry = setTimeout(() => this.connect(), most * (0.5 + Math.random() / 2))
  }

  private readonly again = (): void => {
    if (this.state !== 'waiting') return
    clearTimeout(this.retry)
    this.connect()
  }

  private drop(): void {
    const socket = this.socket
    this.socket = null
    socket?.close()
  }

  // ---- what waits

  private take(record: MediaRecord): void {
    if (this.state !== 'live') return
    const waiting = { record, since: performance.now() }
    if (record.type === AUDIO_SAMPLE) this.sound.push(waiting)
    else this.queuePicture(waiting)
    this.flush(false)
  }

  private queuePicture(waiting: Waiting): void {
    const { type, key } = waiting.record
    if (type === CONTAINER) {
      this.picture.push(waiting)
      return
    }
    if (this.skipping && !key) {
      this.dropped += 1
      return
    }
    this.skipping = false
    this.picture.push(waiting)
  }

  /** The picture gives way: it is given up to the next key frame, and made smaller. */
  private relieve(now: number): void {
    const oldest = this.picture[0]
    if (!oldest) return
    if (oldest.record.type === CONTAINER) {
      const bytes = this.picture.reduce((sum, one) => sum + one.record.data.byteLength, 0)
      if (bytes > CONTAINER_BYTES_MAX) this.reopen()
      return
    }
    if (now - oldest.since < PICTURE_MS_MAX) return
    this.dropped += this.picture.filter((one) => one.record.type === VIDEO_SAMPLE).length
    this.picture = []
    this.skipping = true
    this.capture?.restart()
    this.calmSince = now
    this.setBitrate(this.bitrate * 0.7)
  }

  private setBitrate(wanted: number): void {
    const bits = Math.round(Math.min(this.options.videoBitrate, Math.max(BITRATE_MIN, wanted)))
    if (bits !== this.bitrate && this.capture?.setBitrate(bits)) this.bitrate = bits
  }

  private queueMs(): number {
    const now = performance.now()
    const since = [this.sound[0]?.since, this.picture[0]?.since].filter((one) => one !== undefined)
    return since.length ? Math.round(now - Math.min(...since)) : 0
  }

  private flush(now_or_never: boolean): void {
    const socket = this.socket
    const now = performance.now()
    if (socket?.readyState !== WebSocket.OPEN || this.state !== 'live') return
    this.relieve(now)
    while (this.sound[0] && now - this.sound[0].since > SOUND_MS_MAX) this.sound.shift()
    if (!now_or_never && now - this.lastBatch < BATCH_MS) return
    const inFlight = Math.max(socket.bufferedAmount, this.sent - this.acked - this.allowance())
    if (inFlight > SOCKET_BYTES_MAX) return
    const batch = this.sound.map((one) => one.record)
    this.sound = []
    let bytes = 0
    while (this.picture[0] && bytes < BATCH_BYTES_MAX) {
      const next = this.picture.shift()
      if (!next) break
      batch.push(next.record)
      bytes += next.record.data.byteLength
      if (socket.bufferedAmount + bytes > SOCKET_BYTES_MAX) break
    }
    if (!batch.length) return
    const message = packBatch(batch)
    socket.send(message)
    this.sent += message.byteLength
    this.lastBatch = now
  }

  /** What may be on its way unacknowledged: half a second of what is made. */
  private allowance(): number {
    return (this.bitrate + this.options.audioBitrate) / 16
  }

  // ---- once a second

  private beat(): void {
    const now = performance.now()
    const seconds = Math.max(0.1, (now - this.measured.at) / 1000)
    const frames = this.capture?.counts().frames ?? 0
    this.figures = {
      kbps: Math.round(((this.acked - this.measured.acked) * 8) / 1000 / seconds),
      fps: Math.round((frames - this.measured.frames) / seconds),
    }
    this.measured = { at: now, acked: this.acked, frames }
    this.flush(true)
    if (this.socket && this.sent > this.acked && now - this.ackedAt > ACK_MS_MAX) this.reopen()
    const congested = this.queueMs() > PICTURE_MS_MAX / 3
    if (congested) this.calmSince = now
    else if (now - this.calmSince > CALM_MS) {
      this.calmSince = now
      this.setBitrate(this.bitrate * 1.15)
    }
    this.tell()
  }

  /** A connection that does not move is given up for a new one. */
  private reopen(): void {
    this.drop()
    this.lost(1006, 'the line is stuck')
  }
}
