/** Fields found wrong here, before the server is asked: the same problem the server would answer. */
import { ApiError, type FieldProblem, type Problem } from '@/api/problems'
import { fieldText } from '@/words/say'

/** Throws `invalid-fields` if any pair says wrong. */
export function refuse(checks: [wrong: boolean, name: string, code?: string][]): void {
  const fields: FieldProblem[] = checks.filter(([wrong]) => wrong).map(([, name, code]) => ({ name, code: code ?? 'required' }))
  if (fields.length) throw new ApiError({ kind: 'invalid-fields', status: 422, title: '', fields })
}

/** What a refused field is told, or nothing. */
export const fieldError = (problem: Problem | null, name: string) => (problem?.kind === 'invalid-fields' ? fieldText(problem, name) : '')
