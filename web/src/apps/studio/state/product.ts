/** A product while it is being written. */
import type { PackIn, Product, ProductIn } from '@/api/types'

export interface PackDraft { id: string | null; name: string; unit: string; net_g: number | null; pieces: number | null; price_fen: number | null }
export const newPack = (): PackDraft => ({ id: null, name: '', unit: '箱', net_g: null, pieces: null, price_fen: null })

/** To the nearest fen; null while either number is missing. */
export const fenPerJin = (pack: PackDraft) => (pack.net_g && pack.price_fen ? Math.round((pack.price_fen * 500) / pack.net_g) : null)

export interface ProductDraft {
  title: string
  grade: string
  description: string
  fresh: boolean
  photos: string[]
  packs: PackDraft[]
}
export const newProduct = (): ProductDraft => ({ title: '', grade: '', description: '', fresh: true, photos: [], packs: [newPack()] })

export const draftOf = (known: Product): ProductDraft => ({
  title: known.title, grade: known.grade, description: known.description, fresh: known.fresh, photos: [...known.photos],
  packs: known.packs.map(({ id, name, unit, net_g, pieces, price_fen }) => ({ id, name, unit, net_g, pieces, price_fen })),
})

export function productOf(draft: ProductDraft, variety_id: string, origin_division_code: string): ProductIn {
  const packs = draft.packs.map((one): PackIn => ({
    ...(one.id ? { id: one.id } : {}), name: one.name.trim(), unit: one.unit, net_g: one.net_g ?? 0, pieces: one.pieces || null, price_fen: one.price_fen ?? 0,
  }))
  return { title: draft.title.trim(), grade: draft.grade.trim(), description: draft.description.trim(), fresh: draft.fresh, photos: draft.photos, packs, variety_id, origin_division_code }
}
