/** The registration code of organisations; the server checks it too. */

const LETTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]

/** True for a well-formed unified social credit code (GB 32100): 18 signs, the last a check over the others. */
export function codeHolds(code: string): boolean {
  const signs = Array.from(code.trim().toUpperCase(), (sign) => LETTERS.indexOf(sign))
  if (signs.length !== 18 || signs.includes(-1)) return false
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * (signs[at] ?? 0), 0)
  return (31 - (sum % 31)) % 31 === signs[17]
}
