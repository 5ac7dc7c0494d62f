/** Dates and times as fields hold them, always in the fields' own zone (Asia/Shanghai, no summer time). */
const SHANGHAI_MS = 8 * 3_600_000

/** 2026-11-23T14:05 for a `datetime-local` field. */
export const toLocal = (at: string | number) => new Date(new Date(at).getTime() + SHANGHAI_MS).toISOString().slice(0, 16)
/** 2026-11-23 for a `date` field. */
export const toDay = (at: string | number) => toLocal(at).slice(0, 10)
/** Back to UTC; null if the field holds no time. */
export function fromLocal(text: string): string | null {
  const at = Date.parse(`${text.length === 10 ? `${text}T12:00` : text}:00+08:00`)
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}
