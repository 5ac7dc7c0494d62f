/** Problem details (RFC 9457) as a union on `kind`, which is the last part of `type`. */

export interface FieldProblem { name: string; code: string; [limit: string]: unknown }

interface Members {
  'invalid-fields': { fields: FieldProblem[] }
  'sign-in-required': object
  'not-allowed': { needs: string[] }
  'not-found': object
  'foreign-origin': object
  'wrong-step': { machine: string; state: string; event: string }
  'already-there': { field: string }
  'key-reused': object
  'too-many-requests': { limit: string; retry_after_s: number }
  'too-large': { limit_bytes: number }
  'not-a-picture': object
  'quota-reached': object
  busy: { retry_after_s: number }
  unexpected: { trace_id: string }
  'wrong-code': { tries_left: number }
  'code-expired': object
  'link-spent': object
  'sold-out': { offer_id: string; units_left: number }
  'buyer-limit': { limit: number; bought: number }
  'unpaid-limit': { limit: number; unpaid: number }
  'no-room': object
  'sent-later': { ship_day: string }
  'coupon-refused': { reason: string }
  'coupon-used-up': object
  'paid-elsewhere': { channel: string }
  'import-differs': { external_no: string }
  'boxes-in-stock': { units_left: number }
  'trace-too-wide': { lots: number; limit: number }
  'still-left': { units_left: number }
  'waiting-full': { limit: number }
  'coupon-limit': object
  'coupon-not-open': object
  'too-many-coupons': { limit: number }
  'offer-closed': object
  'price-changed': { price_fen: number }
  'terms-changed': { snapshot: string }
  'below-floor': object
  'no-such-offer': object
  'address-needed': object
  'outcome-unknown': { retry_after_s?: number }
  disrupted: { what: string; division: string; place: string; until: string; reason: string }
  'parcel-stopped': { why: string }
  'would-rot': { division: string; hours: number; max_hours: number }
  'not-served': { division?: string }
  'lot-short': { grams_left: number }
  withholding: { product: string; plot: string; used_on: string; withhold_days: number; ends_on: string; harvested_on: string }
  'stops-left': { stops: number }
  'above-ceiling': { expected_g: number; bears_g: number }
  'grade-differs': object
  'sms-not-sent': object
  'last-owner': object
  'too-many': { limit: number }
  'unknown-host': object
  'lot-not-open': { state: string }
  'more-than-owed': { owed_fen: number }
  'gate-closed': { checks: { check: string; ok: boolean; why: string | null }[] }
  'not-on-air': object
  'no-lot-on-camera': object
  'item-unavailable': { why: string }
  'not-enough-stock': { units_left: number }
  'amount-too-high': { left_fen: number }
  'wrong-picks': { boxes_needed: number }
  'weighed-twice': { slip_id: string; code: string; grams: number; weighed_at: string }
  muted: { until: string | null }
  banned: object
  'slow-mode': { retry_after_s: number }
  'amount-differs': object
  'bad-request': object
  'method-not-allowed': object
  'box-taken': { code: string }
  'broadcast-blocked': object
  'broadcast-over': object
  'callback-refused': { reason: string }
  'certificate-not-in-force': { state: string; valid_from: string; valid_until: string }
  'certified-used-up': { offer_id: string; units_left: number; left_g: number }
  'flash-running': { offer_id: string }
  'grade-not-met': { grade: string; pieces: number; outside: number; allowed: number }
  'kept-by-law': { keep_until: string }
  'lot-in-use': { grams_used: number }
  'mass-differs': { in_g: number; out_g: number; missing_g: number; allowed_g: number }
  'notices-left': { queued: number }
  'recall-too-wide': { lots: number; lines: number; max_lines: number }
  'root-not-covered': { claim: string; lots: string[] }
  'seller-not-admitted': { state: string }
  'short-weight': { box: number; net_g: number; least_g: number }
  'already-refunded': object
  'not-your-goods': object
  'provider-refuses': { provider: string }
  'way-not-open': { providers: string[] }
  /** Made here: the network gave no answer. */
  offline: object
}

export type ProblemKind = keyof Members
export type Problem = { [K in ProblemKind]: { kind: K; status: number; title: string } & Members[K] }[ProblemKind]

/** What a failed call throws. `problem.kind` may be a name this build does not know. */
export class ApiError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.title)
    this.name = 'ApiError'
    this.problem = problem
  }
}

/** The problem in whatever was thrown; what is no problem is a defect and is thrown on. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ApiError) return thrown.problem
  throw thrown
}

/** The problem document that stands inside an answer. */
export function readProblem(body: { type: string; [member: string]: unknown }): Problem {
  return { ...body, kind: body.type.split('/').pop() || 'unexpected' } as unknown as Problem
}

const offlineBody = { kind: 'offline', status: 0, title: 'No connection' } as const

export function offline(): ApiError {
  return new ApiError(offlineBody)
}

/** An answer's problem, also where something in between answered with no problem document. */
export async function problemFrom(answer: Response): Promise<ApiError> {
  const type = answer.headers.get('content-type') ?? ''
  if (type.includes('json')) {
    try {
      const body = (await answer.json()) as { type?: string; title?: string }
      const kind = (body.type ?? '').split('/').pop() || 'unexpected'
      return new ApiError({ trace_id: '', ...body, kind, status: answer.status, title: body.title ?? '' } as unknown as Problem)
    } catch {
      return offline() // cut off in the middle
    }
  }
  if (answer.status === 404) return new ApiError({ kind: 'not-found', status: 404, title: 'Not found' })
  if (answer.status >= 502 && answer.status <= 504) {
    return new ApiError({ kind: 'busy', status: 503, title: 'Busy', retry_after_s: 2 })
  }
  return new ApiError({ kind: 'unexpected', status: answer.status, title: answer.statusText, trace_id: '' })
}
