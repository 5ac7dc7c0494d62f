import type { Id, Iso } from './basic'
import type { Variety } from './goods'

export type Verdict = 'pass' | 'fail' | 'noted'
/** What was measured, in whole units; null was not. */
export interface Measures { brix_tenth: number | null; diameter_tenth_mm: number | null; weight_g: number | null; blemish_mm2: number | null }
/** A test made before the camera. */
export interface CameraTest extends Measures { id: Id; at: Iso; sample_n: number; verdict: Verdict }
/** The lot that the camera shows now, with its tests here; `roots`: of how many harvests it is. */
export interface LotOnCamera {
  id: Id; code: string; variety: Variety; grade: string; harvested_at: Iso; places: string[]; roots: number; since: Iso; tests: CameraTest[]
}
export interface CameraLot { lot_id: Id; code: string; harvested_at: Iso; place: string; boxes_left: number }
/** What is on camera, and the lots of what is explained. */
export interface CameraLots { now: LotOnCamera | null; lots: CameraLot[] }
export type InspectionKind = 'self' | 'quick' | 'lab' | 'on_camera'
/** A test of a lot; `outcome` held: the lot and what was made of it may not be sold. */
export interface Inspection extends Measures {
  id: Id; lot_id: Id; lot_code: string; kind: InspectionKind; sample_n: number
  inhibition_permille: number | null; residue_ug_kg: number | null; residue_limit_ug_kg: number | null; substance: string | null
  lab: string | null; lab_says: 'pass' | 'fail' | null; report: string | null; note: string
  verdict: Verdict; failed: string[]; outcome: 'none' | 'proposed' | 'held'
  session_id: Id | null; video_at: Iso | null; draw_id: Id | null; drawn_code: string | null; made_by: string; at: Iso
}
export type DrawWhat = 'boxes' | 'slips' | 'lots'
/** A sample that was drawn; `link` and `no` make the seed, the seed and the codes make the sample. */
export interface Draw {
  id: Id; org_id: Id; org_name: string; no: number; what: DrawWhat; lot_id: Id | null; lot_code: string | null; day: string | null
  n: number; link: string; seed: string; population: number; population_sha256: string; by_operator: boolean; made_by: string; at: Iso; results: number
}
export interface DrawFile { draw: Draw; drawn: { code: string; lot_id: Id; lot_code: string; result: Inspection | null }[] }
export type SchemeName = 'organic' | 'origin' | 'gi'
/** A certificate of a scheme, over so many plots. */
export interface Scheme {
  id: Id; org_id: Id; org_name: string; scheme: SchemeName; no: string; issuer: string; variety_id: Id; variety: Variety; plots: number
  certified_g: number; valid_from: string; valid_until: string; photo: string | null
  state: 'submitted' | 'verified' | 'refused' | 'revoked' | 'ended'; note: string; made_at: Iso
}
export interface Certified { certificate_id: Id; taken_g: number; left_g: number }
export interface PackClaim { pack_id: Id; claim: SchemeName | 'listed_county'; certificate_id: Id | null; certificate_no: string | null }
export interface ListedRoots {
  roots: { lot_code: string; household: string | null; plot: string | null; village: string | null; county: string | null; grams_in: number; listed: boolean }[]
  all_listed: boolean; cut: boolean
}
