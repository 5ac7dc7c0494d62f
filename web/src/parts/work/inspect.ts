/** Tests of lots as pages say them. */
import type { Inspection } from '@/api/types'
import { iw } from '@/words/inspect'

export const VERDICT_TAGS: Record<string, string> = { pass: 'tag--leaf', fail: 'tag--bad', noted: '' }
const tenths = (n: number) => (n % 10 ? (n / 10).toFixed(1) : String(n / 10))
/** Micrograms a kilogram as milligrams, without zeros at the end. */
export const milligrams = (micro: number) => String(micro / 1000)

/** Each value in words, those alone that were measured. */
export function saidOf(one: Inspection): string[] {
  const v = iw.tests.values
  return [
    ...(one.brix_tenth === null ? [] : [v.brix_tenth(tenths(one.brix_tenth))]),
    ...(one.diameter_tenth_mm === null ? [] : [v.diameter_tenth_mm(tenths(one.diameter_tenth_mm))]),
    ...(one.weight_g === null ? [] : [v.weight_g(String(one.weight_g))]),
    ...(one.blemish_mm2 === null ? [] : [v.blemish_mm2(String(one.blemish_mm2))]),
    ...(one.inhibition_permille === null ? [] : [v.inhibition_permille(tenths(one.inhibition_permille))]),
    ...(one.residue_ug_kg === null || one.residue_limit_ug_kg === null ? [] : [v.residue(one.substance ?? '', milligrams(one.residue_ug_kg), milligrams(one.residue_limit_ug_kg))]),
    ...(one.lab_says === null ? [] : [v.lab_says(iw.tests.verdicts[one.lab_says] ?? '')]),
  ]
}
