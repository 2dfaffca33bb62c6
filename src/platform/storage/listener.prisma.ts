import pg from 'pg'
import { fullJitter } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'

type OnMessage = (payload: string) => void

export interface Listener {
  listen(channel: string, onMessage: OnMessage): Promise<() => Promise<void>>
  close(): Promise<void>
}

const RECONNECT = { base: 100, cap: 5_000 }

/**
 * One connection of its own for LISTEN, opened at the first call and reopened when it breaks. Messages sent meanwhile
 * are lost, as PostgreSQL does not keep them: whoever listens also looks for itself now and then.
 */
export function createListener(
  config: pg.ClientConfig,
  { log, clock, random }: { log: Log; clock: Clock; random: () => number },
): Listener {
  const listeners = new Map<string, Set<OnMessage>>()
  const closing = new AbortController()
  let client: Promise<pg.Client> | null = null
  let reconnecting = false

  function connected(): Promise<pg.Client> {
    client ??= open().catch((error: unknown) => {
      client = null
      throw error
    })
    return client
  }

  async function open(): Promise<pg.Client> {
    const fresh = new pg.Client(config)
    fresh.on('notification', ({ channel, payload }) => {
      for (const onMessage of listeners.get(channel) ?? []) onMessage(payload ?? '')
    })
    fresh.on('error', (error) =>
      log.warn({ error: error.message }, 'The listening database connection broke'),
    )
    await fresh.connect()
    fresh.on('end', () => {
      client = null
      void reconnect()
    })
    for (const channel of listeners.keys()) await fresh.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
    return fresh
  }

  async function reconnect(): Promise<void> {
    if (reconnecting) return
    reconnecting = true
    for (let tries = 1; listeners.size > 0 && !closing.signal.aborted; tries++) {
      await clock.sleep(fullJitter(tries, RECONNECT, random), closing.signal)
      if (closing.signal.aborted || (await connected().catch(() => null))) break
    }
    reconnecting = false
  }

  async function listen(channel: string, onMessage: OnMessage): Promise<() => Promise<void>> {
    const known = listeners.get(channel)
    listeners.set(channel, (known ?? new Set()).add(onMessage))
    try {
      const current = await connected()
      // `open` may have said it just now; PostgreSQL does not mind hearing it twice.
      if (!known) await current.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
    } catch (error) {
      drop(channel, onMessage)
      throw error
    }
    return async () => {
      if (!drop(channel, onMessage)) return
      const current = await client?.catch(() => null)
      // A connection that is broken has nothing to forget.
      await current?.query(`UNLISTEN ${pg.escapeIdentifier(channel)}`).catch(() => {})
    }
  }

  /** True when nobody listens to the channel any more. */
  function drop(channel: string, onMessage: OnMessage): boolean {
    const set = listeners.get(channel)
    if (!set?.delete(onMessage) || set.size > 0) return false
    return listeners.delete(channel)
  }

  async function close(): Promise<void> {
    closing.abort()
    const current = await client?.catch(() => null)
    await current?.end()
  }

  return { listen, close }
}
