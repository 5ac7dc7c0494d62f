/** A session while it is being written. Public-service hosts have no fee in any state of the form. */
import type { HostKind, Session, SessionIn, Venue } from '@/api/types'
import { fromLocal, toLocal } from '@/parts/work/days'

export interface SessionDraft {
  title: string
  cover: string[]
  starts: string
  planned_minutes: number | null
  kind: HostKind
  host_name: string
  host_title: string
  host_phone: string
  slot_fee_fen: number | null
  commission_permille: number | null
  venue: Venue
  shelf: string[]
}

export const newSession = (now: number): SessionDraft => ({
  title: '', cover: [], starts: toLocal(Math.ceil(now / 1_800_000) * 1_800_000 + 3_600_000), planned_minutes: 90, kind: 'own', host_name: '', host_title: '',
  host_phone: '', slot_fee_fen: null, commission_permille: null, venue: 'here', shelf: [],
})

export const draftOf = (known: Session): SessionDraft => ({
  title: known.title, cover: known.cover ? [known.cover] : [], starts: toLocal(known.starts_at), planned_minutes: known.planned_minutes, kind: known.host.kind,
  host_name: known.host.name, host_title: known.host.title, host_phone: known.host.phone ?? '', slot_fee_fen: known.slot_fee_fen || null,
  commission_permille: known.commission_permille || null, venue: known.venue, shelf: known.shelf.map((item) => item.pack_id),
})

export function sessionOf(draft: SessionDraft): SessionIn {
  const paid = draft.kind === 'professional'
  return {
    title: draft.title.trim(), cover: draft.cover[0] ?? null, starts_at: fromLocal(draft.starts) ?? '', planned_minutes: draft.planned_minutes ?? 0,
    host: { kind: draft.kind, name: draft.host_name.trim(), title: draft.host_title.trim(), phone: draft.host_phone.trim() || null },
    slot_fee_fen: paid ? (draft.slot_fee_fen ?? 0) : 0, commission_permille: paid ? (draft.commission_permille ?? 0) : 0, venue: draft.venue,
    shelf: draft.shelf.map((pack_id) => ({ pack_id })),
  }
}
