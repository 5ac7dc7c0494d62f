/** What the control room does to the room; each act is one call with one key. */
import { shallowRef } from 'vue'
import { newKey, post } from '@/api/client'
import { problemOf, type Problem } from '@/api/problems'
import type { Item, Question, Session } from '@/api/types'
import { toast } from '@/parts/toast'
import { lw } from '@/words/studio-live'
import { sessionPath } from './session'

export interface FlashIn { price_fen: number; units: number; per_buyer: number | null; minutes: number }
export type Panel =
  | { kind: 'price' | 'flash' | 'boxes'; item: Item }
  | { kind: 'mute' | 'ban'; person_no: number; nickname: string }
  | { kind: 'answer'; question: Question }
  | { kind: 'help' }

export function useControlActs(id: string, take: { item: (item: Item) => void; question: (question: Question) => void; session: (session: Session) => void; again: () => void }) {
  const busy = shallowRef(false)
  const problem = shallowRef<Problem | null>(null)

  /** One tap, one key; true if done. The same tap again after silence is the panel's own `key`. */
  async function run<T>(path: string, body: unknown, done: string, then?: (answer: T) => void, key = newKey()): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    problem.value = null
    try {
      const answer = await post<T>(sessionPath(id, path), body, { key })
      then?.(answer)
      if (done) toast(done)
      return true
    } catch (reason) {
      problem.value = problemOf(reason)
      return false
    } finally {
      busy.value = false
    }
  }
  const words = () => lw.control.done
  const item = (at: Item, rest: string) => `/items/${at.id}/${rest}`
  return {
    busy,
    problem,
    pin: (to: Item | null) =>
      run<{ item: Item | null }>('/pin', { item_id: to?.id ?? null }, to ? words().pin : '', (answer) => {
        take.again()
        if (answer?.item) take.item(answer.item)
      }),
    price: (at: Item, price_fen: number, key: string) => run<Item>(item(at, 'price'), { price_fen }, words().price, take.item, key),
    flash: (at: Item, flash: FlashIn, key: string) => run<Item>(item(at, 'flash'), flash, words().flash, take.item, key),
    flashEnd: (at: Item) => run<Item>(item(at, 'flash/close'), {}, words().flashEnd, take.item),
    boxes: (at: Item, lot_id: string, boxes: number, key: string) => run<Item>(item(at, 'boxes'), { lot_id, boxes }, words().boxes, take.item, key),
    withdraw: (at: Item) => run<Item>(item(at, 'withdraw'), {}, words().withdraw, take.item),
    restore: (at: Item) => run<Item>(item(at, 'restore'), {}, words().restore, take.item),
    mute: (no: number, minutes: number, reason: string) => run(`/people/${no}/mute`, { minutes, reason }, words().mute, take.again),
    unmute: (no: number) => run(`/people/${no}/unmute`, {}, words().unmute, take.again),
    ban: (no: number, reason: string) => run(`/people/${no}/ban`, { reason }, words().ban, take.again),
    hide: (no: number) => run(`/chat/${no}/hide`, {}, lw.control.hidden),
    answer: (question: Question, text: string | null) => run<Question>(`/questions/${question.id}/answer`, { text }, words().answer, take.question),
    skip: (question: Question) => run(`/questions/${question.id}/skip`, {}, words().skip, take.again),
    end: () => run<Session>('/end', {}, '', take.session),
  }
}

export type ControlActs = ReturnType<typeof useControlActs>
