/** What the device tells of its link and its battery, and a screen that stays on. */
import { onScopeDispose, shallowRef } from 'vue'
import { online } from '@/api/client'

interface Link extends EventTarget { downlink?: number; effectiveType?: string }
interface Battery extends EventTarget { level: number; charging: boolean }

export function useDevice() {
  const mbit = shallowRef<number | null>(null)
  const weak = shallowRef(false)
  const battery = shallowRef<{ percent: number; charging: boolean } | null>(null)
  const off = new AbortController()
  const signal = off.signal

  const link = (navigator as Navigator & { connection?: Link }).connection
  const readLink = () => {
    mbit.value = link?.downlink ?? null
    weak.value = (link?.downlink ?? 10) < 2 || ['slow-2g', '2g', '3g'].includes(link?.effectiveType ?? '')
  }
  readLink()
  link?.addEventListener('change', readLink, { signal })

  const ask = (navigator as Navigator & { getBattery?: () => Promise<Battery> }).getBattery
  void ask?.call(navigator).then((found) => {
    const read = () => (battery.value = { percent: Math.round(found.level * 100), charging: found.charging })
    read()
    found.addEventListener('levelchange', read, { signal })
    found.addEventListener('chargingchange', read, { signal })
  })
  onScopeDispose(() => off.abort())
  return { mbit, weak, battery, online }
}

/** Keeps the screen on while the scope lives; a browser that cannot is no failure. */
export function useAwake(): void {
  let lock: WakeLockSentinel | null = null
  let gone = false
  const hold = async () => {
    if (gone || document.hidden || !('wakeLock' in navigator)) return
    try {
      lock = await navigator.wakeLock.request('screen')
      if (gone) await lock.release()
    } catch {
      // refused on low battery
    }
  }
  const seen = () => void hold()
  document.addEventListener('visibilitychange', seen)
  void hold()
  onScopeDispose(() => {
    gone = true
    document.removeEventListener('visibilitychange', seen)
    void lock?.release().catch(() => undefined)
  })
}
