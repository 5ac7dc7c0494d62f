/** What a room's page holds, and how the stream's messages change it. */
import { reactive, shallowRef, type ShallowRef } from 'vue'
import { serverNow } from '@/api/clock'
import { me } from '@/api/me'
import type { Problem } from '@/api/problems'
import type { ChatLine, Room, RoomEvent, ShortLine } from '@/api/types'
import type { Connection, RoomStreamEvents } from '@/live/room-stream'
import { v } from '@/words/viewer'
import { addLines, applyEvent, applyValues, fromShort } from './state'

export interface RoomView {
  room: ShallowRef<Room | null>
  problem: ShallowRef<Problem | null>
  lines: ShallowRef<ChatLine[]>
  connection: ShallowRef<Connection>
  /** Said to screen readers: sold out, a price, an answer. */
  told: ShallowRef<string>
  banned: ShallowRef<boolean>
}

export const newView = (): RoomView => ({
  room: shallowRef(null),
  problem: shallowRef(null),
  lines: shallowRef([]),
  connection: shallowRef('connecting'),
  told: shallowRef(''),
  banned: shallowRef(false),
})

export function take(view: RoomView, fresh: Room): void {
  view.room.value = reactive(fresh)
  view.lines.value = addLines(view.lines.value, fresh.chat)
  view.problem.value = null
  view.banned.value = fresh.me.banned
}

const nowText = () => new Date(serverNow()).toISOString()
let passing = 0

/** A line of the room's own, which nobody wrote; its number stands between those of chat. */
function systemLine(view: RoomView, text: string): void {
  const last = view.lines.value[view.lines.value.length - 1]?.no ?? 0
  passing = (passing + 1) % 1000
  const no = Math.floor(last) + 0.5 + passing / 10_000
  view.lines.value = addLines(view.lines.value, [
    { no, at: nowText(), nickname: '', person_no: 0, text, badge: '', kind: 'system' },
  ])
}

/** What an event does beside the room's goods: lines, the reader's own rights, words for screen readers. */
function pass(view: RoomView, room: Room, event: RoomEvent): void {
  const self = me.value.person?.no
  switch (event.t) {
    case 'hide':
      view.lines.value = view.lines.value.filter((line) => line.no !== event.no)
      return
    case 'mute':
      if (event.person_no === self) Object.assign(room.me, { muted: event.until !== null, muted_until: event.until })
      return
    case 'ban':
      view.lines.value = view.lines.value.filter((line) => line.person_no !== event.person_no || line.kind === 'system')
      if (event.person_no === self) view.banned.value = true
      return
    case 'sold_out':
      view.told.value = v.room.toldSoldOut
      return
    case 'price':
    case 'deal':
      view.told.value = v.room.toldPrice
      return
    case 'answered':
      view.told.value = v.room.toldAnswered(event.question.text)
  }
}

/** The stream's snapshot is the part of the room that everybody shares; what is the reader's own stays. */
const OWN = new Set(['me', 'play', 'replay', 'chat', 'share'])

function patch(room: Room, state: unknown): void {
  if (typeof state !== 'object' || state === null) return
  for (const [key, value] of Object.entries(state)) {
    if (!OWN.has(key) && key in room) Object.assign(room, { [key]: value })
  }
}

/** Whence, how many of what; a shelf that lost the item names none. */
function saleText(view: RoomView, line: ShortLine): string {
  const product = view.room.value?.shelf.find((one) => one.id === line.t)?.product
  return v.room.sale(line.u, line.x, product?.unit ?? '', product?.title ?? '')
}

function addShort(view: RoomView, lines: ShortLine[]): void {
  const at = nowText()
  for (const line of lines) {
    if (line.b === 'sale') systemLine(view, saleText(view, line))
    else view.lines.value = addLines(view.lines.value, [fromShort(line, at)])
  }
}

/** Handlers of the stream; `ended` is called when the session has. */
export function handlers(view: RoomView, ended: () => void): RoomStreamEvents {
  return {
    ev(event) {
      const room = view.room.value
      if (!room) return
      pass(view, room, event)
      applyEvent(room, event)
      if (event.t === 'end') ended()
    },
    chat: (lines) => addShort(view, lines),
    counters([viewers, likes, orders]) {
      if (view.room.value) Object.assign(view.room.value.counts, { viewers, likes, orders })
    },
    state(values) {
      if (view.room.value) applyValues(view.room.value, values)
    },
    snapshot(state, chat, events) {
      if (view.room.value) patch(view.room.value, state)
      for (const event of events) if (view.room.value) applyEvent(view.room.value, event)
      addShort(view, chat)
    },
    connection(state) {
      view.connection.value = state
    },
  }
}
