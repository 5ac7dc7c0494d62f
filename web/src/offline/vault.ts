/** Encrypts what this browser keeps, by keys that never leave it. Pages read again what they showed, without a network, until
 * sign-out throws their key away; the queue has a key of its own, so that nothing unsent is lost then.
 */
import { clear, read, remove, settleOn, write } from './database'

export type Key = 'vault' | 'queue'
/** What is older is not shown: it would mislead. */
const AGE_MAX_MS = 7 * 86_400_000
const BYTES_MAX = 2_000_000

export interface Sealed { iv: Uint8Array<ArrayBuffer>; data: ArrayBuffer }
interface Kept extends Sealed { at: number }

/** False where the browser cannot (plain HTTP, some private windows): then nothing is kept. */
export const able = () => typeof indexedDB !== 'undefined' && typeof crypto !== 'undefined' && 'subtle' in crypto

async function key(name: Key): Promise<CryptoKey> {
  const known = await read<CryptoKey>('keys', name)
  if (known) return known
  const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  // another tab, or another list of this page, may have made one meanwhile: what that sealed must stay readable
  return settleOn('keys', name, made)
}

export async function seal(by: Key, value: unknown): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await key(by), new TextEncoder().encode(JSON.stringify(value)))
  return { iv, data }
}

/** Throws if its key is gone. */
export async function unseal<T>(by: Key, box: Sealed): Promise<T> {
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: box.iv }, await key(by), box.data)
  return JSON.parse(new TextDecoder().decode(plain)) as T
}

export async function keep(name: string, value: unknown): Promise<void> {
  if (!able()) return
  const box = await seal('vault', value)
  if (box.data.byteLength <= BYTES_MAX) await write('kept', name, { ...box, at: Date.now() } satisfies Kept)
}

export async function kept<T>(name: string): Promise<T | undefined> {
  if (!able()) return undefined
  const box = await read<Kept>('kept', name)
  if (!box) return undefined
  try {
    if (Date.now() - box.at <= AGE_MAX_MS) return await unseal<T>('vault', box)
  } catch {
    // of a key that is gone: nobody can read it any more
  }
  await remove('kept', name)
  return undefined
}

/** Nothing that was kept to be read can be read again; what waits to be sent stays. */
export async function burn(): Promise<void> {
  if (!able()) return
  await remove('keys', 'vault')
  await clear('kept')
}
