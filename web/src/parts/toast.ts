/** A short word at the bottom that goes by itself; never for what needs an act. */
import { shallowRef } from 'vue'

export const toasts = shallowRef<{ id: number; text: string }[]>([])
let last = 0

export function toast(text: string): void {
  const id = ++last
  toasts.value = [...toasts.value.slice(-1), { id, text }]
  window.setTimeout(() => {
    toasts.value = toasts.value.filter((one) => one.id !== id)
  }, 2500)
}
