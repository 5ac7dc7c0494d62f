/**
 * Capture and encoding: WebCodecs where the browser has it, MediaRecorder elsewhere. Both hand
 * records to `take`; neither knows of the connection.
 */

import {
  AUDIO_SAMPLE,
  CONTAINER,
  VIDEO_CONFIG,
  VIDEO_SAMPLE,
  toBase64,
  type Hello,
  type MediaRecord,
} from './publisher.wire'

export interface CaptureOptions {
  videoBitrate: number
  audioBitrate: number
  framerate: number
  keyFrameMs: number
}

export interface Capture {
  readonly path: 'webcodecs' | 'mediarecorder'
  /** What a connection says first, but for the key. */
  hello(): Omit<Hello, 'key'>
  /** A new connection: the next picture is a key frame, a container begins anew. */
  restart(): void
  /** The picture's bit rate from now on; false if this path cannot change it while it runs. */
  setBitrate(bits: number): boolean
  /** Frames encoded and frames given up since the start. */
  counts(): { frames: number; dropped: number }
  stop(): void
}

interface TrackReader<T> {
  readable: ReadableStream<T>
}
type TrackProcessor = new <T>(init: { track: MediaStreamTrack }) => TrackReader<T>

declare global {
  interface Window {
    MediaStreamTrackProcessor?: TrackProcessor
  }
}

const CODECS = ['avc1.42e01f', 'avc1.42001f', 'avc1.4d401f', 'avc1.4d4028', 'avc1.640028']
const MIMES = [
  'video/x-matroska;codecs=avc1,opus',
  'video/x-matroska;codecs=avc1',
  'video/webm;codecs=h264,opus',
  'video/webm;codecs=h264',
  'video/mp4;codecs=avc1.42E01E,mp4a.40.2',
  'video/mp4',
]
const ENCODE_QUEUE_MAX = 2
const CLOCKS_APART_US = 500_000
const SLICE_MS = 200

type Take = (record: MediaRecord) => void
type Fail = (reason: string) => void

function even(value: number): number {
  return Math.max(2, Math.floor(value / 2) * 2)
}

async function videoConfig(
  width: number,
  height: number,
  options: CaptureOptions,
): Promise<VideoEncoderConfig | null> {
  for (const codec of CODECS) {
    const config: VideoEncoderConfig = {
      codec,
      width,
      height,
      bitrate: options.videoBitrate,
      framerate: options.framerate,
      latencyMode: 'realtime',
      avc: { format: 'avc' },
    }
    try {
      if ((await VideoEncoder.isConfigSupported(config)).supported) return config
    } catch {
      // a codec string that the browser does not even parse
    }
  }
  return null
}

/** Both tracks on one clock: a browser may stamp them from different origins. */
class Clock {
  private readonly offsets = new Map<string, number>()

  place(kind: string, stamp: number): number {
    let offset = this.offsets.get(kind)
    if (offset === undefined) {
      offset = performance.now() * 1000 - stamp
      const other = [...this.offsets.values()][0]
      if (other !== undefined && Math.abs(other - offset) < CLOCKS_APART_US) offset = other
      this.offsets.set(kind, offset)
    }
    return stamp + offset
  }
}

export class CodecCapture implements Capture {
  readonly path = 'webcodecs'
  private readonly clock = new Clock()
  private readonly readers: ReadableStreamDefaultReader<unknown>[] = []
  private video: VideoEncoder | null = null
  private audio: AudioEncoder | null = null
  private description: Uint8Array | null = null
  private wantKey = true
  private lastKey = -Infinity
  private frames = 0
  private dropped = 0
  private stopped = false

  private constructor(
    private config: VideoEncoderConfig | null,
    private readonly options: CaptureOptions,
    private readonly stream: MediaStream,
    private readonly take: Take,
    private readonly fail: Fail,
  ) {}

