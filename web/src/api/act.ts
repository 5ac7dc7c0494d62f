/** One act of the user: busy while it runs, the same key until its outcome is known, its problem at the end. */
import { shallowRef } from 'vue'
import { newKey } from './client'
import { problemOf, type Problem } from './problems'

/** `run` answers undefined if the act failed; then `problem` says why. A second tap while busy does nothing. */
export function useAct<In extends unknown[], Out>(act: (key: string, ...input: In) => Promise<Out>) {
  const busy = shallowRef(false)
  const problem = shallowRef<Problem | null>(null)
  let key = newKey()
  let last = ''

  async function run(...input: In): Promise<Out | undefined> {
    if (busy.value) return undefined
    const said = JSON.stringify(input)
    if (said !== last) key = newKey()
    last = said
    busy.value = true
    problem.value = null
    try {
      const out = await act(key, ...input)
      key = newKey()
      return out
    } catch (reason) {
      const failed = problemOf(reason)
      problem.value = failed
      // Without an answer the act may have been done: keep the key, so that another tap cannot do it twice.
      if (failed.status !== 503 && failed.kind !== 'offline') key = newKey()
      return undefined
    } finally {
      busy.value = false
    }
  }
  return { run, busy, problem }
}
