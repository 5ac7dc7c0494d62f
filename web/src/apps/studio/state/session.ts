/** One session as its pages read it and act on it. */
import { get, post } from '@/api/client'
import { useAct } from '@/api/act'
import { useLoad } from '@/api/load'
import type { Item, Session, SessionState } from '@/api/types'
import { toast } from '@/parts/toast'

export const sessionPath = (id: string, rest = '') => `/api/sessions/${id}${rest}`
export const ON_AIR: SessionState[] = ['live', 'interrupted', 'suspended']
export const COMING: SessionState[] = ['draft', 'announced', 'in_review', 'ready']
/** Once one of these, no camera is wanted any more. */
export const OVER: SessionState[] = ['ended', 'terminated', 'packaging', 'replay_public', 'archived', 'disposed', 'cancelled']

export function useSession(id: string) {
  return useLoad<Session>((signal) => get<Session>(sessionPath(id), undefined, signal))
}

/** An act that answers the session anew; the word goes into a toast when it is done. */
export function useStep(id: string, take: (fresh: Session) => void) {
  const act = useAct((key: string, step: string) => post<Session>(sessionPath(id, `/${step}`), {}, { key }))
  async function go(step: string, word: string): Promise<boolean> {
    const fresh = await act.run(step)
    if (!fresh) return false
    take(fresh)
    if (word) toast(word)
    return true
  }
  return { go, busy: act.busy, problem: act.problem }
}

export const tagOf = (state: SessionState) =>
  ON_AIR.includes(state) ? 'tag--live' : state === 'ready' || state === 'replay_public' ? 'tag--leaf' : state === 'in_review' || state === 'announced' ? 'tag--info' : ''

/** What is on sale, next in shelf order after `from` and neither explained nor withdrawn. */
export function nextItem(shelf: Item[], pinned: string | null): Item | null {
  const at = shelf.findIndex((item) => item.id === pinned)
  const open = (item: Item) => item.id !== pinned && item.state !== 'withdrawn' && item.state !== 'sold_out' && item.state !== 'explained'
  return shelf.slice(at + 1).find(open) ?? shelf.find(open) ?? null
}
