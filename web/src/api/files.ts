/** Pictures go up as they are; the server checks, turns and re-encodes them. */
import { post } from './client'
import { offline, problemFrom } from './problems'

/** The stored picture's hash. Throws `not-a-picture`, `too-large`, `quota-reached`. */
export const uploadPicture = async (file: Blob) => (await post<{ hash: string }>('/api/files', file)).hash

/** Fetches a file and hands it to the browser under its own name; what the server refuses is thrown, not saved. */
export async function saveFile(path: string): Promise<true> {
  const answer = await fetch(path, { credentials: 'same-origin' }).catch(() => {
    throw offline()
  })
  if (!answer.ok) throw await problemFrom(answer)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? ''
  link.click()
  URL.revokeObjectURL(link.href)
  return true
}
