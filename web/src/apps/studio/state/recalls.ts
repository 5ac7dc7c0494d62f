/** What recall pages say of a recall. */
import { cw } from '@/words/chain'
import type { Recall, RecallMass } from '@/api/types'

export const RECALL_TAGS: Record<Recall['state'], string> = { draft: 'tag--info', active: 'tag--bad', closed: '', dropped: '' }
/** Under ten seconds in milliseconds, then in seconds. */
export const traceTime = (ms: number) => (ms < 10_000 ? cw.recalls.ms(ms.toLocaleString('en-US')) : cw.recalls.s(Math.round(ms / 1000).toLocaleString('en-US')))
/** Grams that are in no part of the balance; nought if it adds up. */
export const unfound = (mass: RecallMass) => mass.made_g - mass.in_store_g - mass.in_orders_g - mass.destroyed_g - mass.elsewhere_g - mass.lost_g
