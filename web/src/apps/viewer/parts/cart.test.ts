import { beforeEach, expect, it } from 'vitest'
import type { Goods } from '../room/goods'
import { byShop, cart, change, drop, LINES_MAX, put, UNITS_MAX } from './cart'

const goods = (id: string, shop = 's') => ({ title: id, grade: '', unit: '箱', net_g: 1, photo: null, origin: 'shop', back: '/', seller: { name: shop }, offer: { id, shop_id: shop, price_fen: 100 } }) as unknown as Goods
beforeEach(() => drop(cart.value))

it('adds up what is put in twice, up to the most of an order', () => {
  put(goods('a'), 2)
  put(goods('a'), 98)
  expect(cart.value.map((one) => one.units)).toEqual([UNITS_MAX])
})

it('is bounded, and says so', () => {
  for (let n = 0; n < LINES_MAX; n++) expect(put(goods(`g${n}`), 1)).toBe(true)
  expect(put(goods('more'), 1)).toBe(false)
})

it('puts back what was taken out where it stood', () => {
  for (const id of ['a', 'b', 'c']) put(goods(id), 1)
  const back = drop(cart.value.slice(1, 2))
  expect(cart.value.map((one) => one.offer_id)).toEqual(['c', 'a'])
  back()
  expect(cart.value.map((one) => one.offer_id)).toEqual(['c', 'b', 'a'])
  const first = cart.value[0]
  if (first) change(first, { units: 5 })
  expect(JSON.parse(localStorage.getItem('tiantou.cart') ?? '')[0].units).toBe(5)
})

it('stands by shop', () => {
  for (const [id, shop] of [['a', 'x'], ['b', 'y'], ['c', 'x']] as const) put(goods(id, shop), 1)
  expect(byShop(cart.value).map((group) => group.map((one) => one.offer_id))).toEqual([['c', 'a'], ['b']])
})
