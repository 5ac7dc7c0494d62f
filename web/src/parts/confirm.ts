/** Ask before what cannot be undone. Answers true if the named act was chosen. */
import { shallowRef } from 'vue'

export interface Question { title: string; text?: string; act: string; danger?: boolean }

export const asked = shallowRef<(Question & { answer: (yes: boolean) => void }) | null>(null)

export function confirm(question: Question): Promise<boolean> {
  asked.value?.answer(false)
  return new Promise((done) => {
    asked.value = {
      ...question,
      answer(yes) {
        asked.value = null
        done(yes)
      },
    }
  })
}
