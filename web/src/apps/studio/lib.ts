/** Small rules of the studio that the server keeps too. */

/** A row moved one place; the same rows if it cannot move. */
export function moved<T>(rows: T[], at: number, by: -1 | 1): T[] {
  const [one, other] = [rows[at], rows[at + by]]
  if (one === undefined || other === undefined) return rows
  const fresh = [...rows]
  fresh[at] = other
  fresh[at + by] = one
  return fresh
}
