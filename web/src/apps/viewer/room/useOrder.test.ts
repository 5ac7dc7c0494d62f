import { afterEach, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { me } from '@/api/me'
import type { Me, Offer } from '@/api/types'
import type { Goods } from './goods'
import { useOrder } from './useOrder'

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' } })
const offer: Offer = {
  id: 'o', shop_id: 's', pack_id: 'p', kind: 'standing', price_fen: 2990, base: null, units_left: 10, per_buyer: null,
  opens_at: '2026-11-23T00:00:00Z', closes_at: null, snapshot: 'x', ship_day: '2026-11-25', ship_room: null, ship_then: null, ship_on: null, waiting: 0, state: 'open', currency: 'CNY',
}
const goods: Goods = {
  title: '', grade: '', photo: null, unit: '箱', net_g: 2500, pieces: null, lot_codes: [], offer, origin: 'shop', back: '/',
  seller: { org_id: 's', name: '', address: '', contact_phone: '', registration_code: null },
}
const claim = {
  id: 'c', coupon_id: 'k', issuer_id: 's', kind: 'shop', title: '', off_fen: 500, threshold_fen: 4000, state: 'held', usable_until: '2099-01-01T00:00:00Z',
}
const place = (code: string) => ({ id: code, recipient: '', phone: '', division: { code, name: '', full_name: '', in832: false }, detail: '', is_default: true })

/** The sheet's order, the server sending to 421182 for 8 yuan and not at all to 650102. */
async function open(codes: string[]) {
  vi.stubGlobal('fetch', (url: string) => {
    if (url.startsWith('/api/me/addresses')) return Promise.resolve(json({ items: codes.map(place), next: null }))
    if (url.startsWith('/api/payments/ways')) return Promise.resolve(json({ items: [{ provider: 'wechat', way: 'native' }] }))
    if (url.startsWith('/api/me/coupons/')) return Promise.resolve(json({ items: [claim], next: null }))
    if (!url.includes('/freight?')) return Promise.resolve(json({ ...offer, document: {} }))
    const asked = new URLSearchParams(url.split('?')[1])
    if (asked.get('division') === '650102') return Promise.resolve(json({ type: '/problems/not-served', title: '', status: 409 }, 409))
    const goods_fen = 2990 * Number(asked.get('units'))
    return Promise.resolve(json({ freight_fen: 800, amount_fen: goods_fen + 800, ship_day: '2026-11-25' }))
  })
  me.value = { ...me.value, person: {} as Me['person'] }
  const scope = effectScope()
  const order = scope.run(() => useOrder(() => goods, () => {}))
  if (!order) throw new Error('no scope')
  expect(order.known.value).toBe(false)
  await vi.waitUntil(() => order.known.value)
  return { order, scope }
}
afterEach(() => vi.unstubAllGlobals())

it('says from the start what is to pay, the way included, and again for more units', async () => {
  const { order, scope } = await open(['421182'])
  expect([order.total_fen.value, order.freight_fen.value]).toEqual([3790, 800])
  expect(order.coupons.chosen.value.shop).toBe(null)
  order.units.value = 2
  await vi.waitUntil(() => order.total_fen.value === 6280)
  order.coupons.choose('shop', null)
  expect(order.total_fen.value).toBe(6780)
  scope.stop()
})

it('says before the tap that the seller does not send to a place', async () => {
  const { order, scope } = await open(['650102', '421182'])
  expect(order.unserved.value?.kind).toBe('not-served')
  order.address.value = order.addresses.value?.[1] ?? null
  await vi.waitUntil(() => order.freight_fen.value === 800)
  expect(order.unserved.value).toBe(null)
  scope.stop()
})
