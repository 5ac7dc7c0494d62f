/** The camera and microphone of this device, and what can be seen of how well they do. */
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'

export type CameraState = 'asking' | 'on' | 'refused' | 'insecure'
export interface Seen { width: number; height: number; frames: number }

const WISH: MediaTrackConstraints = { width: { ideal: 720 }, height: { ideal: 1280 }, frameRate: { ideal: 25, max: 30 } }
/** Mean brightness of the picture (0..255) under which a buyer cannot judge produce. */
const DARK = 45

/** Brightness of what a video shows, or null if it shows nothing yet. */
function brightness(video: HTMLVideoElement): number | null {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 24
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  if (!pen || video.readyState < 2) return null
  pen.drawImage(video, 0, 0, 24, 24)
  const pixels = pen.getImageData(0, 0, 24, 24).data
  let sum = 0
  for (let at = 0; at < pixels.length; at += 4) sum += (pixels[at] ?? 0) * 0.3 + (pixels[at + 1] ?? 0) * 0.6 + (pixels[at + 2] ?? 0) * 0.1
  return sum / (pixels.length / 4)
}

/** Loudness of a stream as 0..1, asked for often. */
function meter(stream: MediaStream): { level: () => number; close: () => void } {
  if (stream.getAudioTracks().length === 0) return { level: () => 0, close: () => undefined }
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 512
  context.createMediaStreamSource(stream).connect(analyser)
  const wave = new Uint8Array(analyser.fftSize)
  return {
    level() {
      if (context.state === 'suspended') void context.resume()
      analyser.getByteTimeDomainData(wave)
      return Math.min(1, wave.reduce((most, one) => Math.max(most, Math.abs(one - 128)), 0) / 64)
    },
    close: () => void context.close(),
  }
}

const ask = (facing: 'environment' | 'user') =>
  navigator.mediaDevices.getUserMedia({ video: { ...WISH, facingMode: { ideal: facing } }, audio: { echoCancellation: true, noiseSuppression: true } })

/** What is seen and heard of a stream, looked at ten times a second. */
function watcher(muted: ShallowRef<boolean>) {
  const seen = shallowRef<Seen | null>(null)
  const dark = shallowRef(false)
  const heard = shallowRef(false)
  const level = shallowRef(0)
  let sound: ReturnType<typeof meter> | null = null
  let timer = 0

  function stop(): void {
    window.clearInterval(timer)
    sound?.close()
    sound = null
  }
  function look(stream: MediaStream, video: () => HTMLVideoElement | null): void {
    stop()
    sound = meter(stream)
    let beat = 0
    timer = window.setInterval(() => {
      level.value = muted.value ? 0 : (sound?.level() ?? 0)
      if (level.value > 0.08) heard.value = true
      if (++beat % 20 !== 1) return
      const shown = video()
      const light = shown ? brightness(shown) : null
      if (light !== null) dark.value = light < DARK
      const frames = Math.round(stream.getVideoTracks()[0]?.getSettings().frameRate ?? 0)
      if (shown?.videoWidth) seen.value = { width: shown.videoWidth, height: shown.videoHeight, frames }
    }, 100)
  }
  return { seen, dark, heard, level, look, stop }
}

export function useCamera() {
  const state = shallowRef<CameraState>('asking')
  const stream = shallowRef<MediaStream | null>(null)
  const facing = shallowRef<'environment' | 'user'>('environment')
  const muted = shallowRef(false)
  const torch = shallowRef(false)
  const canTorch = shallowRef(false)
  const { look, stop, ...found } = watcher(muted)
  let turn = 0

  function release(): void {
    stop()
    for (const track of stream.value?.getTracks() ?? []) track.stop()
    stream.value = null
  }
  function take(fresh: MediaStream, video: () => HTMLVideoElement | null): void {
    stream.value = fresh
    for (const track of fresh.getAudioTracks()) track.enabled = !muted.value
    const can = fresh.getVideoTracks()[0]?.getCapabilities?.() as (MediaTrackCapabilities & { torch?: boolean }) | undefined
    canTorch.value = can?.torch === true
    torch.value = false
    look(fresh, video)
    state.value = 'on'
  }
  async function open(video: () => HTMLVideoElement | null): Promise<boolean> {
    const mine = ++turn
    state.value = (navigator.mediaDevices as MediaDevices | undefined) ? 'asking' : 'insecure'
    if (state.value === 'insecure') return false
    release()
    try {
      const fresh = await ask(facing.value)
      if (mine === turn) take(fresh, video)
      else for (const track of fresh.getTracks()) track.stop()
    } catch {
      if (mine === turn) state.value = 'refused'
    }
    return mine === turn && stream.value !== null
  }
  async function flip(video: () => HTMLVideoElement | null): Promise<boolean> {
    facing.value = facing.value === 'user' ? 'environment' : 'user'
    return open(video)
  }
  async function light(): Promise<void> {
    const wish = !torch.value
    const constraints = { advanced: [{ torch: wish } as MediaTrackConstraintSet] }
    await stream.value?.getVideoTracks()[0]?.applyConstraints(constraints)
    torch.value = wish
  }
  watch(muted, (quiet) => {
    for (const track of stream.value?.getAudioTracks() ?? []) track.enabled = !quiet
  })
  onScopeDispose(() => {
    turn += 1
    release()
  })
  return { state, stream, facing, muted, torch, canTorch, ...found, open, flip, light, release }
}

export type Camera = ReturnType<typeof useCamera>
