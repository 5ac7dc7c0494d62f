import type { Id, Iso, Picture, Division } from './basic'
import type { Seller, Household } from './goods'

export interface Base { kind: 'lowest_7d' | 'usual'; price_fen: number }
export interface Offer {
  id: Id
  shop_id: Id
  pack_id: Id
  kind: 'standing' | 'flash'
  price_fen: number
  base: Base | null
  units_left: number
  per_buyer: number | null
  opens_at: Iso
  closes_at: Iso | null
  snapshot: string
  ship_day: string
  /** Boxes that `ship_day` still takes, and the next day that takes any; null where the shop states no limit. */
  ship_room: number | null
  ship_then: string | null
  /** Sold ahead, for that day. */
  ship_on: string | null
  /** How many people wait in line for it. */
  waiting: number
  state: 'open' | 'closed' | 'paused'
  currency: 'CNY'
}
export type OrderState =
  | 'pending_payment' | 'paid' | 'packing' | 'packed' | 'shipped' | 'delivered'
  | 'completed' | 'cancelled' | 'closed' | 'exception'
export interface Recipient { recipient: string; phone: string; division_code: string; detail: string }
export interface OrderIn {
  shop_id: Id
  offer_id: Id
  units: number
  price_fen: number
  snapshot: string
  origin: string
  address_id: Id | null
  recipient: Recipient | null
  note: string
  /** The day of sending that the buyer saw: a later one is refused. */
  ship_day: string
  coupon: Id | null
  platform_coupon: Id | null
}
/** What an order would cost now, its way included. */
export interface FreightQuote { freight_fen: number; amount_fen: number; ship_day: string }
export interface Placed {
  shop_id: Id
  order_id: Id
  number: string
  state: OrderState
  amount_fen: number
  freight_fen: number
  pay_before_at: Iso
  ship_day: string
}
export interface Payment { payment_id: Id; redirect_url: string }
/** Where the buyer's page is: inside WeChat, in a phone's browser, on a desk. */
export type Where = 'wechat' | 'phone' | 'desk'
export interface PayWay { provider: string; way: string }
/** An empty provider is the first that can be paid from there. */
export interface PayChoice { where: Where; provider: string }
/** A payment that is made beside the page: `qr` is a picture to scan, `bridge` goes to WeChat. */
export interface PaymentShown {
  payment_id: Id
  provider: string
  way: string
  state: string
  amount_fen: number
  ends_at: Iso
  return_to: string
  qr: string | null
  bridge: Record<string, string> | null
}
export interface OrderLine {
  offer_id: Id
  pack_id: Id
  title: string
  grade: string
  unit: string
  net_g: number
  pieces: number | null
  photo: Picture | null
  units: number
  price_fen: number
  amount_fen: number
}
export interface OrderRow {
  shop_id: Id
  order_id: Id
  number: string
  state: OrderState
  amount_fen: number
  freight_fen: number
  shop_off_fen: number
  platform_off_fen: number
  placed_at: Iso
  ship_day: string
  pay_before_at: Iso | null
  seller: Seller
  lines: OrderLine[]
  origin: string
  note: string
}
export interface Parcel { carrier: string; carrier_name: string; waybill: string; state: string; events: { at: Iso; kind: string; text: string }[] }
export type RefundState = 'refunding' | 'refund_failed' | 'refunded' | 'manual_refund' | 'owed'
export interface Refund { id: Id; amount_fen: number; reason: string; state: RefundState; at: Iso; done_at: Iso | null }
export type PaymentState = 'started' | 'paid' | 'refused' | 'lapsed' | 'returned'
export interface RecipientOut extends Recipient { division: Division | null }
export type OrderAct = 'pay' | 'cancel' | 'refund' | 'confirm'
export type Channel = 'douyin' | 'kuaishou' | 'taobao' | 'pinduoduo' | 'wechat-shop' | 'other'
export interface Order extends OrderRow {
  channel: 'tiantou' | Channel
  external_no: string | null
  paid_fen: number
  refunded_fen: number
  refunding_fen: number
  recipient: RecipientOut | null
  recipient_masked: Omit<RecipientOut, 'detail'> | null
  snapshot: string
  paid_at: Iso | null
  completed_at: Iso | null
  timeline: { event: string; state: OrderState; at: Iso; by: string }[]
  parcel: Parcel | null
  refunds: Refund[]
  may: OrderAct[]
  picks: { lot_id: Id; lot_code: string; boxes: number }[]
  payment: { state: PaymentState; tries: number } | null
  moved: { ship_day_before: string; ship_day: string; places: string[]; reason: string; until_at: Iso; moved_at: Iso } | null
}
export interface Disruption {
  id: Id
  org_id: Id | null
  pick_up: { prefix: string; name: string }[]
  deliver: { prefix: string; name: string }[]
  from_at: Iso
  until_at: Iso
  ended_at: Iso | null
  stated_at: Iso
  reason: string
  state: 'coming' | 'on' | 'over'
  orders: number
}
export interface Presale { pack_id: Id; offer_id: Id; ship_on: string; owed: number; available: number }
export interface Stock { pack_id: Id; title: string; unit: string; available: number; taken: number; offer: Offer | null; presale: Presale | null }
export interface Entry { id?: Id; at: Iso; what: string; amount_fen: number; [more: string]: unknown }
export interface Money {
  paid_fen: number
  refunded_fen: number
  fee_fen: number
  owed_growers_fen: number
  paid_growers_fen: number
  balance_fen: number
  checked_at: Iso
  balanced: boolean
  entries: Entry[]
}
export interface StatementLine {
  at: Iso
  kind: 'delivered' | 'sold' | 'taken_off' | 'paid'
  what: string
  slip_code?: string
  order_number?: string
  grams: number | null
  price_fen_per_jin: number | null
  amount_fen: number
  due_at?: Iso
}
export interface Statement {
  household: Household
  lines: StatementLine[]
  delivered_g: number
  sold_g: number
  gross_fen: number
  taken_off_fen: number
  owed_fen: number
  paid_fen: number
  due_at: Iso | null
}
export interface Freight { flat_fen: number; free_from_fen: number | null; not_served: string[]; days_promised: number }
/** A packing day of a shop: what it packs, what is promised, what is left to promise. */
export interface PackingDay { day: string; boxes: number; promised: number; left: number; exception: boolean }
/** Boxes by weekday from Monday on (null: no limit), the minute of the day from which an order counts for the next one. */
export interface Capacity { boxes: number[] | null; cut_off_minute: number; days: PackingDay[] }
interface CouponTerms { id: Id; kind: 'shop' | 'platform'; title: string; off_fen: number; threshold_fen: number }
/** A coupon as its issuer sees it: `left` of `issued` can still be claimed, `used` are in orders. */
export interface Coupon extends CouponTerms {
  state: 'open' | 'closed'; per_buyer: number; claim_from: Iso; claim_until: Iso; use_days: number | null; use_until: Iso | null
  left: number; issued: number; used: number
}
/** What can be claimed now; `claimed`: pieces that one has of it already. */
export interface CouponOffered extends CouponTerms {
  issuer_id: Id; per_buyer: number; claim_until: Iso; use_days: number | null; use_until: Iso | null; left: number; claimed: number
}
/** A buyer's piece of a coupon; without a shop's name it is the platform's. */
export interface CouponClaim extends CouponTerms {
  coupon_id: Id; issuer_id: Id; state: 'held' | 'used' | 'expired'; usable_until: Iso
  used_shop_id: Id | null; used_order_id: Id | null; shop_name: string | null
}
export interface BasketLine { offer_id: Id; units: number; price_fen: number; snapshot: string }
/** One order of a basket: lines of one shop for one destination. */
export interface BasketPart {
  shop_id: Id; lines: BasketLine[]; address_id: Id; origin: string; note: string; ship_day: string | null; coupon: Id | null; platform_coupon: Id | null
}
export interface PartQuoted { freight_fen: number; goods_fen: number; problem: WireProblem | null }
/** What became of a part: an order, or a problem and the place of the line that it is about. */
export interface PartPlaced {
  shop_id: Id; order_id: Id | null; number: string | null; amount_fen: number; freight_fen: number; pay_before_at: Iso | null; ship_day: string | null
  problem: WireProblem | null; line: number
}
/** A problem document inside an answer. */
export interface WireProblem { type: string; title: string; status: number; [member: string]: unknown }
/** A place in line; when it is one's turn, `units` are kept until `offered_until`. */
export interface Wait {
  id: Id; shop_id: Id; offer_id: Id; units: number; state: 'waiting' | 'offered' | 'taken' | 'lapsed' | 'left' | 'over'
  at: Iso; offered_until: Iso | null; order_id: Id | null; ahead: number; title: string; product_id: Id | null
}
