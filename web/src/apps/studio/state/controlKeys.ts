/** The control room's keys: one finger an act, silent while something is typed or a sheet is open. */
import { onBeforeUnmount, onMounted } from 'vue'

export interface KeyActs { pin: (at: number) => void; price: () => void; flash: () => void; question: () => void; mute: () => void; help: () => void }

export function useControlKeys(acts: KeyActs, free: () => boolean): void {
  function onKey(event: KeyboardEvent): void {
    const at = event.target as HTMLElement | null
    const typing = at?.matches('input, textarea, select, [contenteditable]') ?? false
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat || !free()) return
    const key = event.key.toLowerCase()
    if (/^[1-9]$/.test(key)) acts.pin(Number(key) - 1)
    else if (key === 'p') acts.price()
    else if (key === 's') acts.flash()
    else if (key === 'q') acts.question()
    else if (key === 'm') acts.mute()
    else if (key === '?') acts.help()
    else return
    event.preventDefault()
  }
  onMounted(() => document.addEventListener('keydown', onKey))
  onBeforeUnmount(() => document.removeEventListener('keydown', onKey))
}
