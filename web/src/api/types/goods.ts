import type { Id, Iso, Picture, Division } from './basic'

export interface Variety { id: Id; crop: string; crop_en: string; name: string; name_en: string; months: number[]; shelf_days: number }
export interface PackIn { id?: Id; name: string; unit: string; net_g: number; pieces: number | null; price_fen: number }
export interface Pack extends PackIn { id: Id; photo: Picture | null; fen_per_jin: number }
export interface ProductIn {
  title: string
  variety_id: Id
  grade: string
  description: string
  origin_division_code: string
  photos: Picture[]
  fresh: boolean
  packs: PackIn[]
}
export interface Seller { org_id: Id; name: string; address: string; contact_phone: string; registration_code: string | null }
export interface Product extends Omit<ProductIn, 'packs'> {
  id: Id
  org_id: Id
  state: 'on' | 'off'
  /** The commission at which others' rooms may show it; null: none may. Its own shop alone is told. */
  rooms_permille?: number | null
  packs: Pack[]
  variety: Variety
  origin: Division
  seller?: Seller
}
export interface ProductCard {
  id: Id
  title: string
  grade: string
  photo: Picture | null
  price_fen: number
  unit: string
  fen_per_jin: number
  shop_name: string
  division_name: string
}

export interface Household {
  id: Id
  no: number
  name: string
  village: string
  phone_masked: string | null
  payee_masked: string | null
  slips: number
}
export interface Payee { bank: string; account: string; holder: string }
export interface HouseholdIn { name: string; village: string; division_code: string; phone: string | null; payee: Payee | null }
export interface PlotIn {
  household_id: Id
  name: string
  division_code: string
  village: string
  area_m2: number
  altitude_m: number | null
}
export interface Plot extends PlotIn { id: Id }
export type Basis = 'control' | 'self_test' | 'lab'
export interface SlipIn {
  household_id: Id
  plot_id: Id | null
  season_id: Id | null
  stop_id: Id | null
  variety_id: Id
  grams: number
  grade: string
  price_fen_per_jin: number
  floor_fen_per_jin: number
  harvested_at: Iso
  certificate: { basis: Basis; commitments: string[] } | null
  agreed: { by: 'grower' } | { by: 'helper'; helper_name: string; consent: string }
  /** When, by this device's clock. */
  weighed_at: Iso
}
export interface Slip {
  id: Id
  code: string
  state: string
  entered_by: string
  on_behalf: boolean
  household: { id: Id; no: number; name: string; village: string }
  lot: { id: Id; code: string }
  variety?: Variety
  grams: number
  grade: string
  price_fen_per_jin: number
  value_fen: number
  at: Iso
}
export interface Lot {
  id: Id
  code: string
  kind: string
  variety: Variety
  grade: string
  grams_in: number
  grams_left: number
  harvested_at: Iso
  best_before: Iso
  household: { id: Id; no: number; name: string; village: string } | null
  plot: Plot | null
  certificate: { no: string; basis: Basis } | null
  state: string
  packed: { pack_id: Id; title: string; boxes: number }[]
  floor_fen_per_jin: number
  price_fen_per_jin: number
}
