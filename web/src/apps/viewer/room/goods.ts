/** What the order sheet needs to know of a thing to buy, from a room's shelf or from a product's page. */
import type { Id, Item, Offer, Pack, Picture, Product, Seller } from '@/api/types'

export interface Goods {
  title: string
  grade: string
  photo: Picture | null
  unit: string
  net_g: number
  pieces: number | null
  lot_codes: string[]
  seller: Seller
  offer: Offer
  /** "live:<session>" or "shop" */
  origin: string
  /** Units that are kept for this buyer, who waited for them. */
  kept?: number
  /** Where the buyer comes back to after paying. */
  back: string
}

export const goodsOfItem = (item: Item, offer: Offer, session_id: Id): Goods => ({
  ...item.product,
  lot_codes: item.lot_codes,
  seller: item.seller,
  offer,
  origin: `live:${session_id}`,
  back: `/room/${session_id}`,
})

export const goodsOfPack = (product: Product, pack: Pack, seller: Seller, offer: Offer): Goods => ({
  title: product.title,
  grade: product.grade,
  photo: pack.photo ?? product.photos[0] ?? null,
  unit: pack.unit,
  net_g: pack.net_g,
  pieces: pack.pieces,
  lot_codes: [],
  seller,
  offer,
  origin: 'shop',
  back: `/product/${product.id}`,
})
