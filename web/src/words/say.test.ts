import { beforeAll, describe, expect, it } from 'vitest'
import { loadWords } from './locale'
import { amount, count, left, mass, nearDay, perMass, short, stamp, yuan } from './say'
import './shared'

describe('numbers in Chinese', () => {
  beforeAll(() => loadWords('zh-CN'))
  it('always shows fen', () => {
    expect(yuan(2980)).toBe('¥29.80')
    expect(yuan(1_299_900)).toBe('¥12,999.00')
    expect(yuan(-5)).toBe('-¥0.05')
    expect(amount(7)).toBe('0.07')
  })
  it('weighs in 斤 and 两', () => {
    expect(mass(2500)).toBe('5 斤')
    expect(mass(100)).toBe('2 两')
    expect(mass(2125)).toBe('4.25 斤')
    expect(perMass(596)).toBe('合 ¥5.96/斤')
  })
  it('shortens counts only from ten thousand on', () => {
    expect(short(9999)).toBe('9,999')
    expect(short(21_300)).toBe('2.1万')
    expect(count(99_999)).toBe('99,999')
  })
  it('counts down to zero and not below', () => {
    expect(left(272_000)).toBe('04:32')
    expect(left(3_872_000)).toBe('1:04:32')
    expect(left(-1)).toBe('00:00')
    expect(stamp(1265)).toBe('00:21:05')
  })
  it("takes days in the fields' own time zone", () => {
    const now = Date.parse('2026-11-23T17:00:00Z') // already the 24th in Shanghai
    expect(nearDay('2026-11-24', now)).toBe('今天')
    expect(nearDay('2026-11-24T23:00:00Z', now)).toBe('明天')
  })
})

describe('numbers in English', () => {
  beforeAll(() => loadWords('en'))
  it('weighs in kilograms alone', () => {
    expect(mass(2500)).toBe('2.5 kg')
    expect(mass(100)).toBe('100 g')
    expect(perMass(596)).toBe('¥11.92 per kg')
    expect(short(21_300)).toBe('21k')
  })
})
