/** Wire shapes of the API, by hand from its contract until `schema.d.ts` is generated.
 *
 * Amounts are whole fen (`*_fen`), mass whole grams (`*_g`), times ISO-8601 UTC (`*_at`), ids UUIDs.
 */
export type * from './types/basic'
export type * from './types/bench'
export type * from './types/people'
export type * from './types/goods'
export type * from './types/trade'
export type * from './types/live'
export type * from './types/passports'
export type * from './types/inspect'
export type * from './types/growing'
export type * from './types/chain'
