import { expect, it } from 'vitest'
import type { MyRecall } from '@/api/types'
import { noticesOf } from './useRecalls'

const line = (more: Partial<MyRecall>): MyRecall => ({
  recall_id: 'r', shop_id: 's', order_id: 'o', number: 'N', lot_code: 'L', boxes: 1, state: 'told', refunded_fen: 0, told_at: null, acknowledged_at: null, ...more,
})

it('tells a recall of an order once, with all its lots and what goes back', () => {
  const found = noticesOf([line({ lot_code: 'A', refunded_fen: 2980 }), line({ lot_code: 'B' }), line({ order_id: 'other', state: 'acknowledged' })])
  expect(found.map((one) => [one.order_id, one.lots.map((lot) => lot.lot_code), one.refunded_fen, one.read])).toEqual([['o', ['A', 'B'], 2980, false], ['other', ['L'], 0, true]])
})
it('is read only when every line is', () => {
  expect(noticesOf([line({ state: 'acknowledged' }), line({})])[0]?.read).toBe(false)
})
