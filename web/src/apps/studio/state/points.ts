/** Places as people write them, in millionths of a degree; never through a float of the text. */
import type { Point } from '@/api/types'
import { scaled, unscaled } from '@/parts/work/numbers'

/** "30.0162, 115.5618" -> a point; null if it is none. */
export function readPoint(text: string): Point | null {
  const [lat, lon, more] = text.trim().split(/[,，\s]+/)
  const lat_e6 = scaled(lat ?? '', 6)
  const lon_e6 = scaled(lon ?? '', 6)
  return lat_e6 === null || lon_e6 === null || more !== undefined ? null : { lat_e6, lon_e6 }
}

export const pointText = (one: Point) => `${unscaled(one.lat_e6, 6)}, ${unscaled(one.lon_e6, 6)}`

/** A point a line, empty lines left aside; null if a line is none. */
export function readPoints(text: string): Point[] | null {
  const found = text.split('\n').filter((line) => line.trim()).map(readPoint)
  return found.every((one) => one !== null) ? found : null
}

/** Where this device is; null if it does not say. */
export function hereNow(): Promise<Point | null> {
  return new Promise((done) => {
    if (!('geolocation' in navigator)) return done(null)
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({ lat_e6: Math.round(coords.latitude * 1e6), lon_e6: Math.round(coords.longitude * 1e6) }),
      () => done(null),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 0 },
    )
  })
}
