import { describe, expect, it } from 'vitest'
import { areaOf, fenOf, gramsOf, massText, scaled, unscaled, valueOf } from '@/parts/work/numbers'
import { fromLocal, toDay, toLocal } from '@/parts/work/days'
import { lifeOf } from '@/parts/work/life'
import { codeHolds } from '@/parts/work/registration'
import { moved } from './lib'

describe('numbers people type', () => {
  it('become whole fen and grams, or nothing', () => {
    expect(fenOf('29.8')).toBe(2980)
    expect(fenOf('1,299')).toBe(129_900)
    expect(fenOf('3.725')).toBeNull()
    expect(fenOf('-1')).toBeNull()
    expect(fenOf('')).toBeNull()
    expect(gramsOf('240', 500)).toBe(120_000)
    expect(gramsOf('0.1', 500)).toBe(50)
    expect(gramsOf('0.001', 500)).toBeNull()
    expect(gramsOf('2.125', 1000)).toBe(2125)
    expect(scaled('12', 0)).toBe(12)
    expect(scaled('1.5', 0)).toBeNull()
  })
  it('and come back as they were typed', () => {
    expect(unscaled(2980, 2)).toBe('29.8')
    expect(unscaled(5, 2)).toBe('0.05')
    expect(massText(120_000, 500)).toBe('240')
    expect(massText(2125, 1000)).toBe('2.125')
  })
  it('make values of masses', () => {
    expect(valueOf(120_000, 180)).toBe(43_200)
    expect(areaOf(15)).toBe(1000)
  })
})

describe('registration code', () => {
  it('holds only with its check sign', () => {
    expect(codeHolds('91350100M000100Y43')).toBe(true)
    expect(codeHolds('91350100m000100y43')).toBe(true)
    expect(codeHolds('91350100M000100Y44')).toBe(false)
    expect(codeHolds('91350100I000100Y43')).toBe(false)
    expect(codeHolds('9135')).toBe(false)
  })
})

describe('life of a lot', () => {
  const from = '2026-11-01T00:00:00Z'
  const until = '2026-11-11T00:00:00Z'
  it('has buckets', () => {
    expect(lifeOf(from, until, Date.parse('2026-11-02T00:00:00Z'))).toEqual({ share: 90, days: 9, bucket: 1 })
    expect(lifeOf(from, until, Date.parse('2026-11-06T00:00:00Z')).bucket).toBe(2)
    expect(lifeOf(from, until, Date.parse('2026-11-10T12:00:00Z'))).toEqual({ share: 5, days: 0, bucket: 3 })
    expect(lifeOf(from, until, Date.parse('2026-11-12T00:00:00Z')).bucket).toBe(0)
  })
})

describe('fields of days', () => {
  it('are of the zone of the fields', () => {
    expect(toLocal('2026-11-23T17:00:00Z')).toBe('2026-11-24T01:00')
    expect(toDay('2026-11-23T17:00:00Z')).toBe('2026-11-24')
    expect(fromLocal('2026-11-24T01:00')).toBe('2026-11-23T17:00:00.000Z')
    expect(fromLocal('')).toBeNull()
  })
})

describe('shelf order', () => {
  it('moves a row within the list alone', () => {
    expect(moved([1, 2, 3], 0, 1)).toEqual([2, 1, 3])
    expect(moved([1, 2, 3], 0, -1)).toEqual([1, 2, 3])
    expect(moved([1, 2, 3], 2, 1)).toEqual([1, 2, 3])
  })
})
