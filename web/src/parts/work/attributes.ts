/** What grade standards measure. */
import type { Attribute } from '@/api/types'

/** Decimals in which people read an attribute: tenths of millimetres and °Brix, whole mm² and grams. */
export const DIGITS: Record<Attribute, 0 | 1> = { diameter_tenth_mm: 1, brix_tenth: 1, blemish_mm2: 0, weight_g: 0 }
export const ATTRIBUTES = Object.keys(DIGITS) as Attribute[]
