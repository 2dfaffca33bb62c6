import { type App, type Receiver, SocketModeReceiver } from '@slack/bolt'
import { fullJitter } from '../../../lib/backoff.ts'
import type { Clock, Instant } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type { Secret } from '../../../lib/secret.ts'
import type { Connection } from '../adapter.ts'
import { passOn } from './listener.http.ts'
import { wordsOf } from './outcome.ts'
import { clientOptions, faultOf, quietLogger, type SlackApi } from './slack-api.http.ts'

export interface SocketParts {
  appToken: Secret
  apiUrl: string
  fetch: SlackApi['fetch']
  clock: Clock
  log: Log
  random: () => number
  stopped: AbortSignal
  /** Builds the App around a receiver; rejects when Slack does not know our token. */
  listen: (receiver: Receiver) => Promise<App>
}

export interface Sockets {
  /** Resolves when the first connection was made or refused; goes on connecting until it is stopped. */
  start(): Promise<void>
  connection(): Connection
  /** Resolves when all are closed, or soon. */
  closed(): Promise<void>
}

/**
 * Slack closes each connection every few hours, and the SDK takes some time to open the next. Of two, one is open
 * meanwhile; Slack sends each event to one of them.
 */
const LANES = 2
const BACKOFF = { base: 500, cap: 30_000 } as const
const HELLO_MS = 15_000
/** A connection that lasted this long was a good one: the next is opened as if nothing had failed. */
const GOOD_MS = 30_000
// The SDK looks for a pong this often; a dead peer is found out within twice of it.
const PONG_MS = 5_000
const PING_MS = 30_000
const CLOSING_MS = 1_000

export function createSockets(parts: SocketParts): Sockets {
  const { clock, log, random, stopped } = parts
  const open = new Map<number, Instant>()
  let because: string | null = null
  let downSince = clock.now()
  let ended: Promise<unknown> = Promise.resolve()

  async function keepOpen(lane: number, onFirst: () => void): Promise<void> {
    for (let failures = 0; !stopped.aborted; failures++) {
      const since = clock.now()
      await once(lane, onFirst)
      onFirst()
      if (clock.now() - since > GOOD_MS) failures = 0
      await clock.sleep(fullJitter(failures, BACKOFF, random), stopped)
    }
  }

  /** One connection from its opening to its end. Never rejects. */
  async function once(lane: number, onOpen: () => void): Promise<void> {
    try {
      await connectOnce(parts, () => {
        open.set(lane, clock.now())
        because = null
        onOpen()
      })
      because = 'the connection was closed'
    } catch (error) {
      because = reasonOf(error)
      if (!stopped.aborted) log.warn({ because, lane }, 'slack: not connected')
    } finally {
      if (open.delete(lane) && open.size === 0) downSince = clock.now()
    }
  }

  return {
    start() {
      return new Promise((first) => {
        ended = Promise.all(Array.from({ length: LANES }, (_, lane) => keepOpen(lane, first)))
      })
    },
    connection() {
      if (open.size > 0) return { is: 'connected', since: Math.min(...open.values()) }
      return { is: 'connecting', since: downSince, because }
    },
    async closed() {
      await Promise.race([ended, clock.sleep(CLOSING_MS)])
    },
  }
}

function reasonOf(error: unknown): string {
  return error instanceof NoHello ? 'no greeting' : wordsOf(faultOf(error)).code
}

class NoHello extends Error {}

/**
 * A client of its own for each connection, and none that reconnects: the SDK does that in a timer, where a refusal
 * takes the process down. Resolves when an open connection has closed, rejects when it did not open.
 */
async function connectOnce(parts: SocketParts, onOpen: () => void): Promise<void> {
  const inner = new SocketModeReceiver({
    appToken: parts.appToken.reveal(),
    logger: quietLogger(parts.log),
    autoReconnectEnabled: false,
    clientPingTimeout: PONG_MS,
    serverPingTimeout: PING_MS,
    installerOptions: { clientOptions: clientOptions(parts.apiUrl, parts.fetch) },
    processEventErrorHandler: async () => false,
  })
  await parts.listen(heldBack(inner, parts.log))
  const closed = new Promise<void>((resolve) => inner.client.once('disconnected', resolve))
  const hang = () => void inner.client.disconnect().catch(() => {})
  parts.stopped.addEventListener('abort', hang, { once: true })
  try {
    await greeted(inner, parts)
    onOpen()
    await closed
  } finally {
    parts.stopped.removeEventListener('abort', hang)
  }
}

async function greeted(inner: SocketModeReceiver, { clock, stopped }: SocketParts): Promise<void> {
  const done = new AbortController()
  const late = clock.sleep(HELLO_MS, AbortSignal.any([done.signal, stopped])).then(() => 'late' as const)
  const started = inner.start()
  try {
    if ((await Promise.race([started, late])) !== 'late') return
    // It may still open or fail: nobody waits for it any more.
    started.catch(() => {})
    inner.client.disconnect().catch(() => {})
    throw new NoHello()
  } finally {
    done.abort()
  }
}

/** Stands between the SDK's receiver and the App, so that an event is acknowledged when it is stored. */
function heldBack(inner: SocketModeReceiver, log: Log): Receiver {
  return {
    init(app) {
      const held = {
        processEvent: (event: Parameters<App['processEvent']>[0]) =>
          passOn(app, { ...event, ack: () => event.ack() }).catch((error: unknown) => {
            // Not acknowledged: Slack sends events again, and tells who typed a command.
            log.error({ error: String(error) }, 'slack: not taken')
          }),
      }
      // The receiver calls nothing else of it.
      inner.init(held as App)
    },
    start: () => inner.start(),
    stop: () => inner.stop(),
  }
}
