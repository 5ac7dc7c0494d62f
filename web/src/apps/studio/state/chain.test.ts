import { describe, expect, it } from 'vitest'
import { balanceOf, judge, shareOut, treeRows } from './chain'

describe('a tree of lots', () => {
  const edges = [
    { parent_id: 'a', child_id: 'g', grams: 30 }, { parent_id: 'b', child_id: 'g', grams: 20 },
    { parent_id: 'g', child_id: 'p', grams: 40 }, { parent_id: 'a', child_id: 'p', grams: 5 },
  ]
  it('lists parents beneath their children, with the grams of each edge', () => {
    expect(treeRows(edges, 'p', 'up').map((one) => [one.id, one.depth, one.grams, one.end])).toEqual([
      ['g', 0, 40, false], ['a', 1, 30, true], ['b', 1, 20, true], ['a', 0, 5, true],
    ])
  })
  it('opens each lot once', () => {
    expect(treeRows(edges, 'p', 'up').at(-1)?.again).toBe(true)
    expect(treeRows(edges, 'a', 'down').map((one) => one.id)).toEqual(['g', 'p', 'p'])
  })
})

describe('the masses of a run', () => {
  it('close within the loss that is allowed', () => {
    expect(balanceOf(5000, 4850, 120, 0, 20)).toMatchObject({ left_g: 30, allowed_g: 100, closes: true })
    expect(balanceOf(5000, 4700, 120, 0, 20).closes).toBe(false)
    expect(balanceOf(5000, 4900, 120, 0, 20)).toMatchObject({ left_g: -20, closes: false })
    expect(balanceOf(0, 0, 0, 0, 20).closes).toBe(false)
  })
  it('share out boxes over lots, never beyond what one has', () => {
    expect(shareOut([{ id: 'a', grams_left: 700 }, { id: 'b', grams_left: 900 }], 1000)).toEqual([{ lot_id: 'a', grams: 700 }, { lot_id: 'b', grams: 300 }])
    expect(shareOut([{ id: 'a', grams_left: 700 }, { id: 'b', grams_left: 900 }], 500)).toEqual([{ lot_id: 'a', grams: 500 }])
  })
})

describe('a sample', () => {
  const grade = { rank: 1, name: '一级', tolerance_permille: 100, limits: [{ attribute: 'diameter_tenth_mm' as const, low: 750, high: 850 }] }
  it('may pass the limits in so many thousandths of its pieces', () => {
    const pieces = Array.from({ length: 19 }, () => ({ diameter_tenth_mm: 800 }))
    expect(judge(grade, [...pieces, { diameter_tenth_mm: 749 }])).toEqual({ pieces: 20, outside: 1, allowed: 2, meets: true })
    expect(judge(grade, [{ diameter_tenth_mm: 851 }])).toMatchObject({ outside: 1, allowed: 0, meets: false })
  })
  it('leaves alone what was not measured', () => {
    expect(judge(grade, [{ brix_tenth: 90 }]).outside).toBe(0)
  })
})
