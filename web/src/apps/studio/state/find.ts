/** One row out of a list the API gives page by page, where it has no address of its own. */
import { get } from '@/api/client'
import { ApiError } from '@/api/problems'
import type { Page } from '@/api/types'

/** Throws `not-found` after the last page. */
export async function findIn<T extends { id: string }>(path: string, id: string, signal: AbortSignal): Promise<T> {
  let cursor: string | null = null
  do {
    const page: Page<T> = await get<Page<T>>(path, { limit: 100, cursor }, signal)
    const found = page.items.find((one) => one.id === id)
    if (found) return found
    cursor = page.next
  } while (cursor)
  throw new ApiError({ kind: 'not-found', status: 404, title: '' })
}
