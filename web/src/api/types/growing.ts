import type { Id, Iso, Picture } from './basic'
import type { Variety } from './goods'

/** Millionths of a degree, WGS 84. */
export interface Point { lat_e6: number; lon_e6: number }
export interface PlotBody {
  name: string
  division_code: string
  village: string
  area_m2: number
  altitude_m: number | null
  point: Point | null
  outline: Point[]
  photos: Picture[]
}
export interface PlotWhole extends PlotBody {
  id: Id
  household_id: Id
  household: string
  county: string
  outline_m2: number
  outline_differs: boolean
  retired_at: Iso | null
}
export type SeasonState = 'planned' | 'growing' | 'harvesting' | 'closed' | 'abandoned'
export type SeasonAct = 'plant' | 'harvest' | 'close' | 'abandon'
/** Days are days in China: "2026-11-27". */
export interface SeasonBody { planted_on: string | null; expected_g: number; expected_from: string; expected_until: string; note: string }
export interface Season extends SeasonBody {
  id: Id
  plot_id: Id
  plot: string
  area_m2: number
  household_id: Id
  household: string
  village: string
  variety: Variety
  state: SeasonState
  harvested_g: number
  may: SeasonAct[]
}
export type InputKind = 'fertiliser' | 'pesticide' | 'regulator' | 'other'
export interface InputBody { kind: InputKind; product: string; registration_no: string; dose: string; purpose: string; used_on: string; withhold_days: number }
export interface InputUse extends InputBody { id: Id; corrects: Id | null; corrected_by: Id | null; withdrawn: boolean; why: string; at: Iso }
export interface SeasonWhole extends Season { steps: { event: string; state: string; why: string; at: Iso }[]; inputs: InputUse[] }
export interface StopBody { household_id: Id | null; village: string; called_g: number; planned_minute: number | null }
export interface Stop extends StopBody { id: Id; place: number; household: string | null; household_no: number | null; state: 'waiting' | 'weighed' | 'skipped'; why: string; weighed_g: number }
export interface CollectionBody { day: string; vehicle: string; driver: string; note: string; stops: StopBody[] }
export interface Collection {
  id: Id
  no: number
  day: string
  vehicle: string
  driver: string
  note: string
  state: 'planned' | 'under_way' | 'done' | 'cancelled'
  stops: number
  waiting: number
  called_g: number
  weighed_g: number
  may: ('start' | 'finish' | 'cancel')[]
}
export interface CollectionWhole extends Collection { items: Stop[] }