  /** Null where the browser lacks a piece. */
  static async make(
    stream: MediaStream,
    options: CaptureOptions,
    take: Take,
    fail: Fail,
  ): Promise<CodecCapture | null> {
    const has =
      'MediaStreamTrackProcessor' in window && 'VideoEncoder' in window && 'AudioEncoder' in window
    if (!has) return null
    const track = stream.getVideoTracks()[0]
    let config: VideoEncoderConfig | null = null
    if (track) {
      const { width = 1280, height = 720 } = track.getSettings()
      config = await videoConfig(even(width), even(height), options)
      if (!config) return null
    }
    if (stream.getAudioTracks()[0]) {
      const opus = { codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 }
      if (!(await AudioEncoder.isConfigSupported(opus)).supported) return null
    }
    const made = new CodecCapture(config, options, stream, take, fail)
    made.begin()
    return made
  }

  hello(): Omit<Hello, 'key'> {
    const sound = this.stream.getAudioTracks()[0]
    const channels = Math.min(2, sound?.getSettings().channelCount ?? 1)
    return {
      kind: 'webcodecs',
      video: this.config && {
        codec: this.config.codec,
        width: this.config.width,
        height: this.config.height,
        description: this.description && toBase64(this.description),
      },
      audio: sound ? { codec: 'opus', rate: 48_000, channels, description: null } : null,
    }
  }

  restart(): void {
    this.wantKey = true
  }

  setBitrate(bits: number): boolean {
    if (!this.config || this.video?.state !== 'configured') return false
    this.config = { ...this.config, bitrate: bits }
    this.video.configure(this.config)
    return true
  }

  counts(): { frames: number; dropped: number } {
    return { frames: this.frames, dropped: this.dropped }
  }

  stop(): void {
    this.stopped = true
    for (const reader of this.readers) void reader.cancel().catch(() => undefined)
    for (const encoder of [this.video, this.audio]) {
      if (encoder && encoder.state !== 'closed') encoder.close()
    }
  }

  private begin(): void {
    const [picture, sound] = [this.stream.getVideoTracks()[0], this.stream.getAudioTracks()[0]]
    if (picture && this.config) {
      this.video = new VideoEncoder({
        output: (chunk, about) => this.picture(chunk, about),
        error: (error) => this.fail(error.message),
      })
      this.video.configure(this.config)
      void this.pump<VideoFrame>(picture, (frame) => this.encodePicture(frame))
    }
    if (sound) {
      this.audio = new AudioEncoder({
        output: (chunk) => {
          this.take(this.record(AUDIO_SAMPLE, true, chunk))
        },
        error: (error) => this.fail(error.message),
      })
      void this.pump<AudioData>(sound, (data) => this.encodeSound(data))
    }
  }

  private async pump<T>(track: MediaStreamTrack, use: (value: T) => void): Promise<void> {
    const Processor = window.MediaStreamTrackProcessor
    if (!Processor) return
    const reader = new Processor<T>({ track }).readable.getReader()
    this.readers.push(reader)
    try {
      for (;;) {
        const { value, done } = await reader.read()
        if (done) break
        use(value)
      }
    } catch (error) {
      if (!this.stopped) this.fail(String(error))
    }
  }

  private encodePicture(frame: VideoFrame): void {
    const encoder = this.video
    if (!encoder || encoder.state !== 'configured' || !this.config) {
      frame.close()
      return
    }
    if (encoder.encodeQueueSize > ENCODE_QUEUE_MAX) {
      this.dropped += 1
      frame.close()
      return
    }
    const [width, height] = [even(frame.displayWidth), even(frame.displayHeight)]
    if (width !== this.config.width || height !== this.config.height) {
      this.config = { ...this.config, width, height }
      encoder.configure(this.config)
      this.wantKey = true
    }
    const keyFrame =
      this.wantKey || frame.timestamp - this.lastKey >= this.options.keyFrameMs * 1000
    if (keyFrame) {
      this.lastKey = frame.timestamp
      this.wantKey = false
    }
    encoder.encode(frame, { keyFrame })
    frame.close()
    this.frames += 1
  }

