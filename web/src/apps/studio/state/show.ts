/** A running session as the control room keeps it: read once, then kept true by the room's stream.
 *
 * Figures and minutes are sums of the server, asked for again every ten seconds.
 */
import { computed, onScopeDispose, reactive, shallowRef } from 'vue'
import { get, post } from '@/api/client'
import { serverNow } from '@/api/clock'
import { ApiError, type Problem } from '@/api/problems'
import type { ChatLine, Control, Item, LotOnCamera, Offer, Play, Question, Room, RoomEvent, Session, ShortLine, Ticket } from '@/api/types'
import { RoomStream, type Connection } from '@/live/room-stream'
import { w } from '@/words/shared'
import { lw } from '@/words/studio-live'
import { sessionPath } from './session'

export interface Sanction { person_no: number; kind: string; reason: string; until: string | null }
export type ControlView = Omit<Control, 'muted'> & { sanctions?: Sanction[] }
export interface Show { session: Session | null; control: ControlView | null; lines: ChatLine[]; hidden: number[]; play: Play | null; camera: LotOnCamera | null }

const LINES_MAX = 200
const AGAIN_MS = 10_000

export const pinnedOf = (show: Show) => show.session?.shelf.find((item) => item.state === 'explaining') ?? null
const openOffer = (item: Item, now: number): Offer | null =>
  item.flash && item.flash.state === 'open' && (!item.flash.closes_at || Date.parse(item.flash.closes_at) > now) ? item.flash : null
/** The flash price while it holds, and the standing offer. */
export const offersOf = (item: Item, now: number) => ({ flash: openOffer(item, now), standing: item.offer })
/** Boxes that can still be had of an item, over its offers. */
export const leftOf = (item: Item) => Math.max(item.offer?.units_left ?? 0, item.flash?.state === 'open' ? item.flash.units_left : 0)
/** Not answered yet, most wanted first. */
export const openQuestions = (questions: Question[]) =>
  questions.filter((one) => !one.answered_at).sort((a, b) => b.votes - a.votes || a.at.localeCompare(b.at))

function putItem(show: Show, fresh: Item): void {
  const shelf = show.session?.shelf
  if (!shelf) return
  const at = shelf.findIndex((item) => item.id === fresh.id)
  if (at >= 0) shelf[at] = fresh
  else shelf.push(fresh)
  shelf.sort((a, b) => a.position - b.position)
}

function putPin(show: Show, item: Item | null): void {
  for (const one of show.session?.shelf ?? []) if (one.state === 'explaining' && one.id !== item?.id) one.state = 'explained'
  if (item) putItem(show, { ...item, state: 'explaining' })
}

export function putQuestion(show: Show, question: Question): void {
  const all = show.control?.questions
  if (!all) return
  const at = all.findIndex((one) => one.id === question.id)
  if (at >= 0) all[at] = question
  else all.push(question)
}

function setUnits(show: Show, offer_id: string, units_left: number): void {
  for (const item of show.session?.shelf ?? []) {
    for (const offer of [item.offer, item.flash]) if (offer?.id === offer_id) offer.units_left = units_left
  }
}

const withItem = (show: Show, id: string, change: (item: Item) => void) => {
  const item = show.session?.shelf.find((one) => one.id === id)
  if (item) change(item)
}

export function apply(show: Show, event: RoomEvent): void {
  if (event.t === 'pin') putPin(show, event.item)
  else if (event.t === 'item') putItem(show, event.item)
  else if (event.t === 'price') withItem(show, event.item_id, (item) => (item.offer = event.offer))
  else if (event.t === 'deal') withItem(show, event.item_id, (item) => (item.flash = event.offer))
  else if (event.t === 'deal_end') withItem(show, event.item_id, (item) => (item.flash = null))
  else if (event.t === 'sold_out') setUnits(show, event.offer_id, 0)
  else if (event.t === 'restock') setUnits(show, event.offer_id, event.units_left)
  else if (event.t === 'question' || event.t === 'answered') putQuestion(show, event.question)
  else if (event.t === 'state' && show.session) show.session.state = event.state
  else if (event.t === 'lot') show.camera = event.lot
  else if (event.t === 'hide') show.hidden.push(event.no)
  else if (event.t === 'end' && show.session) show.session.state = 'ended'
}

