/** Small rules of the chain that the server keeps too: trees of lots, the masses of a run, limits of grades. */
import type { GradeRule, LotEdge, Piece } from '@/api/types'

export interface TreeRow { id: string; depth: number; grams: number; again: boolean; end: boolean }
/** How many rows a tree shows. */
export const TREE_ROWS = 120

/** A lot's parents (`up`) or children, theirs beneath them, each lot opened once. `grams` are the edge's. */
export function treeRows(edges: LotEdge[], of: string, way: 'up' | 'down'): TreeRow[] {
  const next = new Map<string, { id: string; grams: number }[]>()
  for (const edge of edges) {
    const [from, to] = way === 'up' ? [edge.child_id, edge.parent_id] : [edge.parent_id, edge.child_id]
    next.set(from, [...(next.get(from) ?? []), { id: to, grams: edge.grams }])
  }
  const rows: TreeRow[] = []
  const seen = new Set<string>()
  const walk = (id: string, depth: number): void => {
    for (const one of next.get(id) ?? []) {
      const again = seen.has(one.id)
      seen.add(one.id)
      rows.push({ ...one, depth, again, end: !next.has(one.id) })
      if (!again) walk(one.id, depth + 1)
    }
  }
  walk(of, 0)
  return rows
}

/** So many thousandths of what goes in may be missing when grading, and when packing. */
export const GRADE_LOSS_PERMILLE = 20
export const PACK_LOSS_PERMILLE = 50

export interface Balance { in_g: number; out_g: number; cull_g: number; gone_g: number; left_g: number; allowed_g: number; closes: boolean }

/** Whether a run's masses add up; `left_g` is what would be booked as loss, negative if more came out. */
export function balanceOf(in_g: number, out_g: number, cull_g: number, gone_g: number, permille: number): Balance {
  const left_g = in_g - out_g - cull_g - gone_g
  const allowed_g = Math.floor((in_g * permille) / 1000)
  return { in_g, out_g, cull_g, gone_g, left_g, allowed_g, closes: in_g > 0 && left_g >= 0 && left_g <= allowed_g }
}

export interface Verdict { pieces: number; outside: number; allowed: number; meets: boolean }

/** How many pieces pass a limit of a grade, and how many may; what was not measured is not outside. */
export function judge(grade: GradeRule, pieces: Piece[]): Verdict {
  const outside = pieces.filter((piece) =>
    grade.limits.some(({ attribute, low, high }) => {
      const value = piece[attribute]
      return value !== undefined && ((low !== null && value < low) || (high !== null && value > high))
    }),
  ).length
  const allowed = Math.floor((pieces.length * grade.tolerance_permille) / 1000)
  return { pieces: pieces.length, outside, allowed, meets: outside <= allowed }
}

/** Grams of lots shared out to the boxes that are wanted: the first lots first, none beyond what it has. */
export function shareOut(lots: { id: string; grams_left: number }[], grams: number): { lot_id: string; grams: number }[] {
  let ahead = grams
  return lots.flatMap((lot) => {
    const taken = Math.min(ahead, lot.grams_left)
    ahead -= taken
    return taken > 0 ? [{ lot_id: lot.id, grams: taken }] : []
  })
}

export const LOT_TAGS: Record<string, string> = { open: 'tag--leaf', held: 'tag--warn', recalled: 'tag--bad', closed: '' }
