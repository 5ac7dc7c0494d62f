/** One room on one page: read once, then kept true by its stream; read again where the stream cannot tell. */
import { computed, onScopeDispose, watch, type Ref } from 'vue'
import { useNow } from '@/api/clock'
import * as api from '@/api/live'
import { ApiError } from '@/api/problems'
import type { ChatLine, Play } from '@/api/types'
import { RoomStream } from '@/live/room-stream'
import { addLines, offerOf, playOf, sellerOf } from './state'
import { handlers, newView, take, type RoomView } from './view'

const ON_AIR: readonly string[] = ['live', 'interrupted', 'suspended']
const AFTER: readonly string[] = ['ended', 'terminated', 'packaging']
const SETTLED: readonly string[] = ['replay_public', 'archived', 'disposed', 'cancelled']
const LOOK_AGAIN_MS = 8000

async function read(view: RoomView, id: Ref<string>): Promise<void> {
  const wanted = id.value
  try {
    const fresh = await api.room(wanted)
    if (wanted === id.value) take(view, fresh)
  } catch (reason) {
    if (!(reason instanceof ApiError)) throw reason
    if (wanted === id.value && (!view.room.value || reason.problem.kind === 'not-found')) view.problem.value = reason.problem
  }
}

/** A fresh Play; null where there is none now, and the player asks again later. */
async function freshPlay(view: RoomView, id: string): Promise<Play | null> {
  try {
    const fresh = await api.room(id)
    const play = fresh.play ?? (fresh.replay ? playOf(fresh.replay) : null)
    if (view.room.value && fresh.play) view.room.value.play = fresh.play
    return play
  } catch {
    return null
  }
}

function useParts(view: RoomView) {
  const now = useNow()
  const state = computed(() => view.room.value?.state ?? '')
  const pinned = computed(() => view.room.value?.shelf.find((item) => item.id === view.room.value?.pinned) ?? null)
  return {
    now,
    state,
    pinned,
    onAir: computed(() => ON_AIR.includes(state.value)),
    over: computed(() => AFTER.includes(state.value) || SETTLED.includes(state.value)),
    seller: computed(() => (view.room.value ? sellerOf(view.room.value) : null)),
    pinnedOffer: computed(() => (pinned.value ? offerOf(pinned.value, now.value) : null)),
  }
}

export function useRoom(id: Ref<string>) {
  const view = newView()
  const parts = useParts(view)
  let settling = 0

  /** After the end the replay is made; the same page shows it as soon as it is there. */
  async function settle(): Promise<void> {
    window.clearTimeout(settling)
    await read(view, id)
    const made = view.room.value?.replay || SETTLED.includes(parts.state.value)
    if (parts.over.value && !made) settling = window.setTimeout(() => void settle(), LOOK_AGAIN_MS)
  }
  const stream = new RoomStream(handlers(view, () => void settle()))
  const join = () => stream.connect(() => api.ticket(id.value))

  watch(id, async () => {
    stream.close()
    view.room.value = null
    view.lines.value = []
    await read(view, id)
    if (!view.room.value) return
    if (parts.over.value) await settle()
    else join()
  }, { immediate: true })
  // Who goes on air while we wait: the room's own answer has the addresses of the picture.
  watch(parts.state, (to, before) => {
    if (before && to && (ON_AIR.includes(to) !== ON_AIR.includes(before) || SETTLED.includes(to))) void settle()
  })
  onScopeDispose(() => {
    window.clearTimeout(settling)
    stream.close()
  })
  return {
    ...view,
    ...parts,
    read: () => read(view, id),
    freshPlay: () => freshPlay(view, id.value),
    addOwn: (line: ChatLine) => (view.lines.value = addLines(view.lines.value, [line])),
    /** After a sign-in: the stream must know who it is talking to. */
    rejoin() {
      stream.close()
      if (!parts.over.value) join()
    },
  }
}
