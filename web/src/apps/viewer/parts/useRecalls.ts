/** The recalls of one's own orders: one notice an order and recall, and the answer that it was read. */
import { computed } from 'vue'
import { useAct } from '@/api/act'
import { get, post } from '@/api/client'
import { useLoad } from '@/api/load'
import type { MyRecall } from '@/api/types'

export interface RecallNotice { recall_id: string; shop_id: string; order_id: string; number: string; lots: MyRecall[]; refunded_fen: number; told_at: string | null; read: boolean }

/** Lines of the same order in the same recall as one notice, in the order of the lines. */
export function noticesOf(lines: MyRecall[]): RecallNotice[] {
  const found = new Map<string, RecallNotice>()
  for (const line of lines) {
    const key = `${line.recall_id}:${line.order_id}`
    const one = found.get(key) ?? { ...line, lots: [], refunded_fen: 0, read: true }
    one.lots.push(line)
    one.refunded_fen += line.refunded_fen
    one.read &&= line.state === 'acknowledged'
    found.set(key, one)
  }
  return [...found.values()]
}

export function useRecalls() {
  const list = useLoad(async (signal) => (await get<{ items: MyRecall[] }>('/api/me/recalls', undefined, signal)).items)
  const notices = computed(() => noticesOf(list.value.value ?? []))
  const act = useAct((key: string, recall: string, order: string) => post(`/api/me/recalls/${recall}/${order}/acknowledge`, {}, { key }).then(() => true))
  async function acknowledge(one: RecallNotice): Promise<void> {
    if (await act.run(one.recall_id, one.order_id)) await list.reload()
  }
  return { list, notices, acknowledge, busy: act.busy, problem: act.problem }
}
export type Recalls = ReturnType<typeof useRecalls>
