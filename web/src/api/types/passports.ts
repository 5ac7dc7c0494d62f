import type { Id, Iso } from './basic'

/** Boxes reported of a packed lot; `permille` of its boxes. */
export interface ReportRate {
  lot_id: Id; lot_code: string; pack_id: Id; state: string
  reports: number; boxes_reported: number; boxes: number; permille: number; last_at: Iso
}
/** What somebody with a box in hand reported; `photo` shows its label. */
export interface ProblemReport { id: Id; code: string; words: string; photo: string; at: Iso }
/** Whether passports may give a household's name, and how it agreed. */
export interface Shown { shown: boolean; consent: string | null }
