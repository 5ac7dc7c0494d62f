/** This page's own broadcast: a key, the publisher, and how the line does. */
import { computed, onScopeDispose, shallowRef } from 'vue'
import { post } from '@/api/client'
import { problemOf, type Problem } from '@/api/problems'
import type { StreamKey } from '@/api/types'
import { Publisher, type PublisherHealth } from '@/live/publisher'
import { sessionPath } from './session'

export type LineState = 'good' | 'weak' | 'bad' | 'none' | 'connecting' | 'reconnecting' | 'ended'

function lineOf(health: PublisherHealth | null): LineState {
  if (!health || health.state === 'idle') return 'none'
  if (health.state === 'connecting') return 'connecting'
  if (health.state === 'waiting') return 'reconnecting'
  if (health.state !== 'live') return 'ended'
  if (health.queueMs > 1000) return 'bad'
  return health.queueMs > 400 || health.bitrate < 500_000 ? 'weak' : 'good'
}

export function useBroadcast(sessionId: string) {
  const health = shallowRef<PublisherHealth | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const publisher = new Publisher()
  const off = publisher.on('health', (fresh) => (health.value = fresh))
  const line = computed(() => lineOf(health.value))
  let key: StreamKey | null = null

  /** A new key, which ends every older stream of this session, then the stream. False if it could not begin. */
  async function start(stream: MediaStream): Promise<boolean> {
    problem.value = null
    try {
      key = await post<StreamKey>(sessionPath(sessionId, '/key'))
      await publisher.start(stream, { url: socketUrl(key.publish_url), key: key.publish_token })
      return true
    } catch (reason) {
      if (publisher.health().state !== 'failed') problem.value = problemOf(reason)
      return false
    }
  }
  /** The same broadcast from another camera. */
  async function change(stream: MediaStream): Promise<void> {
    if (key) await publisher.start(stream, { url: socketUrl(key.publish_url), key: key.publish_token })
  }
  /** Answers true once the server has taken the stream, false after `patience_ms` or a refusal. */
  function taken(patience_ms: number): Promise<boolean> {
    return new Promise((done) => {
      const timer = window.setTimeout(() => finish(false), patience_ms)
      const stop = publisher.on('health', (fresh) => {
        if (fresh.state === 'live') finish(true)
        else if (['refused', 'failed', 'replaced', 'stopped'].includes(fresh.state)) finish(false)
      })
      function finish(yes: boolean): void {
        window.clearTimeout(timer)
        stop()
        done(yes)
      }
      if (publisher.health().state === 'live') finish(true)
    })
  }
  onScopeDispose(() => {
    off()
    publisher.stop()
  })
  return { health, line, problem, start, change, taken, stop: () => publisher.stop() }
}

function socketUrl(address: string): string {
  const url = new URL(address, location.href)
  url.protocol = url.protocol.replace(/^http/, 'ws')
  return url.href
}

export type Broadcast = ReturnType<typeof useBroadcast>
