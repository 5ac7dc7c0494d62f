import type { Id, Iso } from './basic'

/** A box held to an order, and what came of it. */
export interface ScanOut {
  scan_id: Id
  said_order: string
  said_box: string
  order_id: Id | null
  number: string | null
  channel: string | null
  order_state: string | null
  line_no: number | null
  box_code: string | null
  lot_code: string | null
  net_g: number | null
  short_fen: number | null
  verdict: string
  other: string | null
  earlier_lot: string | null
  packer_id: Id
  scanned_at: Iso
  at: Iso
  boxes_in: number
  boxes_needed: number
}
export interface ScanIn { id: Id; order: string; box: string; at: Iso; net_g: number | null }
export interface BenchOut { latest: ScanOut[]; today: { packer_id: Id; boxes: number }[]; refused: number }
