/** Numbers, money, mass and times as the screen says them. Pure; the language is the page's. */
import { locale } from './locale'
import { w } from './shared'

const zh = () => locale.value === 'zh-CN'
const ZONE = 'Asia/Shanghai'

/** 123456 -> "1,234.56"; always two decimals, never rounded. */
export function amount(fen: number): string {
  const sign = fen < 0 ? '-' : ''
  const whole = Math.abs(Math.trunc(fen))
  return `${sign}${Math.trunc(whole / 100).toLocaleString('en-US')}.${String(whole % 100).padStart(2, '0')}`
}

/** 2980 -> "¥29.80" */
export const yuan = (fen: number) => (fen < 0 ? `-¥${amount(-fen)}` : `¥${amount(fen)}`)

export const count = (n: number) => n.toLocaleString('en-US')

/** A count where space is short: 21300 -> "2.1万" or "21k". Never for money or stock. */
export function short(n: number): string {
  if (zh()) return n < 10_000 ? count(n) : `${(Math.floor(n / 1000) / 10).toString()}万`
  return n < 1000 ? count(n) : n < 10_000 ? `${Math.floor(n / 100) / 10}k` : `${count(Math.floor(n / 1000))}k`
}

const trim = (n: number, digits: number) => Number(n.toFixed(digits)).toLocaleString('en-US', { maximumFractionDigits: digits })

/** Grams for people: 2500 -> "5 斤" or "2.5 kg"; 100 -> "2 两" or "100 g". */
export function mass(grams: number): string {
  if (!zh()) return grams < 1000 ? `${count(grams)} g` : `${trim(grams / 1000, 3)} kg`
  if (grams < 500 && grams % 50 === 0) return `${grams / 50} ${w.liang}`
  return grams < 250 ? `${count(grams)} g` : `${trim(grams / 500, 2)} ${w.jin}`
}

/** Price of a 斤 in Chinese, of a kilogram in English. */
export const perMass = (fen_per_jin: number) => w.per(yuan(zh() ? fen_per_jin : fen_per_jin * 2))

const part = (at: number | string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(zh() ? 'zh-CN' : 'en-GB', { timeZone: ZONE, ...options }).format(new Date(at))

/** "14:31" */
export const clock = (at: number | string) => part(at, { hour: '2-digit', minute: '2-digit', hour12: false })
/** "11 月 18 日" or "18 Nov", with the year unless it is the present one; takes a date ("2026-11-18") or a time. */
export function day(at: number | string): string {
  const number = (at: number | string, options: Intl.DateTimeFormatOptions) => part(at, options).replace(/\D/g, '')
  const year = number(at, { year: 'numeric' })
  const other = year !== number(Date.now(), { year: 'numeric' })
  if (!zh()) return part(at, { day: 'numeric', month: 'short', ...(other ? { year: 'numeric' } : {}) })
  return `${other ? `${year} 年 ` : ''}${number(at, { month: 'numeric' })} 月 ${number(at, { day: 'numeric' })} 日`
}

const dayNumber = (at: number) => Math.floor((at + 8 * 3_600_000) / 86_400_000)

/** "今天", "明天", "周四" within a week, else the date. `now` in ms. */
export function nearDay(at: number | string, now: number): string {
  const away = dayNumber(new Date(at).getTime()) - dayNumber(now)
  if (away === 0) return w.today
  if (away === 1) return w.tomorrow
  if (away === -1) return w.yesterday
  return Math.abs(away) < 7 ? part(at, { weekday: 'short' }) : day(at)
}

/** "今天可发 120 箱，之后周四发" where the shop says what it packs, "周四发货" where it does not. */
export function shipText(offer: { ship_day: string; ship_room: number | null; ship_then: string | null; units_left: number }, now: number): string {
  const first = nearDay(offer.ship_day, now)
  if (offer.ship_room === null || offer.ship_room >= offer.units_left || !offer.ship_then) return w.shipDay(first)
  return w.shipThen(first, count(offer.ship_room), nearDay(offer.ship_then, now))
}

/** "今天 14:31" */
export const when = (at: number | string, now: number) => `${nearDay(at, now)} ${clock(at)}`

const two = (n: number) => String(n).padStart(2, '0')

/** 272_000 -> "04:32"; an hour and more "1:04:32". Never negative. */
export function left(ms: number): string {
  const all = Math.max(0, Math.ceil(ms / 1000))
  const [h, m, s] = [Math.trunc(all / 3600), Math.trunc((all % 3600) / 60), all % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`
}

/** Seconds of a film: 1265 -> "00:21:05" */
export function stamp(seconds: number): string {
  const all = Math.max(0, Math.floor(seconds))
  return `${two(Math.trunc(all / 3600))}:${two(Math.trunc((all % 3600) / 60))}:${two(all % 60)}`
}

/** The sentence for a problem, also of a kind this build does not know. */
export function problemText(problem: { kind: string }): string {
  const known = w.problems as Record<string, ((members: never) => string) | undefined>
  const say = known[problem.kind]
  return say ? say(problem as never) : w.problemElse(problem.kind)
}

/** The sentence for one refused field, or nothing if the problem does not name it. */
export function fieldText(problem: { kind: string; fields?: { name: string; code: string; [limit: string]: unknown }[] } | null, name: string): string {
  const found = problem?.fields?.find((field) => field.name === name || field.name.startsWith(`${name}.`))
  if (!found) return ''
  const say = w.fields[found.code] ?? w.fields.wrong
  return say ? say(found) : found.code
}
