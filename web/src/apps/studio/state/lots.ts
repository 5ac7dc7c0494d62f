/** Lots as the pages group and sort them. */
import type { Lot } from '@/api/types'
import { lifeOf } from '@/parts/work/life'

export const hasStock = (lot: Lot) => lot.grams_left > 0 || lot.packed.some((one) => one.boxes > 0)
export const isOver = (lot: Lot, now: number) => Date.parse(lot.best_before) <= now
/** Least life left first. */
export const byLife = (lots: Lot[], now: number) =>
  [...lots].sort((a, b) => lifeOf(a.harvested_at, a.best_before, now).share - lifeOf(b.harvested_at, b.best_before, now).share || a.best_before.localeCompare(b.best_before))
/** Those grown out of the ground; packed boxes are shown in their harvest lot's row. */
export const harvests = (lots: Lot[]) => lots.filter((lot) => lot.kind === 'harvest')
