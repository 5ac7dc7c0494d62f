/** Small rules of the studio that the server keeps too. */

const LETTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]

/** True for a well-formed unified social credit code (GB 32100): 18 signs, the last a check over the others. */
export function codeHolds(code: string): boolean {
  const signs = Array.from(code.trim().toUpperCase(), (sign) => LETTERS.indexOf(sign))
  if (signs.length !== 18 || signs.includes(-1)) return false
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * (signs[at] ?? 0), 0)
  return (31 - (sum % 31)) % 31 === signs[17]
}

/** A row moved one place; the same rows if it cannot move. */
export function moved<T>(rows: T[], at: number, by: -1 | 1): T[] {
  const [one, other] = [rows[at], rows[at + by]]
  if (one === undefined || other === undefined) return rows
  const fresh = [...rows]
  fresh[at] = other
  fresh[at + by] = one
  return fresh
}
