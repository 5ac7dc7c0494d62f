import type { LotOnCamera } from './inspect'
import type { Id, Iso, Picture, Division } from './basic'
import type { OrgKind } from './people'
import type { Seller, ProductCard } from './goods'
import type { Offer } from './trade'

export type HostKind = 'own' | 'professional' | 'public_service'
export type Venue = 'here' | 'both' | 'elsewhere'
export type SessionState =
  | 'draft' | 'announced' | 'in_review' | 'ready' | 'live' | 'interrupted' | 'suspended' | 'ended' | 'terminated'
  | 'packaging' | 'replay_public' | 'archived' | 'disposed' | 'cancelled'
export interface Host { kind: HostKind; name: string; title: string; phone?: string | null }
export type ItemState = 'queued' | 'explaining' | 'explained' | 'sold_out' | 'withdrawn'
export interface Item {
  id: Id
  pack_id: Id
  position: number
  state: ItemState
  product: {
    id: Id
    title: string
    grade: string
    photo: Picture | null
    unit: string
    net_g: number
    pieces: number | null
    harvested_at: Iso | null
    fen_per_jin: number
  }
  seller: Seller
  /** Null while the pack has no standing offer. */
  offer: Offer | null
  flash: Offer | null
  lot_codes: string[]
}
export interface SessionIn {
  title: string
  cover: Picture | null
  starts_at: Iso
  planned_minutes: number
  host: Host
  slot_fee_fen: number
  commission_permille: number
  venue: Venue
  shelf: { pack_id: Id }[]
}
export interface GateCheck { check: string; ok: boolean; why: string | null }
export interface Session extends Omit<SessionIn, 'shelf'> {
  id: Id
  org_id: Id
  state: SessionState
  shelf: Item[]
  /** Others' goods on the shelf, and what their sellers granted. */
  granted: { item_id: Id; commission_permille: number }[]
  review: { state: string; reasons: string | null; at: Iso | null } | null
  gate: GateCheck[]
  reservations: number
  live: { started_at: Iso; last_signal_at: Iso | null } | null
  replay: { ready: boolean; duration_ms: number; keep_until: Iso; chapters: Chapter[] } | null
  may: string[]
}
export interface OpenGoods {
  product_id: Id
  title: string
  grade: string
  photo: Picture | null
  seller: Seller
  commission_permille: number
  packs: { pack_id: Id; name: string; unit: string; net_g: number; price_fen: number; units_left: number }[]
}
/** Another's room with one's own goods; orders and money are one's own alone. */
export interface GuestShow {
  session_id: Id
  title: string
  state: SessionState
  starts_at: Iso
  host: Host
  room: { id: Id; name: string; division: Division }
  goods: { item_id: Id; product_id: Id; title: string; state: ItemState; commission_permille: number }[]
  orders: number
  units: number
  paid_fen: number
  refunded_fen: number
}
export interface StreamKey { rtmp_url: string; stream_key: string; publish_url: string; publish_token: string; expires_at: Iso }
export interface Control {
  figures: { viewers: number; peak: number; visits: number; likes: number; orders: number; paid_fen: number; units: number }
  questions: Question[]
  health: { publishing: boolean; kbps: number; fps: number; last_at: Iso | null } | null
  per_minute: { at: Iso; viewers: number; orders: number }[]
  muted: { person_no: number; nickname?: string; until: Iso | null }[]
}
export interface RoomCard {
  session_id: Id
  state: SessionState
  title: string
  cover: Picture | null
  starts_at: Iso
  started_at: Iso | null
  shop: { id: Id; name: string; division: Division }
  host: Host
  viewers: number
  pinned: { title: string; price_fen: number; unit: string; photo: Picture | null } | null
  reserved: boolean
  demo: boolean
}
export interface SeasonRow { variety: string; variety_en: string; crop: string; crop_en: string; months: number[]; products: ProductCard[] }
export interface Home { on_air: RoomCard[]; announced: RoomCard[]; replays: RoomCard[]; season: SeasonRow[] }
export interface Found {
  rooms: RoomCard[]
  products: ProductCard[]
  shops: { id: Id; name: string; division: Division }[]
  divisions: Division[]
}
export interface Shop { seller: Seller; division: Division; kind: OrgKind; products: ProductCard[]; rooms: RoomCard[] }
export interface Play {
  llhls_url: string | null
  hls_url: string | null
  flv_url: string | null
  audio_url: string | null
  cover_url: string | null
  expires_at: Iso
}
/** `sale` only in the stream: a paid order. */
export type Badge = '' | 'host' | 'assistant' | 'seller' | 'operator' | 'sale'
export interface ChatLine {
  no: number
  at: Iso
  nickname: string
  person_no: number
  text: string
  badge: Badge
  /** A line of the room's own, made by the page. */
  kind?: 'system'
}
export interface Question {
  id: Id
  text: string
  nickname: string
  person_no: number
  votes: number
  at: Iso
  answered_at: Iso | null
  answer: string | null
  answered_s: number | null
}
export interface Counts { viewers: number; likes: number; visits: number; orders: number }
export interface Chapter { item_id: Id; title: string; start_s: number; end_s: number; price_fen: number; seller: Seller }
/** The recording: its list is read once and good for its whole length. */
export interface Replay {
  hls_url: string
  audio_url: string
  chapters_url: string
  cover_url: string
  expires_at: Iso
  chapters: Chapter[]
  duration_ms: number
}
/** What concerns the one who asks: `control` may open the control room. */
export interface RoomMine {
  reserved: boolean
  muted_until: Iso | null
  muted: boolean
  banned: boolean
  badge: Badge
  control: boolean
}
export interface Room {
  session_id: Id
  state: SessionState
  title: string
  cover: Picture | null
  starts_at: Iso
  planned_minutes: number
  started_at: Iso | null
  ended_at: Iso | null
  org_id: Id
  host: Host
  venue: Venue
  demo: boolean
  seller: Seller
  shelf: Item[]
  pinned: Id | null
  counts: Counts
  chat: ChatLine[]
  questions: Question[]
  on_camera: LotOnCamera | null
  play: Play | null
  replay: Replay | null
  me: RoomMine
  share: { title: string; text: string; picture: string | null }
}
export interface Ticket { ticket: string; url: string; sse_url: string; play: Play | null; expires_in_s: number }
export interface Reserved { reserved: boolean; reservations: number }

