import { beforeAll, describe, expect, it } from 'vitest'
import { loadWords } from '@/words/locale'
import '@/words/desk'
import { claimsIn, startsIn } from './review'

describe('how soon a session begins', () => {
  beforeAll(() => loadWords('zh-CN'))
  const now = Date.parse('2026-11-23T10:00:00Z')
  it('is said in minutes, hours or days', () => {
    expect(startsIn('2026-11-23T10:42:00Z', now)).toEqual({ text: '42 分后', soon: true })
    expect(startsIn('2026-11-23T11:10:00Z', now)).toEqual({ text: '1 时 10 分后', soon: true })
    expect(startsIn('2026-11-23T15:00:00Z', now).soon).toBe(false)
    expect(startsIn('2026-11-25T15:00:00Z', now).text).toBe('2 天后')
    expect(startsIn('2026-11-23T09:00:00Z', now).soon).toBe(true)
  })
})

describe('titles', () => {
  it('are read for claims', () => {
    expect(claimsIn('全网最甜的苹果')).toEqual(['最', '全网'])
    expect(claimsIn('坡上苹果')).toEqual([])
  })
})
