import type { Id, Iso } from './basic'

/** Whether to hold a packed lot; rates per thousand boxes, `declined` is what was said last. */
export interface HoldProposal {
  lot_id: Id; lot_code: string; state: string; proposed: boolean
  boxes_reported: number; boxes: number; permille: number; usual_permille: number
  declined: { by: string; why: string; boxes_reported: number; at: Iso } | null
}
