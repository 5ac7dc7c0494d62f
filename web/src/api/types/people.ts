import type { Id, Iso, Division } from './basic'

export type OrgKind = 'household' | 'coop' | 'family_farm' | 'firm' | 'station'
export type OrgState = 'applied' | 'admitted' | 'refused' | 'suspended'
export type Role = 'owner' | 'manager' | 'host' | 'assistant' | 'packer' | 'station'
export interface Person { id: Id; no: number; nickname: string; phone_masked: string }
export interface Membership { org_id: Id; org_name: string; org_kind: OrgKind; org_state: OrgState; role: Role }
export interface Me {
  person: Person | null
  operator: boolean
  memberships: Membership[]
  unread: number
  mode: 'demo' | 'production'
  role: 'room_operator' | 'platform'
  now: Iso
}
export interface AddressIn { recipient: string; phone: string; division_code: string; detail: string; is_default: boolean }
export interface Address extends Omit<AddressIn, 'division_code'> { id: Id; division: Division }
/** What was understood of a pasted address; what was not is empty. */
export interface PastedAddress { recipient: string; phone: string; division: Division | null; detail: string }
export interface Notice { id: Id; kind: string; members: Record<string, unknown>; at: Iso; read: boolean }
export interface OrgIn {
  kind: OrgKind
  name: string
  registration_code: string | null
  division_code: string
  address: string
  contact_name: string
  contact_phone: string
}
export interface Org extends Omit<OrgIn, 'division_code'> {
  id: Id
  division: Division
  state: OrgState
  refusal: string | null
  admitted_at: Iso | null
  verified_until: Iso | null
}
export interface Member { person_id: Id; nickname: string; phone_masked: string; role: Role }
