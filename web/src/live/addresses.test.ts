import { expect, it } from 'vitest'
import type { Play } from '@/api/types'
import { movedTo } from './addresses'

const play = (token: string): Play => ({
  llhls_url: `https://a.test/live/1/${token}/index.m3u8`,
  hls_url: `https://a.test/live/1/${token}/hls.m3u8`,
  flv_url: null,
  audio_url: `https://a.test/live/1/${token}/hls-audio.m3u8`,
  cover_url: null,
  expires_at: '2026-11-23T00:00:00Z',
})

it('asks for a segment under the newest token, whatever token its list had', () => {
  const plays = [play('one'), play('two'), play('three')]
  for (const token of ['one', 'two', 'three']) {
    expect(movedTo(`https://a.test/live/1/${token}/s/7.m4s?p=2`, plays, play('three'))).toBe('https://a.test/live/1/three/s/7.m4s?p=2')
  }
})

it('leaves other addresses alone', () => {
  expect(movedTo('https://a.test/live/2/one/index.m3u8', [play('one')], play('two'))).toBe('https://a.test/live/2/one/index.m3u8')
})
