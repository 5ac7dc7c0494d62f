/** A buyer's orders and addresses. */
import { get, post, put, remove } from './client'
import type { Address, AddressIn, BasketPart, CouponClaim, CouponOffered, FreightQuote, Id, Notice, Offer, Order, OrderIn, OrderRow, Page, PartPlaced, PartQuoted, PastedAddress, PayChoice, Payment, PaymentShown, PayWay, Placed, Wait, Where } from './types'

/** An offer with the document whose hash is `snapshot`: what the buyer sees and agrees to. */
export type OfferDetail = Offer & { document: Record<string, unknown> }

export const offer = (shop: Id, id: Id, signal?: AbortSignal) => get<OfferDetail>(`/api/offers/${shop}/${id}`, undefined, signal)
/** What so many units cost with their way to a place; `not-served` where the seller does not send. */
export const freight = (shop: Id, offer: Id, division: string, units: number, signal?: AbortSignal) =>
  get<FreightQuote>(`/api/offers/${shop}/${offer}/freight`, { division, units }, signal)
export const placeOrder = (order: OrderIn, key: string) => post<Placed>('/api/orders', order, { key })
export const pay = (shop: Id, order: Id, return_to: string, choice: PayChoice, key: string) =>
  post<Payment>(`/api/orders/${shop}/${order}/pay`, { return_to, ...choice }, { key })
export const payWays = (where: Where, signal?: AbortSignal) => get<{ items: PayWay[] }>('/api/payments/ways', { where }, signal)
export const payment = (id: Id, signal?: AbortSignal) => get<PaymentShown>(`/api/payments/${id}`, undefined, signal)

export const myOrders = (state: string, cursor: string | null, signal?: AbortSignal) =>
  get<Page<OrderRow>>('/api/me/orders', { state, cursor }, signal)
export const myOrder = (shop: Id, order: Id, signal?: AbortSignal) => get<Order>(`/api/me/orders/${shop}/${order}`, undefined, signal)
export const cancelOrder = (shop: Id, order: Id, key: string) => post<Order>(`/api/me/orders/${shop}/${order}/cancel`, {}, { key })
export const refundOrder = (shop: Id, order: Id, reason: string, key: string) =>
  post<Order>(`/api/me/orders/${shop}/${order}/refund`, { reason }, { key })
export const confirmOrder = (shop: Id, order: Id, key: string) => post<Order>(`/api/me/orders/${shop}/${order}/confirm`, {}, { key })

export async function addresses(signal?: AbortSignal): Promise<Address[]> {
  const answer = await get<Page<Address> | Address[]>('/api/me/addresses', undefined, signal)
  return Array.isArray(answer) ? answer : answer.items
}
export const addAddress = (address: AddressIn, key: string) => post<Address>('/api/me/addresses', address, { key })
export const changeAddress = (id: Id, address: AddressIn, key: string) => put<Address>(`/api/me/addresses/${id}`, address, { key })
export const splitAddresses = (text: string, signal?: AbortSignal) => post<{ items: PastedAddress[] }>('/api/me/addresses/split', { text }, { signal })
export const dropAddress = (id: Id) => remove(`/api/me/addresses/${id}`)

export const inbox = (cursor: string | null, signal?: AbortSignal) => get<Page<Notice>>('/api/me/inbox', { cursor }, signal)
export const readInbox = (up_to: Id) => post<undefined>('/api/me/inbox/read', { up_to })

export const couponsFor = (shop: Id, signal?: AbortSignal) => get<{ items: CouponOffered[] }>(`/api/shops/${shop}/coupons`, undefined, signal)
export const claimCoupon = (coupon: CouponOffered, key: string) => post<{ claim_id: Id }>(`/api/coupons/${coupon.issuer_id}/${coupon.id}/claim`, {}, { key })
export const usableCoupons = (shop: Id, signal?: AbortSignal) => get<{ items: CouponClaim[] }>(`/api/me/coupons/${shop}`, undefined, signal)
export const myCoupons = (state: string, cursor: string | null, signal?: AbortSignal) => get<Page<CouponClaim>>('/api/me/coupons', { state, cursor }, signal)

export const quoteBasket = (parts: BasketPart[], signal?: AbortSignal) => post<{ parts: PartQuoted[] }>('/api/checkouts/quote', { parts }, { signal })
export const placeBasket = (parts: BasketPart[], key: string) => post<{ parts: PartPlaced[]; amount_fen: number }>('/api/checkouts', { parts }, { key })
export const payTogether = (orders: { shop_id: Id; order_id: Id }[], return_to: string, choice: PayChoice, key: string) =>
  post<Payment>('/api/checkouts/pay', { orders, return_to, ...choice }, { key })

export const joinLine = (shop: Id, offer: Id, units: number, key: string) => post<Wait>(`/api/offers/${shop}/${offer}/waiting`, { units }, { key })
export const leaveLine = (wait: Wait, key: string) => post<Wait>(`/api/me/waiting/${wait.shop_id}/${wait.id}/leave`, {}, { key })
export const myWaits = (signal?: AbortSignal) => get<{ items: Wait[] }>('/api/me/waiting', undefined, signal)
