/** Packs as a shelf lists them: one's own, and those of sellers who let rooms show them. */
import type { Item, OpenGoods, Product, Session } from '@/api/types'
import { w } from '@/words/shared'

export interface ShelfPack {
  id: string
  title: string
  name: string
  photo: string | null
  unit: string
  net_g: number
  price_fen: number
  left: number
  /** Another seller's name; nothing for one's own goods. */
  seller?: string
  /** What that seller granted, in thousandths. */
  permille?: number
  withdrawn?: boolean
}

export const ownPacks = (products: Product[], left: Map<string, number>): ShelfPack[] =>
  products.flatMap((one) => one.packs.map((pack) => ({
    id: pack.id, title: `${one.title} ${w.grade(one.grade)}`, name: pack.name, photo: one.photos[0] ?? null, unit: pack.unit, net_g: pack.net_g, price_fen: pack.price_fen, left: left.get(pack.id) ?? 0,
  })))

export const packsOf = (goods: OpenGoods): ShelfPack[] =>
  goods.packs.map((pack) => ({
    id: pack.pack_id, title: `${goods.title} ${w.grade(goods.grade)}`, name: pack.name, photo: goods.photo, unit: pack.unit, net_g: pack.net_g, price_fen: pack.price_fen, left: pack.units_left,
    seller: goods.seller.name, permille: goods.commission_permille,
  }))

const ofItem = (item: Item, permille: number): ShelfPack => ({
  id: item.pack_id, title: `${item.product.title} ${w.grade(item.product.grade)}`, name: '', photo: item.product.photo, unit: item.product.unit, net_g: item.product.net_g,
  price_fen: item.offer?.price_fen ?? 0, left: item.offer?.units_left ?? 0, seller: item.seller.name, permille, withdrawn: item.state === 'withdrawn',
})

/** What another seller granted for an item; null for one's own goods. */
export const grantedFor = (session: Session, item: Item): number | null =>
  session.granted.find((one) => one.item_id === item.id)?.commission_permille ?? null

/** Others' goods that a session holds already. */
export const guestsOf = (session: Session | null): ShelfPack[] =>
  (session?.shelf ?? []).flatMap((item) => {
    const permille = session ? grantedFor(session, item) : null
    return permille === null ? [] : [ofItem(item, permille)]
  })
