/** Pictures go up as they are; the server checks, turns and re-encodes them. */
import { post } from './client'

/** The stored picture's hash. Throws `not-a-picture`, `too-large`, `quota-reached`. */
export const uploadPicture = async (file: Blob) => (await post<{ hash: string }>('/api/files', file)).hash
