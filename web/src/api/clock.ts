/** The server's clock as this page knows it: deadlines are the server's, phones' clocks are wrong. */
import { onScopeDispose, shallowRef } from 'vue'

let offset_ms = 0

/** Learn the offset from an answer's `now`; `asked_ms` and `answered_ms` are this page's clock. */
export function setServerNow(now: string, asked_ms: number, answered_ms: number): void {
  const server = Date.parse(now)
  if (!Number.isNaN(server)) offset_ms = server - (asked_ms + answered_ms) / 2
}

/** Milliseconds since the epoch by the server's clock. */
export const serverNow = () => Date.now() + offset_ms

const seconds = shallowRef(serverNow())
let users = 0
let timer = 0

/** The server's time as a reactive number, renewed four times a second while anyone looks. */
export function useNow() {
  users += 1
  if (users === 1) timer = window.setInterval(() => (seconds.value = serverNow()), 250)
  seconds.value = serverNow()
  onScopeDispose(() => {
    users -= 1
    if (users === 0) window.clearInterval(timer)
  })
  return seconds
}
