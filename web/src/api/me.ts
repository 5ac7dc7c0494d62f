/** Who is signed in, and in what mode the instance runs; one copy for the page. */
import { computed, shallowRef } from 'vue'
import { get, patch, post } from './client'
import { setServerNow } from './clock'
import type { Me } from './types'

const nobody: Me = {
  person: null,
  operator: false,
  memberships: [],
  unread: 0,
  mode: 'production',
  role: 'room_operator',
  now: '',
}

export const me = shallowRef<Me>(nobody)
/** True once the server has said who this is (also when it is nobody). */
export const meKnown = shallowRef(false)
export const signedIn = computed(() => me.value.person !== null)
export const demoMode = computed(() => me.value.mode === 'demo')

function take(fresh: Me): Me {
  me.value = fresh
  meKnown.value = true
  return fresh
}

let settled = () => {}
/** Resolves when the server has first said who this is, or could not be asked. */
export const whenMeKnown = new Promise<void>((done) => (settled = done))

/** Ask again who this is. Throws what the call throws. */
export async function loadMe(): Promise<Me> {
  const asked = Date.now()
  try {
    const fresh = await get<Me>('/api/me')
    setServerNow(fresh.now, asked, Date.now())
    return take(fresh)
  } finally {
    settled()
  }
}

export const sendCode = (phone: string) =>
  post<{ resend_after_s: number; expires_in_s: number }>('/api/auth/code', { phone })
export const signIn = async (phone: string, code: string) => take(await post<Me>('/api/auth/sign-in', { phone, code }))
export const signInByLink = async (token: string) => take(await post<Me>('/api/auth/link', { token }))
export const rename = async (nickname: string) => {
  await patch('/api/me', { nickname })
  return loadMe()
}
export async function signOut(): Promise<void> {
  await post('/api/auth/sign-out')
  await loadMe()
}
