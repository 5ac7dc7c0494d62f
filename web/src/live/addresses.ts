/** Playback tokens stand in the path: a file's address moves with the token, its name does not. */
import type { Play } from '@/api/types'

const sourcesOf = (play: Play) => [play.llhls_url, play.hls_url, play.audio_url]

const folder = (url: string) => {
  const whole = new URL(url, location.href)
  return whole.origin + whole.pathname.slice(0, whole.pathname.lastIndexOf('/') + 1)
}

/** `url` as it is called under `now`, if it lies in a folder of one of the `earlier` plays. */
export function movedTo(url: string, earlier: Play[], now: Play): string {
  const target = sourcesOf(now)
  for (const play of earlier) {
    const sources = sourcesOf(play)
    for (let at = 0; at < sources.length; at++) {
      const [from, to] = [sources[at], target[at]]
      if (!from || !to) continue
      const [old, fresh] = [folder(from), folder(to)]
      if (url.startsWith(old)) return fresh + url.slice(old.length)
    }
  }
  return url
}
