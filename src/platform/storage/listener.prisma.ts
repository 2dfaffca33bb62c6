import pg from 'pg'
import { fullJitter } from '../../lib/backoff.ts'
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
export function createListener(config: pg.ClientConfig, log: Log): Listener {
  const listeners = new Map<string, Set<OnMessage>>()
  let client: Promise<pg.Client> | null = null
  let closed = false
  let retry: NodeJS.Timeout | null = null

  async function open(): Promise<pg.Client> {
    const fresh = new pg.Client(config)
    fresh.on('notification', ({ channel, payload }) => {
      for (const onMessage of listeners.get(channel) ?? []) onMessage(payload ?? '')
    })
    fresh.on('error', (error) =>
      log.warn({ error: error.message }, 'The listening database connection broke'),
    )
    fresh.on('end', () => reconnect(1))
    await fresh.connect()
    for (const channel of listeners.keys()) await fresh.query(`LISTEN ${quoted(channel)}`)
    return fresh
  }

  function reconnect(tries: number): void {
    client = null
    if (closed || listeners.size === 0 || retry) return
    retry = setTimeout(
      () => {
        retry = null
        client ??= open()
        client.catch(() => reconnect(tries + 1))
      },
      fullJitter(tries, RECONNECT, Math.random),
    )
  }

  async function listen(channel: string, onMessage: OnMessage): Promise<() => Promise<void>> {
    const known = listeners.get(channel)
    listeners.set(channel, (known ?? new Set()).add(onMessage))
    client ??= open()
    const current = await client
    // Said again when `open` said it just now; PostgreSQL does not mind.
    if (!known) await current.query(`LISTEN ${quoted(channel)}`)
    return () => forget(channel, onMessage)
  }

  async function forget(channel: string, onMessage: OnMessage): Promise<void> {
    const set = listeners.get(channel)
    set?.delete(onMessage)
    if (!set || set.size > 0) return
    listeners.delete(channel)
    const current = await client?.catch(() => null)
    // A connection that is broken has nothing to forget.
    await current?.query(`UNLISTEN ${quoted(channel)}`).catch(() => {})
  }

  async function close(): Promise<void> {
    closed = true
    if (retry) clearTimeout(retry)
    const current = await client?.catch(() => null)
    await current?.end()
  }

  return { listen, close }
}

function quoted(channel: string): string {
  return pg.escapeIdentifier(channel)
}
