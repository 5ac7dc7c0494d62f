import { beforeAll, expect, it } from 'vitest'
import type { Room } from '@/api/types'
import { loadWords } from '@/words/locale'
import '@/words/viewer'
import { handlers, newView, take } from './view'

beforeAll(() => loadWords('zh-CN'))

const me = { reserved: true, muted_until: null, muted: false, banned: false, badge: '' as const, control: false }
const room = () =>
  ({ state: 'live', title: 'a', shelf: [], pinned: null, questions: [], chat: [], counts: { viewers: 0, likes: 0, visits: 0, orders: 0 }, me }) as unknown as Room
const opened = () => {
  const view = newView()
  take(view, room())
  return { view, on: handlers(view, () => undefined) }
}

it('says a paid order without a name, between the lines, as often as it happens', () => {
  const { view, on } = opened()
  on.chat([{ i: 1, u: '观众 3', x: '你好', p: 3 }, { i: 0, u: '浙江', x: '2', b: 'sale' }], 0)
  on.chat([{ i: 0, u: '', x: '1', b: 'sale' }, { i: 2, u: '观众 4', x: '好', p: 4 }], 0)
  expect(view.lines.value.map((line) => line.text)).toEqual(['你好', '一位浙江的买家下单 2 份', '一位买家下单 1 份', '好'])
  expect(view.lines.value.map((line) => line.kind)).toEqual([undefined, 'system', 'system', undefined])
})

it('names what was ordered, in its own unit', () => {
  const { view, on } = opened()
  Object.assign(view.room.value ?? {}, { shelf: [{ id: 'a', product: { title: '寻乌脐橙', unit: '箱' } }] })
  on.chat([{ i: 0, u: '浙江', x: '2', b: 'sale', t: 'a' }, { i: 0, u: '', x: '1', b: 'sale', t: 'gone' }], 0)
  expect(view.lines.value.map((line) => line.text)).toEqual(['一位浙江的买家下单 2 箱 寻乌脐橙', '一位买家下单 1 份'])
})

it("keeps what is the reader's own through a snapshot of the shared room", () => {
  const { view, on } = opened()
  on.snapshot({ title: 'b', me: null, chat: [], unknown: 1 }, [], [{ t: 'state', state: 'suspended' }])
  expect(view.room.value).toMatchObject({ title: 'b', state: 'suspended', me: { reserved: true } })
  expect(view.room.value).not.toHaveProperty('unknown')
})

it('takes a hidden line and a banned person away', () => {
  const { view, on } = opened()
  on.chat([{ i: 1, u: 'a', x: '1', p: 1 }, { i: 2, u: 'b', x: '2', p: 2 }, { i: 3, u: 'b', x: '3', p: 2 }], 0)
  on.ev({ t: 'hide', no: 1 })
  on.ev({ t: 'ban', person_no: 2 })
  expect(view.lines.value).toEqual([])
})