function addLines(show: Show, fresh: ChatLine[]): void {
  const known = new Set(show.lines.map((line) => line.no))
  show.lines = [...show.lines, ...fresh.filter((line) => !known.has(line.no))].slice(-LINES_MAX)
}
let passing = 0
function long(show: Show, line: ShortLine): ChatLine {
  const known = { no: line.i, at: new Date(serverNow()).toISOString(), person_no: line.p ?? 0 }
  if (line.b !== 'sale') return { ...known, nickname: line.u, text: line.x, badge: line.b ?? '' }
  // A paid order, whence and how many; it has no number of its own, so it takes one between those of chat.
  passing = (passing + 1) % 1000
  const no = Math.floor(show.lines[show.lines.length - 1]?.no ?? 0) + 0.5 + passing / 10_000
  const product = show.session?.shelf.find((item) => item.id === line.t)?.product
  const units = product ? w.units(line.x, product.unit) : line.x
  return { ...known, no, nickname: '', text: lw.control.province(line.u, units, product?.title ?? ''), badge: '', kind: 'system' }
}

/** Units by offer and the three counters, as frames carry them. */
export function applyValues(show: Show, values: Record<string, number>): void {
  for (const [name, value] of Object.entries(values)) if (name.startsWith('stock:')) setUnits(show, name.slice(6), value)
}

export function useShow(id: string) {
  const show: Show = reactive({ session: null, control: null, lines: [], hidden: [], play: null, camera: null })
  const problem = shallowRef<Problem | null>(null)
  const connection = shallowRef<Connection>('connecting')
  const pinned = computed(() => pinnedOf(show))

  async function readSession(): Promise<void> {
    try {
      show.session = await get<Session>(sessionPath(id))
      problem.value = null
    } catch (reason) {
      if (!(reason instanceof ApiError)) throw reason
      if (!show.session) problem.value = reason.problem
    }
  }
  async function readControl(): Promise<void> {
    try {
      show.control = await get<ControlView>(sessionPath(id, '/control'))
    } catch (reason) {
      if (!(reason instanceof ApiError)) throw reason
    }
  }
  /** What was said before; a session shown elsewhere alone has no room here. */
  async function readRoom(): Promise<void> {
    try {
      const room = await get<Room>(`/api/rooms/${id}`)
      addLines(show, room.chat)
      show.play = room.play
    } catch (reason) {
      if (!(reason instanceof ApiError)) throw reason
    }
  }
  async function read(): Promise<void> {
    await Promise.all([readSession(), readControl(), readRoom()])
  }

  const stream = new RoomStream({
    ev: (event) => apply(show, event),
    chat: (lines) => addLines(show, lines.map((line) => long(show, line))),
    counters: ([viewers, likes, orders]) => {
      if (show.control) Object.assign(show.control.figures, { viewers, likes, orders })
    },
    state: (values) => applyValues(show, values),
    // Whatever was missed is in the session's own read, which has what viewers must not see, too.
    snapshot: () => void Promise.all([readSession(), readControl()]),
    connection: (state) => (connection.value = state),
  })
  void read().then(() => stream.connect(() => post<Ticket>(`/api/rooms/${id}/ticket`)))
  const timer = window.setInterval(() => {
    if (!document.hidden) void readControl()
  }, AGAIN_MS)
  onScopeDispose(() => {
    window.clearInterval(timer)
    stream.close()
  })
  return { show, pinned, problem, connection, readControl, readRoom, read, take: (item: Item) => putItem(show, item) }
}
