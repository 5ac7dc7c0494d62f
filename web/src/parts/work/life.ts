/** How much of its life a lot has left. */
export interface Life { share: number; days: number; bucket: 0 | 1 | 2 | 3 }

/** Share in whole percent, whole days left, and the bucket: 1 above 66 %, 2 from 33 %, 3 below, 0 over. */
export function lifeOf(from: string, until: string, now_ms: number): Life {
  const [start, end] = [Date.parse(from), Date.parse(until)]
  if (now_ms >= end || !(end > start)) return { share: 0, days: 0, bucket: 0 }
  const share = Math.min(100, Math.max(1, Math.round(((end - now_ms) / (end - start)) * 100)))
  const days = Math.floor((end - now_ms) / 86_400_000)
  return { share, days, bucket: share > 66 ? 1 : share >= 33 ? 2 : 3 }
}
