/** Rooms, home, search, shops: what a viewer reads and does. */
import { get, post, remove } from './client'
import type {
  ChatLine, Found, Home, Id, Offer, Product, Question, Reserved, Room, Shop, Ticket,
} from './types'

export const home = (signal?: AbortSignal) => get<Home>('/api/home', undefined, signal)
export const search = (q: string, signal?: AbortSignal) => get<Found>('/api/search', { q }, signal)
export const shop = (org: Id, signal?: AbortSignal) => get<Shop>(`/api/shops/${org}`, undefined, signal)
export const product = (id: Id, signal?: AbortSignal) => get<Product>(`/api/products/${id}`, undefined, signal)
export async function productOffers(id: Id, signal?: AbortSignal): Promise<Offer[]> {
  const answer = await get<{ items: Offer[] } | Offer[]>(`/api/products/${id}/offers`, undefined, signal)
  return Array.isArray(answer) ? answer : answer.items
}

export const room = (session: Id, signal?: AbortSignal) => get<Room>(`/api/rooms/${session}`, undefined, signal)
export const ticket = (session: Id) => post<Ticket>(`/api/rooms/${session}/ticket`)
export const reserve = (session: Id, yes: boolean) =>
  yes ? post<Reserved>(`/api/rooms/${session}/reserve`) : remove<Reserved>(`/api/rooms/${session}/reserve`)
export const say = (session: Id, text: string, key: string) =>
  post<ChatLine>(`/api/rooms/${session}/chat`, { text }, { key })
export const ask = (session: Id, text: string, key: string) =>
  post<Question>(`/api/rooms/${session}/questions`, { text }, { key })
export const vote = (session: Id, question: Id) => post<Question>(`/api/rooms/${session}/questions/${question}/vote`)
export const like = (session: Id, n: number) => post<undefined>(`/api/rooms/${session}/likes`, { n })
