/** What people type into number fields, as whole fen, grams and square metres; never through a float. */

/** Digits with at most `digits` decimals, times 10 ** digits; null if it is no such number. "12.5", 2 -> 1250 */
export function scaled(text: string, digits: number): number | null {
  const clean = text.trim().replace(/[，,\s]/g, '').replace(/[。．]/g, '.')
  const found = /^(\d{0,9})(?:\.(\d*))?$/.exec(clean)
  if (!found || clean === '' || clean === '.') return null
  const after = (found[2] ?? '').replace(/0+$/, '')
  if (after.length > digits) return null
  return Number(`${found[1] || '0'}${after.padEnd(digits, '0')}`)
}

/** Fen back to what a field shows: 1250 -> "12.5" */
export function unscaled(value: number, digits: number): string {
  const text = String(value).padStart(digits + 1, '0')
  if (digits === 0) return text
  const after = text.slice(-digits).replace(/0+$/, '')
  return after ? `${text.slice(0, -digits)}.${after}` : text.slice(0, -digits)
}

/** Yuan to fen. */
export const fenOf = (text: string) => scaled(text, 2)

/** Grams of "12.5" 斤 (500 g) or kilograms (1,000 g). Three decimals at most, and the result is whole grams. */
export function gramsOf(text: string, unit_g: 500 | 1000): number | null {
  const thousandths = scaled(text, 3)
  if (thousandths === null) return null
  const grams = (thousandths * unit_g) / 1000
  return Number.isInteger(grams) ? grams : null
}
export const massText = (grams: number, unit_g: 500 | 1000) => unscaled((grams * 1000) / unit_g, 3)

/** Price of a mass: fen for `grams` at `fen_per_jin`, to the nearest fen. */
export const valueOf = (grams: number, fen_per_jin: number) => Math.round((grams * fen_per_jin) / 500)

/** Tenths of a mu to whole square metres (1 mu = 2000/3 m²). */
export const areaOf = (tenths: number) => Math.round((tenths * 200) / 3)
export const muOf = (area_m2: number) => String(Math.round((area_m2 * 3) / 200) / 10)
