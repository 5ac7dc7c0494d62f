import { expect, it } from 'vitest'
import { backTo } from './back'

it('keeps to this site', () => {
  expect(backTo('/room/1?x=2#y', '/')).toBe('/room/1?x=2#y')
  expect(backTo('//evil.test/a', '/')).toBe('/')
  expect(backTo('/\\evil.test', '/me')).toBe('/me')
  expect(backTo('https://evil.test', '/')).toBe('/')
  expect(backTo(undefined, '/')).toBe('/')
})
