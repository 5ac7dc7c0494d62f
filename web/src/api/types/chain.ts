import type { Id, Iso } from './basic'
import type { Lot } from './goods'

/** What a standard measures; the unit stands in the name. */
export type Attribute = 'diameter_tenth_mm' | 'brix_tenth' | 'blemish_mm2' | 'weight_g'
export interface GradeLimit { attribute: Attribute; low: number | null; high: number | null }
export interface GradeRule { rank: number; name: string; tolerance_permille: number; limits: GradeLimit[] }
export interface StandardIn { code: string; title: string; source: string; edition: string; variety_id: Id | null; grades: GradeRule[] }
/** A grade standard; `shared`: everybody may grade by it. */
export interface Standard extends StandardIn { id: Id; retired_at: Iso | null; shared: boolean }
/** One measured piece; what was not measured is left out. */
export type Piece = Partial<Record<Attribute, number>>

export interface Taken { lot_id: Id; grams: number }
export interface GradeRunIn {
  lots: Taken[]
  outputs: { grade: string; grams: number; pieces: Piece[] }[]
  cull_g: number
  gone: { spoil: number; donate: number; process: number }
  standard_id: Id | null
}
export interface GradeRunMade { run_id: Id; lot_ids: Id[]; grams_left: number; shrink_g: number; tolerance_permille: number }
export interface PackRunIn { pack_id: Id; boxes: number; lots: Taken[]; cull_g: number; tare_g: number; weights: number[]; packer_id: Id | null }
/** How far a recall of the roots would go: lots, and boxes packed so far. */
export interface Reach { roots: number; lots: number; boxes: number }
export interface PackRunMade {
  run_id: Id; packed_lot_id: Id; packed_lot_code: string; boxes: number; grams: number; grams_left: number; shrink_g: number; reach: Reach
}
/** in_g = out_g + cull_g + gone_g + shrink_g. */
export interface Run {
  id: Id; kind: string; standard_id: Id | null; pack_id: Id | null; packer_id: Id | null; boxes: number | null
  in_g: number; out_g: number; cull_g: number; gone_g: number; shrink_g: number; tolerance_permille: number; at: Iso
}
export interface RunWhole extends Run {
  inputs: { lot_id: Id; code: string; grams: number }[]
  outputs: Lot[]
  samples: { lot_id: Id; pieces: number }[]
}
export interface Piecework { day: string; packer_id: Id; packer: string; pack_id: Id; pack: string; runs: number; boxes: number; grams: number }

export type ScrapReason = 'spoil' | 'donate' | 'process' | 'destroy'
export interface Move { id: Id; delta_g: number; reason: string; ref: string; note: string; at: Iso }
export interface LotStep { event: string; state: string; why: string; ref: string | null; at: Iso }
export interface Box { code: string; lot_id: Id; no: number; net_g: number; tare_g: number; taken: boolean }
export interface LotNode { id: Id; code: string; kind: string; state: string; grade: string; grams_in: number; grams_left: number }
export interface LotEdge { parent_id: Id; child_id: Id; grams: number }
/** A lot without parents, to village level. */
export interface LotRoot {
  lot_id: Id; code: string; grams_in: number; harvested_at: Iso
  household_id: Id | null; household: string | null; plot_id: Id | null; plot: string | null; village: string | null; county: string | null
}
export interface LotTree { lots: LotNode[]; edges: LotEdge[]; roots: LotRoot[] }
export interface TracedLine {
  order_id: Id; number: string; channel: string; state: string; line_no: number; lot_id: Id; lot_code: string; boxes: number; picked_at: Iso
}
/** The first lines of `total`; `cut`: there are more than the server counts. */
export interface Forward { lots: Id[]; lines: TracedLine[]; total: number; orders: number; boxes: number; cut: boolean }
export interface Origin { lots: Id[]; roots: LotRoot[] }

export type RecallState = 'draft' | 'active' | 'closed' | 'dropped'
export type NoticeState = 'queued' | 'told' | 'unreachable' | 'acknowledged'
export interface RecallIn { lots: Id[]; box_code: string | null; reason: string; drill: boolean }
/** `trace_ms`: how long it took to find everything. */
export interface Recall {
  id: Id; code: string; drill: boolean; state: RecallState; reason: string
  opened_at: Iso; activated_at: Iso | null; closed_at: Iso | null; trace_ms: number | null; may: string[]
}
export interface RecallLot { lot_id: Id; start: boolean; code: string; kind: string; pack_id: Id | null; made_g: number; left_g: number }
export interface RecallProgress {
  lines: number; orders: number; boxes: number; queued: number; told: number; unreachable: number; acknowledged: number; refunded_fen: number
}
/** The parts sum to `made_g`. */
export interface RecallMass { made_g: number; in_store_g: number; in_orders_g: number; destroyed_g: number; elsewhere_g: number; lost_g: number }
export interface RecallWhole extends Recall { lots: RecallLot[]; progress: RecallProgress; mass: RecallMass }
export interface RecallLine {
  order_id: Id; line_no: number; lot_id: Id; number: string; channel: string; lot_code: string; boxes: number
  order_state: string; state: NoticeState; refunded_fen: number; told_at: Iso | null; acknowledged_at: Iso | null
}
/** A recalled box of one's own order. */
export interface MyRecall {
  recall_id: Id; shop_id: Id; order_id: Id; number: string; lot_code: string; boxes: number
  state: NoticeState; refunded_fen: number; told_at: Iso | null; acknowledged_at: Iso | null
}

/** Days on the way by place, and hours that varieties bear. */
export interface Transit { days: { prefix: string; days: number }[]; limits: { variety_id: Id; max_hours: number }[] }
