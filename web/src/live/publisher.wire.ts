/** The bytes of the publish protocol (docs/reference/publish-protocol.md). */

export const RECORD_HEAD = 14
export const VIDEO_SAMPLE = 1
export const AUDIO_SAMPLE = 2
export const CONTAINER = 3
export const VIDEO_CONFIG = 4

export interface MediaRecord {
  type: number
  key: boolean
  /** µs on the publisher's clock */
  at: number
  data: Uint8Array
}

export interface Hello {
  key: string
  kind: 'webcodecs' | 'mediarecorder'
  video: { codec: string; width: number; height: number; description: string | null } | null
  audio: { codec: string; rate: number; channels: number; description: string | null } | null
}

export interface Ack {
  ack: number
  queue_ms: number
}

/** One message of records. */
export function packBatch(records: readonly MediaRecord[]): Uint8Array<ArrayBuffer> {
  const size = records.reduce((sum, one) => sum + RECORD_HEAD + one.data.byteLength, 0)
  const out = new Uint8Array(size)
  const view = new DataView(out.buffer)
  let at = 0
  for (const one of records) {
    view.setUint8(at, one.type)
    view.setUint8(at + 1, one.key ? 1 : 0)
    view.setBigInt64(at + 2, BigInt(Math.round(one.at)))
    view.setUint32(at + 10, one.data.byteLength)
    out.set(one.data, at + RECORD_HEAD)
    at += RECORD_HEAD + one.data.byteLength
  }
  return out
}

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

/** The server's word: the first is `ok`, then acknowledgements. Null for anything else. */
export function readAnswer(text: string): { ok: true; graceS: number } | Ack | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  if ('ok' in value && value.ok === true) {
    const grace = 'grace_s' in value && typeof value.grace_s === 'number' ? value.grace_s : 600
    return { ok: true, graceS: grace }
  }
  if ('ack' in value && typeof value.ack === 'number') {
    const queue = 'queue_ms' in value && typeof value.queue_ms === 'number' ? value.queue_ms : 0
    return { ack: value.ack, queue_ms: queue }
  }
  return null
}
