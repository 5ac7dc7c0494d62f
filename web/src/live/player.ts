/** Plays a room or a replay in a <video>, by the first of these that the browser can do:
 * LL-HLS through hls.js, HTTP-FLV through mpegts.js (first if low latency is asked for), the browser's own HLS.
 *
 * hls.js is asked before the browser: desktop Chromium claims HLS and then fails on its low-latency part.
 * The video libraries are fetched only when they are needed; a browser without MediaSource fetches none.
 */
import type Hls from 'hls.js'
import type Mpegts from 'mpegts.js'
import type { Play } from '@/api/types'
import { serverNow } from '@/api/clock'
import { movedTo } from './addresses'

export type PlayerState = 'loading' | 'playing' | 'tap' | 'paused' | 'stalled' | 'failed' | 'unsupported' | 'over'
export type Engine = 'hls.js' | 'mpegts.js' | 'native' | null
export interface Wish { live: boolean; lowLatency: boolean; audioOnly: boolean }
export interface PlayerEvents {
  state: (state: PlayerState) => void
  muted: (muted: boolean) => void
  /** A fresh Play before this one's token ends. */
  renew: () => Promise<Play | null>
}

const RENEW_BEFORE_MS = 60_000
const RETRY_MS = [500, 1000, 2000, 4000, 8000]

const hasMediaSource = () => 'MediaSource' in window || 'ManagedMediaSource' in window

export class Player {
  engine: Engine = null
  private hls: Hls | null = null
  private flv: Mpegts.Player | null = null
  private play: Play | null = null
  private seenPlays: Play[] = []
  private wish: Wish = { live: true, lowLatency: false, audioOnly: false }
  private renewal = 0
  private retry = 0
  private retries = 0
  private gone = false
  private readonly off = new AbortController()

  private readonly video: HTMLVideoElement
  private readonly on: PlayerEvents

  constructor(video: HTMLVideoElement, on: PlayerEvents) {
    this.video = video
    this.on = on
    const listen = (name: string, act: () => void) => {
      video.addEventListener(name, act, { signal: this.off.signal })
    }
    listen('playing', () => {
      this.retries = 0
      on.state('playing')
    })
    listen('waiting', () => on.state('stalled'))
    listen('pause', () => {
      if (!video.ended) on.state('paused')
    })
    listen('ended', () => on.state(this.wish.live ? 'stalled' : 'over'))
    listen('volumechange', () => on.muted(video.muted))
    listen('error', () => {
      if (this.engine === 'native') this.again()
    })
  }

  /** Start, or start anew with other wishes. Never throws: the state says what came of it. */
  async load(play: Play, wish: Wish): Promise<void> {
    this.stop()
    this.play = play
    this.seenPlays = [...this.seenPlays, play].slice(-4)
    this.wish = wish
    this.on.state('loading')
    this.planRenewal()
    if (await this.attach()) await this.start()
  }

  /** Try to play; if the browser wants a tap for sound, play without; if it wants one at all, say so. */
  async start(): Promise<void> {
    try {
      await this.video.play()
    } catch (reason) {
      if (this.gone || (reason as DOMException).name === 'AbortError') return
      if (!this.video.muted) {
        this.video.muted = true
        await this.start()
      } else this.on.state('tap')
    }
  }

  /** Seconds behind the host; null where it cannot be known. */
  latency_s(): number | null {
    if (!this.wish.live || this.video.readyState < 2) return null
    if (this.hls) return this.hls.latency > 0 ? this.hls.latency : null
    const { buffered, currentTime } = this.video
    if (this.flv && buffered.length > 0) return Math.max(0, buffered.end(buffered.length - 1) - currentTime) + 0.3
    const began = (this.video as HTMLVideoElement & { getStartDate?: () => Date }).getStartDate?.().getTime()
    return began && !Number.isNaN(began) ? Math.max(0, (serverNow() - began) / 1000 - currentTime) : null
  }

  /** Goes there; if nothing is known of the recording yet, as soon as something is. */
  seek(seconds: number): void {
    if (this.video.readyState === 0) {
      const once = { once: true, signal: this.off.signal }
      this.video.addEventListener('loadedmetadata', () => this.seek(seconds), once)
      return
    }
    this.video.currentTime = seconds
    void this.start()
  }

  destroy(): void {
    this.gone = true
    this.off.abort()
    this.stop()
  }

