/** What the bench makes of scans: which text is an order, which a box; each pair goes into the queue. */
import { onScopeDispose, reactive, shallowRef } from 'vue'
import { newKey, post } from '@/api/client'
import { serverNow } from '@/api/clock'
import type { ScanIn, ScanOut } from '@/api/types'
import { add, listen, QueueFull, sync, type Entry } from '@/offline/queue'
import { orgPath } from './org'
import { codeOf } from './scanner'

/** A scan on this device: `said` once the server has answered. */
export interface Row { id: string; order: string; box: string; said: ScanOut | null }
export type Trouble = 'orderFirst' | 'twice' | 'full' | 'cannot'

const ROWS_MAX = 8
const PASSPORT = /\/P\/[0-9A-Z]{8,20}$/i
const TEXT = /^[0-9A-Za-z_-]{4,64}$/
const BOX = /^[0-9A-HJKMNP-TV-Z]{10}[0-9A-Z]$/

/** What a scanner typed, if it is a code at all. */
export const readScan = (text: string): string | null => {
  const said = text.trim()
  return PASSPORT.test(said) || TEXT.test(said) ? said : null
}

export function useBench() {
  const rows = shallowRef<Row[]>([])
  const order = shallowRef('')
  /** Boxes scanned into the present order on this device, and whether the server said that it has all. */
  const now = reactive({ boxes: 0, full: false })
  const trouble = shallowRef<Trouble | null>(null)

  const stop = listen((entry, outcome) => {
    if (entry.kind !== 'scan' || !('done' in outcome)) return
    const said = outcome.done as ScanOut
    rows.value = rows.value.map((row) => (row.id === said.scan_id ? { ...row, said } : row))
    if (said.verdict === 'in' && said.boxes_in >= said.boxes_needed && (said.said_order === order.value)) now.full = true
  })
  onScopeDispose(stop)

  function take(text: string): void {
    order.value = text
    Object.assign(now, { boxes: 0, full: false })
  }

  /** A passport's address is a box; a bare code is one only while an order waits for it. */
  const isBox = (text: string) => PASSPORT.test(text) || (order.value !== '' && !now.full && now.boxes === 0 && BOX.test(text.toUpperCase()))

  async function scan(text: string, net_g: number | null = null): Promise<void> {
    trouble.value = null
    if (!isBox(text)) return take(text)
    const box = codeOf(text) ?? text.toUpperCase()
    if (order.value === '') trouble.value = 'orderFirst'
    else if (rows.value.some((row) => row.box === box && row.order === order.value && (!row.said || row.said.verdict === 'in'))) trouble.value = 'twice'
    else await put({ id: newKey(), order: order.value, box, at: new Date(serverNow()).toISOString(), net_g })
  }

  async function put(body: ScanIn): Promise<void> {
    try {
      await add({ id: body.id, kind: 'scan', path: orgPath('/bench/scans'), body })
    } catch (reason) {
      trouble.value = reason instanceof QueueFull ? 'full' : 'cannot'
      return
    }
    now.boxes += 1
    rows.value = [{ id: body.id, order: body.order, box: body.box, said: null }, ...rows.value].slice(0, ROWS_MAX)
    void sync()
  }

  async function undo(row: Row): Promise<void> {
    const said = await post<ScanOut>(orgPath(`/bench/scans/${row.id}/undo`), {})
    rows.value = rows.value.map((one) => (one.id === row.id ? { ...one, said } : one))
    if (row.order === order.value) Object.assign(now, { boxes: Math.max(0, now.boxes - 1), full: false })
  }

  return { rows, order, now, trouble, scan, take, undo }
}

/** An entry of the queue that is a scan. */
export const scanOf = (entry: Entry) => entry.body as ScanIn
