import { describe, expect, it } from 'vitest'
import type { ChatLine, Item, Offer, Room } from '@/api/types'
import { addLines, applyEvent, applyValues, chapterAt, fenPerJin, LINES_MAX, offerOf, sellerAt, selling, sellerOf } from './state'

const NOW = Date.parse('2026-11-23T06:00:00Z')
const seller = (name: string) => ({ org_id: name, name, address: '', contact_phone: '', registration_code: null })
const offer = (id: string, more: Partial<Offer> = {}): Offer => ({
  id, shop_id: 's', pack_id: 'p', kind: 'standing', price_fen: 3280, base: null, units_left: 10, per_buyer: null,
  opens_at: '2026-11-23T00:00:00Z', closes_at: null, snapshot: 'x', ship_day: '2026-11-23', ship_room: null, ship_then: null, ship_on: null, waiting: 0, state: 'open', currency: 'CNY', ...more,
})
const flash = (more: Partial<Offer> = {}) => offer('flash', { kind: 'flash', price_fen: 2980, closes_at: '2026-11-23T06:05:00Z', ...more })
const item = (id: string, more: Partial<Item> = {}): Item => ({
  id, pack_id: 'p', position: 1, state: 'queued', seller: seller('one'), offer: offer(`${id}-offer`), flash: null, lot_codes: [],
  product: { id: 'product', title: '', grade: '', photo: null, unit: '箱', net_g: 2500, pieces: null, harvested_at: null, fen_per_jin: 0 },
  ...more,
})
const room = (shelf: Item[], pinned: string | null = null) =>
  ({ shelf, pinned, questions: [], seller: seller('room'), counts: { viewers: 0, likes: 0, visits: 0, orders: 0 }, state: 'live' }) as unknown as Room

describe('a lot on camera', () => {
  it('is the one last told, until none is', () => {
    const shown = room([])
    const lot = { code: '9F3K7QXA2M5', tests: [] } as unknown as NonNullable<Room['on_camera']>
    applyEvent(shown, { t: 'lot', lot })
    expect(shown.on_camera?.code).toBe('9F3K7QXA2M5')
    applyEvent(shown, { t: 'lot', lot: null })
    expect(shown.on_camera).toBeNull()
  })
})

describe('the offer in force', () => {
  it('is the flash price while it is open, has units and time', () => {
    expect(offerOf(item('a', { flash: flash() }), NOW)?.price_fen).toBe(2980)
    expect(offerOf(item('a', { flash: flash({ units_left: 0 }) }), NOW)?.price_fen).toBe(3280)
    expect(offerOf(item('a', { flash: flash({ closes_at: '2026-11-23T06:00:00Z' }) }), NOW)?.price_fen).toBe(3280)
    expect(offerOf(item('a', { flash: flash({ opens_at: '2026-11-23T06:01:00Z' }) }), NOW)?.price_fen).toBe(3280)
  })
  it('may be missing, and then nothing is sold', () => {
    expect(selling(item('a', { offer: null }), NOW)).toBe('withdrawn')
  })
  it('shows a price per 500 g', () => {
    expect(fenPerJin(2980, 2500)).toBe(596)
    expect(fenPerJin(2980, 0)).toBe(0)
  })
})

describe('events', () => {
  it('move the pin and the seller strip with it', () => {
    const at = room([item('a', { state: 'explaining' }), item('b', { position: 2, seller: seller('two') })], 'a')
    applyEvent(at, { t: 'pin', item: item('b', { position: 2, state: 'explaining', seller: seller('two') }) })
    expect(at.pinned).toBe('b')
    expect(sellerOf(at).name).toBe('two')
    expect(at.shelf[0]?.state).toBe('explained')
    applyEvent(at, { t: 'pin', item: null })
    expect(sellerOf(at).name).toBe('room')
  })
  it('sell out and restock the offer they name', () => {
    const at = room([item('a')])
    applyEvent(at, { t: 'sold_out', item_id: 'a', offer_id: 'a-offer' })
    expect(selling(at.shelf[0] as Item, NOW)).toBe('sold_out')
    applyEvent(at, { t: 'restock', item_id: 'a', offer_id: 'a-offer', units_left: 4 })
    expect(selling(at.shelf[0] as Item, NOW)).toBe('open')
    expect(at.shelf[0]?.offer?.units_left).toBe(4)
  })
  it('open, change and end a flash price', () => {
    const at = room([item('a')])
    applyEvent(at, { t: 'deal', item_id: 'a', offer: flash() })
    expect(offerOf(at.shelf[0] as Item, NOW)?.id).toBe('flash')
    applyEvent(at, { t: 'deal_end', item_id: 'a', offer_id: 'another' })
    expect(at.shelf[0]?.flash?.id).toBe('flash')
    applyEvent(at, { t: 'deal_end', item_id: 'a', offer_id: 'flash' })
    expect(offerOf(at.shelf[0] as Item, NOW)?.price_fen).toBe(3280)
    applyEvent(at, { t: 'price', item_id: 'a', offer: offer('new', { price_fen: 3000 }) })
    expect(offerOf(at.shelf[0] as Item, NOW)?.price_fen).toBe(3000)
  })
  it('bring new items in shelf order and take the pin off a withdrawn one', () => {
    const at = room([item('b', { position: 2 })], 'b')
    applyEvent(at, { t: 'item', item: item('a', { position: 1 }) })
    expect(at.shelf.map((one) => one.id)).toEqual(['a', 'b'])
    applyEvent(at, { t: 'item', item: item('b', { position: 2, state: 'withdrawn' }) })
    expect(at.pinned).toBeNull()
  })
  it('carry latest values', () => {
    const at = room([item('a', { flash: flash() })])
    applyValues(at, { 'stock:flash': 3, 'stock:a-offer': 9, likes: 5, orders: 2 })
    expect([at.shelf[0]?.flash?.units_left, at.shelf[0]?.offer?.units_left, at.counts.likes, at.counts.orders]).toEqual([3, 9, 5, 2])
  })
})

it('keeps lines in order, once, and not for ever', () => {
  const line = (no: number): ChatLine => ({ no, at: '', nickname: '', person_no: 0, text: String(no), badge: '' })
  const some = addLines([line(1), line(3)], [line(2), line(3)])
  expect(some.map((one) => one.no)).toEqual([1, 2, 3])
  expect(addLines(some, [line(2)])).toBe(some)
  expect(addLines([], Array.from({ length: LINES_MAX + 20 }, (_, no) => line(no)))).toHaveLength(LINES_MAX)
})

it('names the seller of each second of a replay', () => {
  const chapter = (start_s: number, end_s: number, name: string) => ({ item_id: name, title: name, start_s, end_s, price_fen: 1, seller: seller(name) })
  const chapters = [chapter(2, 10, 'one'), chapter(9, 20, 'two'), chapter(25, 30, 'three')]
  const at = { seller: seller('room'), replay: { chapters } } as unknown as Room
  const names = [0, 2, 8, 9, 9.5, 19, 20, 24, 25, 30].map((second) => sellerAt(at, second).name)
  expect(names).toEqual(['room', 'one', 'one', 'two', 'two', 'two', 'room', 'room', 'three', 'room'])
  expect(chapterAt([], 3)).toBeNull()
})
