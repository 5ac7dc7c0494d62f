import { expect, it } from 'vitest'
import { codeOf } from './scanner'

it('reads a code, and the address on a label', () => {
  expect(codeOf('9f3k7qxa2m5')).toBe('9F3K7QXA2M5')
  expect(codeOf('HTTPS://HOST/P/9F3K7QXA2M5')).toBe('9F3K7QXA2M5')
})

it('takes nothing that is no code', () => {
  for (const text of ['', 'abc', '有问题的一箱', 'https://host/p/', 'SF 123 456']) expect(codeOf(text)).toBe(null)
})
