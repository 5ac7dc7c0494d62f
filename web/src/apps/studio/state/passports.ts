/** Labels of packed lots and what buyers report of them. */
import type { components } from '@/api/schema'

export type ReportRate = components['schemas']['ReportRate']
export type ProblemReport = components['schemas']['ProblemReport']
export type Shown = components['schemas']['Shown']
/** How many boxes the server draws at a time. */
export const LABELS_MAX = 200
/** Thousandths as per cent with one decimal. */
export const percent = (permille: number) => `${Math.floor(permille / 10)}.${permille % 10}`
