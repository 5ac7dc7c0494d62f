/** What a room shows, and how the stream's events change it. Pure but for the room it is given. */
import type { Chapter, ChatLine, Id, Item, Offer, Play, Question, Replay, Room, RoomEvent, ShortLine } from '@/api/types'

export const LINES_MAX = 100

/** The offer a buyer gets now: the flash price while it is open and has units, else the standing one, if any. */
export function offerOf(item: Item, now_ms: number): Offer | null {
  const { flash, offer } = item
  if (!flash || flash.state !== 'open' || flash.units_left <= 0) return offer
  if (Date.parse(flash.opens_at) > now_ms) return offer
  return flash.closes_at && Date.parse(flash.closes_at) <= now_ms ? offer : flash
}

export type Selling = 'open' | 'soon' | 'sold_out' | 'withdrawn' | 'paused'

export function selling(item: Item, now_ms: number): Selling {
  if (item.state === 'withdrawn') return 'withdrawn'
  const offer = offerOf(item, now_ms)
  if (!offer) return 'withdrawn'
  if (offer.units_left <= 0 || item.state === 'sold_out') return 'sold_out'
  if (offer.state !== 'open') return 'paused'
  return Date.parse(offer.opens_at) > now_ms ? 'soon' : 'open'
}

/** Fen for 500 g at this price, for showing beside the price. */
export const fenPerJin = (price_fen: number, net_g: number) => (net_g > 0 ? Math.round((price_fen * 500) / net_g) : 0)

const itemOf = (room: Room, id: Id) => room.shelf.find((item) => item.id === id)

function putItem(room: Room, item: Item): void {
  const at = room.shelf.findIndex((one) => one.id === item.id)
  if (at >= 0) room.shelf[at] = item
  else room.shelf.push(item)
  room.shelf.sort((a, b) => a.position - b.position)
}

function putQuestion(room: Room, question: Question): void {
  const at = room.questions.findIndex((one) => one.id === question.id)
  if (at >= 0) room.questions[at] = question
  else room.questions.push(question)
}

function setUnits(item: Item, offer_id: Id, units_left: number): void {
  for (const offer of [item.offer, item.flash]) {
    if (offer?.id === offer_id) offer.units_left = units_left
  }
  if (units_left > 0 && item.state === 'sold_out' && item.offer?.id === offer_id) item.state = 'explained'
}

/** The operator's or shop's seller when nothing is pinned; the pinned item's seller else. */
export function sellerOf(room: Room) {
  return (room.pinned ? itemOf(room, room.pinned)?.seller : undefined) ?? room.seller
}

/** What is explained at a second of the recording: where two meet, the one that begins. */
export const chapterAt = (chapters: Chapter[], at_s: number): Chapter | null =>
  chapters.reduce<Chapter | null>((best, one) => (at_s >= one.start_s && at_s < one.end_s && (!best || one.start_s >= best.start_s) ? one : best), null)

/** Who sells what a recording shows at a second; the room's own shop between chapters. */
export const sellerAt = (room: Room, at_s: number) => chapterAt(room.replay?.chapters ?? [], at_s)?.seller ?? room.seller

function pin(room: Room, item: Item | null): void {
  const before = room.pinned ? itemOf(room, room.pinned) : undefined
  if (before?.state === 'explaining' && before.id !== item?.id) before.state = 'explained'
  if (item) putItem(room, item)
  room.pinned = item?.id ?? null
}

/** Apply one event to the room's goods, questions and state; what only passes by (sale, hide) is the page's. */
export function applyEvent(room: Room, event: RoomEvent): void {
  switch (event.t) {
    case 'pin':
      return pin(room, event.item)
    case 'item':
      putItem(room, event.item)
      if (event.item.state === 'withdrawn' && room.pinned === event.item.id) room.pinned = null
      return
    case 'lot':
      room.on_camera = event.lot
      return
    case 'question':
    case 'answered':
      return putQuestion(room, event.question)
    case 'state':
      room.state = event.state
      return
    case 'end':
      room.state = 'ended'
      return
    case 'price':
    case 'deal':
    case 'deal_end':
    case 'sold_out':
    case 'restock': {
      const item = itemOf(room, event.item_id)
      if (item) applyToItem(item, event)
    }
  }
}

type ItemEvent = Extract<RoomEvent, { t: 'price' | 'deal' | 'deal_end' | 'sold_out' | 'restock' }>

function applyToItem(item: Item, event: ItemEvent): void {
  switch (event.t) {
    case 'price':
      if (event.offer.kind === 'flash') item.flash = event.offer
      else item.offer = event.offer
      return
    case 'deal':
      item.flash = event.offer
      return
    case 'deal_end':
      if (item.flash?.id === event.offer_id) item.flash = null
      return
    case 'sold_out':
      return setUnits(item, event.offer_id, 0)
    case 'restock':
      return setUnits(item, event.offer_id, event.units_left)
  }
}

/** Latest values by key: `stock:<offer>`, `likes`, `orders`. */
export function applyValues(room: Room, values: Record<string, number>): void {
  for (const [key, value] of Object.entries(values)) {
    if (key === 'likes') room.counts.likes = value
    else if (key === 'orders') room.counts.orders = value
    else if (key.startsWith('stock:')) {
      const offer_id = key.slice('stock:'.length)
      for (const item of room.shelf) setUnits(item, offer_id, value)
    }
  }
}

export function fromShort(line: ShortLine, at: string): ChatLine {
  return { no: line.i, at, nickname: line.u, person_no: line.p ?? 0, text: line.x, badge: line.b ?? '' }
}

/** Lines in order of their number, each once, the last `LINES_MAX`. */
export function addLines(lines: ChatLine[], fresh: ChatLine[]): ChatLine[] {
  const known = new Set(lines.map((line) => line.no))
  const more = fresh.filter((line) => !known.has(line.no))
  if (more.length === 0) return lines
  return [...lines, ...more].sort((a, b) => a.no - b.no).slice(-LINES_MAX)
}

/** A recording in the form the player takes. */
export const playOf = (replay: Replay): Play => ({
  llhls_url: null, hls_url: replay.hls_url, flv_url: null, audio_url: replay.audio_url, cover_url: replay.cover_url, expires_at: replay.expires_at,
})
