/** Reads new questions aloud while it is switched on; a browser without a voice stays silent. */
import { shallowRef, watch, onScopeDispose } from 'vue'
import type { Question } from '@/api/types'
import { locale } from '@/words/locale'

export function useAloud(questions: () => Question[]) {
  const on = shallowRef(false)
  const heard = new Set<string>()
  watch(on, () => {
    for (const one of questions()) heard.add(one.id)
  })
  watch(() => questions().length, () => {
    if (!on.value || !('speechSynthesis' in window)) return
    for (const one of questions()) {
      if (heard.has(one.id)) continue
      heard.add(one.id)
      const words = new SpeechSynthesisUtterance(one.text)
      words.lang = locale.value
      window.speechSynthesis.speak(words)
    }
  })
  onScopeDispose(() => {
    if ('speechSynthesis' in window) window.speechSynthesis.cancel()
  })
  return on
}
