/** The organisation this person works for right now, chosen once and kept in the browser. */
import { computed, shallowRef } from 'vue'
import { me } from '@/api/me'
import { kept } from '@/words/locale'
import type { Role } from '@/api/types'

const KEPT = 'tiantou.studio.org'
const wanted = shallowRef(kept.read(KEPT) ?? '')

export interface MyOrg { id: string; name: string; state: string; kind: string; roles: Role[] }

/** One row an organisation, with all roles this person has in it. */
export const myOrgs = computed<MyOrg[]>(() => {
  const found = new Map<string, MyOrg>()
  for (const one of me.value.memberships) {
    const row = found.get(one.org_id) ?? { id: one.org_id, name: one.org_name, state: one.org_state, kind: one.org_kind, roles: [] }
    row.roles.push(one.role)
    found.set(one.org_id, row)
  }
  return [...found.values()]
})

export const org = computed<MyOrg | null>(() => myOrgs.value.find((one) => one.id === wanted.value) ?? myOrgs.value[0] ?? null)

export function chooseOrg(id: string): void {
  wanted.value = id
  kept.write(KEPT, id)
}

/** `/api/orgs/<id>/...` of the organisation chosen. */
export const orgPath = (rest: string) => `/api/orgs/${org.value?.id ?? ''}${rest}`

/** The owner may all; others what their roles say. The server decides, this only spares useless pages. */
export const has = (...roles: Role[]) => org.value?.roles.some((role) => role === 'owner' || roles.includes(role)) ?? false

/** Price and boxes are a seller's own: may this person change them for goods of that seller in a room of `room_org`? */
export const maySell = (seller_org: string, room_org: string) =>
  seller_org === room_org || myOrgs.value.some((one) => one.id === seller_org && one.roles.some((role) => role === 'owner' || SHOW.includes(role)))

export const PRODUCE: Role[] = ['manager', 'station']
export const SELL: Role[] = ['manager']
export const PACK: Role[] = ['manager', 'packer']
export const SHOW: Role[] = ['manager', 'host', 'assistant']
