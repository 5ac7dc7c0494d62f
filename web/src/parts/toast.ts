/** A short word at the bottom that goes by itself; at most an undo stands beside it. */
import { shallowRef } from 'vue'

export interface Undo { act: string; run: () => void }
export const toasts = shallowRef<{ id: number; text: string; undo?: Undo }[]>([])
const [SHORT_MS, UNDO_MS] = [2500, 6000]
let last = 0

export function toast(text: string, undo?: Undo): void {
  const id = ++last
  toasts.value = [...toasts.value.slice(-1), { id, text, ...(undo ? { undo } : {}) }]
  window.setTimeout(() => gone(id), undo ? UNDO_MS : SHORT_MS)
}

export function gone(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id)
}
