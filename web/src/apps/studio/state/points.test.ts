import { describe, expect, it } from 'vitest'
import { pointText, readPoint, readPoints } from './points'

describe('points', () => {
  it('are read as they are written, to the millionth', () => {
    expect(readPoint('30.016200, 115.5618')).toEqual({ lat_e6: 30_016_200, lon_e6: 115_561_800 })
    expect(readPoint('30.0162，115.5618')).toEqual({ lat_e6: 30_016_200, lon_e6: 115_561_800 })
    expect(pointText({ lat_e6: 30_016_200, lon_e6: 115_000_001 })).toBe('30.0162, 115.000001')
    for (const wrong of ['', '30', '30.0000001, 115', '30, 115, 2', 'x, y']) expect(readPoint(wrong)).toBeNull()
  })
  it('are a list, a line each', () => {
    expect(readPoints('30, 115\n\n30.1, 115.1\n')).toHaveLength(2)
    expect(readPoints('30, 115\nhere')).toBeNull()
    expect(readPoints('')).toEqual([])
  })
})