  private encodeSound(data: AudioData): void {
    const encoder = this.audio
    if (encoder && encoder.state === 'unconfigured') {
      encoder.configure({
        codec: 'opus',
        sampleRate: data.sampleRate,
        numberOfChannels: Math.min(2, data.numberOfChannels),
        bitrate: this.options.audioBitrate,
      })
    }
    if (encoder?.state === 'configured') encoder.encode(data)
    data.close()
  }

  private picture(chunk: EncodedVideoChunk, about?: EncodedVideoChunkMetadata): void {
    const found = about?.decoderConfig?.description
    if (found) {
      const view = ArrayBuffer.isView(found)
        ? new Uint8Array(found.buffer, found.byteOffset, found.byteLength)
        : new Uint8Array(found)
      this.description = new Uint8Array(view)
    }
    const key = chunk.type === 'key'
    if (key && this.description) {
      this.take({ type: VIDEO_CONFIG, key: true, at: 0, data: this.description })
    }
    this.take(this.record(VIDEO_SAMPLE, key, chunk))
  }

  private record(
    type: number,
    key: boolean,
    chunk: EncodedVideoChunk | EncodedAudioChunk,
  ): MediaRecord {
    const data = new Uint8Array(chunk.byteLength)
    chunk.copyTo(data)
    return { type, key, at: this.clock.place(String(type), chunk.timestamp), data }
  }
}

export class RecorderCapture implements Capture {
  readonly path = 'mediarecorder'
  private recorder: MediaRecorder | null = null
  private pieces = 0

  constructor(
    private readonly stream: MediaStream,
    private readonly options: CaptureOptions,
    private readonly mime: string,
    private readonly take: Take,
    private readonly fail: Fail,
  ) {}

  /** The container that this browser records H.264 in; null if there is none. */
  static mime(): string | null {
    if (!('MediaRecorder' in window)) return null
    return MIMES.find((mime) => MediaRecorder.isTypeSupported(mime)) ?? null
  }

  hello(): Omit<Hello, 'key'> {
    const sound = this.stream.getAudioTracks().length > 0
    const video = { codec: 'avc1', width: 0, height: 0, description: null }
    const audio = sound ? { codec: 'opus', rate: 48_000, channels: 1, description: null } : null
    return { kind: 'mediarecorder', video, audio }
  }

  restart(): void {
    this.stop()
    // videoKeyFrameIntervalDuration is newer than the types
    const options: MediaRecorderOptions & { videoKeyFrameIntervalDuration: number } = {
      mimeType: this.mime,
      videoBitsPerSecond: this.options.videoBitrate,
      audioBitsPerSecond: this.options.audioBitrate,
      videoKeyFrameIntervalDuration: this.options.keyFrameMs,
    }
    const recorder = new MediaRecorder(this.stream, options)
    let order = Promise.resolve()
    recorder.ondataavailable = (event) => {
      order = order.then(async () => {
        const data = new Uint8Array(await event.data.arrayBuffer())
        if (this.recorder !== recorder || !data.byteLength) return
        this.pieces += 1
        this.take({ type: CONTAINER, key: false, at: 0, data })
      })
    }
    recorder.onerror = () => this.fail('the recorder failed')
    recorder.start(SLICE_MS)
    this.recorder = recorder
  }

  setBitrate(): boolean {
    return false
  }

  counts(): { frames: number; dropped: number } {
    return { frames: this.pieces, dropped: 0 }
  }

  stop(): void {
    const recorder = this.recorder
    this.recorder = null
    if (recorder && recorder.state !== 'inactive') recorder.stop()
  }
}

/** The best that the browser can; throws if it can neither. */
export async function makeCapture(
  stream: MediaStream,
  options: CaptureOptions,
  take: Take,
  fail: Fail,
  only?: 'webcodecs' | 'mediarecorder',
): Promise<Capture> {
  const codecs =
    only === 'mediarecorder' ? null : await CodecCapture.make(stream, options, take, fail)
  if (codecs) return codecs
  const mime = RecorderCapture.mime()
  if (mime === null || only === 'webcodecs') throw new Error('this browser cannot encode H.264')
  return new RecorderCapture(stream, options, mime, take, fail)
}