/** What the room's stream carries, `t` names it. */
export type RoomEvent =
  | { t: 'pin'; item: Item | null }
  | { t: 'price'; item_id: Id; offer: Offer }
  | { t: 'deal'; item_id: Id; offer: Offer }
  | { t: 'deal_end'; item_id: Id; offer_id: Id }
  | { t: 'sold_out'; item_id: Id; offer_id: Id }
  | { t: 'restock'; item_id: Id; offer_id: Id; units_left: number }
  | { t: 'item'; item: Item }
  | { t: 'lot'; lot: LotOnCamera | null }
  | { t: 'question'; question: Question }
  | { t: 'answered'; question: Question }
  | { t: 'state'; state: SessionState }
  | { t: 'end' }
  | { t: 'mute'; person_no: number; until: Iso | null }
  | { t: 'ban'; person_no: number }
  | { t: 'hide'; no: number }
/** A chat line as the stream shortens it: i number, u nickname, x text, b badge, p person's number.
 * With badge `sale` it is a paid order: u the buyer's province or nothing, x how many units, t the item of the shelf.
 */
export interface ShortLine { i: number; u: string; x: string; b?: Badge; p?: number | null; t?: Id }

export interface Queues {
  timers: { due: number; late: number }
  facts: { consumer: string; lag: number }[]
  parked: { id: Id; reaction: string; fact: string; key: string; error: string; tries: number; at: Iso }[]
}
