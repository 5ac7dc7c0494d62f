/** What the review page works out by itself: how soon it begins, and words the law forbids in a title. */
import type { Session } from '@/api/types'
import { dw } from '@/words/desk'

export interface Waiting extends Session { org_name: string; waiting_since: string | null }

const SOON_MS = 2 * 3_600_000

/** How long until the start, in words, and whether that is soon. */
export function startsIn(starts_at: string, now: number): { text: string; soon: boolean } {
  const ms = Date.parse(starts_at) - now
  const words = dw.review
  if (ms <= 0) return { text: words.over, soon: true }
  const minutes = Math.ceil(ms / 60_000)
  if (minutes < 60) return { text: words.after(words.inMinutes(String(minutes))), soon: true }
  if (minutes < 24 * 60) return { text: words.after(words.inHours(String(Math.floor(minutes / 60)), String(minutes % 60))), soon: ms < SOON_MS }
  return { text: words.after(words.inDays(String(Math.floor(minutes / 1440)))), soon: false }
}

/** Absolute and healing claims of the advertising law that are found by reading; a person decides. */
const CLAIMS = ['最', '第一', '全网', '国家级', '顶级', '极品', '治病', '治疗', '防癌', '降血压', '降血糖', '包治', '100%', '特供', '专供']

export const claimsIn = (title: string) => CLAIMS.filter((claim) => title.includes(claim))