  private stop(): void {
    window.clearTimeout(this.renewal)
    window.clearTimeout(this.retry)
    this.hls?.destroy()
    this.flv?.destroy()
    this.hls = null
    this.flv = null
    if (this.engine === 'native') {
      this.video.removeAttribute('src')
      this.video.load()
    }
    this.engine = null
  }

  /** True once a source is attached. */
  private async attach(): Promise<boolean> {
    const { play, wish } = this
    if (!play) return false
    const list = wish.audioOnly ? play.audio_url : (play.llhls_url ?? play.hls_url)
    if (hasMediaSource()) {
      const wantsFlv = wish.live && wish.lowLatency && !wish.audioOnly
      if (wantsFlv && play.flv_url && (await this.attachFlv(play.flv_url))) return true
      if (list && (await this.attachHls(list))) return true
      if (wish.live && play.flv_url && (await this.attachFlv(play.flv_url))) return true
    }
    const plain = wish.audioOnly ? play.audio_url : play.hls_url
    if (plain && this.video.canPlayType('application/vnd.apple.mpegurl')) {
      this.engine = 'native'
      this.video.src = plain
      return true
    }
    this.on.state('unsupported')
    return false
  }

  private async attachHls(url: string): Promise<boolean> {
    const [{ default: Lib }, worker] = await Promise.all([import('hls.js'), import('hls.js/dist/hls.worker.js?url')])
    if (this.gone || !Lib.isSupported()) return false
    const hls = new Lib({
      lowLatencyMode: this.wish.live,
      workerPath: worker.default,
      backBufferLength: this.wish.live ? 15 : 60,
      // The list itself says how far behind to stay; a little faster catches up after a stall.
      maxLiveSyncPlaybackRate: 1.08,
      xhrSetup: (request, asked) => {
        request.open('GET', this.fresh(asked), true)
      },
    })
    hls.on(Lib.Events.ERROR, (_name, error) => {
      if (!error.fatal || this.hls !== hls) return
      if (error.type === Lib.ErrorTypes.MEDIA_ERROR && this.retries++ < 2) hls.recoverMediaError()
      else this.again()
    })
    hls.loadSource(url)
    hls.attachMedia(this.video)
    this.hls = hls
    this.engine = 'hls.js'
    return true
  }

  private async attachFlv(url: string): Promise<boolean> {
    const { default: Lib } = await import('mpegts.js')
    if (this.gone || !Lib.getFeatureList().mseLivePlayback) return false
    Lib.LoggingControl.enableAll = false
    const flv = Lib.createPlayer(
      { type: 'flv', isLive: true, url },
      { enableStashBuffer: false, liveSync: true, liveSyncTargetLatency: 0.8, liveSyncMaxLatency: 1.5, lazyLoad: false },
    )
    flv.on(Lib.Events.ERROR, () => {
      if (this.flv === flv) this.again()
    })
    flv.on(Lib.Events.LOADING_COMPLETE, () => {
      if (this.flv === flv) this.again()
    })
    flv.attachMediaElement(this.video)
    flv.load()
    this.flv = flv
    this.engine = 'mpegts.js'
    return true
  }

  /** The source broke: from the newest Play, a little later each time; give up never, but say so. */
  private again(): void {
    if (this.gone) return
    const wait = RETRY_MS[Math.min(this.retries, RETRY_MS.length - 1)] ?? 8000
    this.on.state(this.retries > 3 ? 'failed' : 'stalled')
    this.retries += 1
    window.clearTimeout(this.retry)
    this.retry = window.setTimeout(async () => {
      const play = (await this.on.renew()) ?? this.play
      if (play && !this.gone) await this.load(play, this.wish)
    }, wait)
  }

  private planRenewal(): void {
    const until = this.play ? Date.parse(this.play.expires_at) : Number.NaN
    if (Number.isNaN(until)) return
    // A replay's list is read once and good for its whole length.
    if (!this.wish.live) return
    const wait = Math.min(2 ** 31 - 1, Math.max(5000, until - serverNow() - RENEW_BEFORE_MS))
    this.renewal = window.setTimeout(async () => {
      const play = await this.on.renew()
      if (this.gone) return
      if (play) {
        this.play = play
        this.seenPlays = [...this.seenPlays, play].slice(-4)
      }
      this.planRenewal()
    }, wait)
  }

  /** The same file under the newest token, so that a renewal interrupts nothing. */
  private fresh(url: string): string {
    return this.play ? movedTo(url, this.seenPlays, this.play) : url
  }
}
