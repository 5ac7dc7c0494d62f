/** Divisions of the country, read a level at a time or found by words. */
import { get } from './client'
import type { Division, DivisionRow, Page } from './types'

/** A bare list and a page of items are both understood. */
const rows = <T>(answer: T[] | Page<T>): T[] => (Array.isArray(answer) ? answer : answer.items)

export const divisionsOf = async (parent: string | null) =>
  rows(await get<DivisionRow[] | Page<DivisionRow>>('/api/divisions', { parent: parent ?? 'none' }))
export const findDivisions = async (q: string, signal?: AbortSignal) =>
  rows(await get<Division[] | Page<Division>>('/api/divisions/search', { q }, signal))
