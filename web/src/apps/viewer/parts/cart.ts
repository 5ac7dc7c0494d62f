/** The cart of this device: what one means to buy, with the price that one saw. */
import { computed, shallowRef } from 'vue'
import type { Id, Picture } from '@/api/types'
import { kept } from '@/words/locale'
import type { Goods } from '../room/goods'

export interface CartLine {
  shop_id: Id
  shop_name: string
  offer_id: Id
  title: string
  grade: string
  unit: string
  net_g: number
  photo: Picture | null
  units: number
  price_fen: number
  origin: string
  back: string
  on: boolean
}

export const LINES_MAX = 50
export const UNITS_MAX = 99
const KEPT = 'tiantou.cart'

/** What is kept, or nothing if it was kept by another version or cut short. */
function read(): CartLine[] {
  try {
    const found: unknown = JSON.parse(kept.read(KEPT) ?? '[]')
    return Array.isArray(found) ? (found as CartLine[]).filter((one) => typeof one?.offer_id === 'string' && Number.isInteger(one.units)) : []
  } catch {
    return []
  }
}

export const cart = shallowRef<CartLine[]>(read())
export const cartCount = computed(() => cart.value.length)

function write(lines: CartLine[]): void {
  cart.value = lines
  kept.write(KEPT, JSON.stringify(lines))
}

const same = (a: CartLine, offer_id: Id, origin: string) => a.offer_id === offer_id && a.origin === origin

/** Puts units of something in; false if the cart is full. */
export function put(goods: Goods, units: number): boolean {
  const { id, shop_id, price_fen } = goods.offer
  const before = cart.value.find((one) => same(one, id, goods.origin))
  if (before) {
    change(before, { units: Math.min(UNITS_MAX, before.units + units), price_fen, on: true })
    return true
  }
  if (cart.value.length >= LINES_MAX) return false
  const { title, grade, unit, net_g, photo, origin, back } = goods
  write([{ shop_id, shop_name: goods.seller.name, offer_id: id, title, grade, unit, net_g, photo, units, price_fen, origin, back, on: true }, ...cart.value])
  return true
}

export const change = (line: CartLine, to: Partial<CartLine>): void => write(cart.value.map((one) => (same(one, line.offer_id, line.origin) ? { ...one, ...to } : one)))

/** Takes lines out; gives the way to put them back where they stood. */
export function drop(lines: readonly CartLine[]): () => void {
  const before = cart.value
  write(before.filter((one) => !lines.some((gone) => same(gone, one.offer_id, one.origin))))
  return () => write(before)
}

/** Lines by shop, in the order in which they were put in. */
export function byShop<T extends { shop_id: Id }>(lines: readonly T[]): T[][] {
  const shops = new Map<Id, T[]>()
  for (const one of lines) shops.set(one.shop_id, [...(shops.get(one.shop_id) ?? []), one])
  return [...shops.values()]
}
