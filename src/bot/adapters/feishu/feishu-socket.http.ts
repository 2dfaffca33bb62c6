import { EventDispatcher, WSClient } from '@larksuiteoapi/node-sdk'
import { fullJitter } from '../../../lib/backoff.ts'
import type { Clock, Instant } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type { Connection } from '../adapter.ts'
import { QUIET } from './feishu-api.http.ts'
import type { FeishuSetup } from './settings.ts'

/** The long connection over which events come; kept up for ever. */
export interface FeishuSocket {
  /** Resolves when the first try ended. */
  start(): Promise<void>
  stop(): Promise<void>
  connection(): Connection
}

interface SocketParts {
  setup: FeishuSetup
  /** What an event is answered with; a rejection makes Feishu send it again. */
  take: (body: unknown) => Promise<unknown>
  clock: Clock
  random: () => number
  log: Log
}

const BACKOFF = { base: 1_000, cap: 60_000 }
const HANDSHAKE_MS = 15_000
/** Discovery and handshake, and some. */
const ATTEMPT_MS = 35_000
const LOOK_MS = 100
const WATCH_MS = 5_000
const LASTING_MS = 60_000
/** A server that leaves our ping without any answer for so long is gone. */
const PONG_S = 10

/**
 * The SDK's own reconnecting gives up on most of the vendor's codes, and waits up to minutes. So each client lives for
 * one connection, and a new one is made when it is over.
 */
export function createFeishuSocket(parts: SocketParts): FeishuSocket {
  const { clock, random, log } = parts
  const stopping = new AbortController()
  let state: Connection = { is: 'stopped' }
  let running: Promise<void> = Promise.resolve()

  async function keepUp(triedOnce: () => void): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      let since: Instant | null = null
      const { because } = await standOnce(parts, stopping.signal, () => {
        since = clock.now()
        state = { is: 'connected', since }
        triedOnce()
      })
      if (stopping.signal.aborted) break
      failures = lasted(since, clock.now()) ? 0 : failures + 1
      state = { is: 'connecting', since: clock.now(), because }
      log.warn({ vendor: 'feishu', because, failures }, 'long connection is down')
      triedOnce()
      await clock.sleep(fullJitter(failures, BACKOFF, random), stopping.signal)
    }
    triedOnce()
  }

  return {
    start() {
      state = { is: 'connecting', since: clock.now(), because: null }
      return new Promise((triedOnce) => {
        running = keepUp(triedOnce)
      })
    },
    async stop() {
      stopping.abort()
      await running
      state = { is: 'stopped' }
    },
    connection: () => state,
  }
}

/** A connection that is cut at once, again and again, is as good as none. */
function lasted(since: Instant | null, now: Instant): boolean {
  return since !== null && now - since >= LASTING_MS
}

interface Ended {
  stood: boolean
  because: string
}

/** One client, from its start to the end of its connection. */
async function standOnce(parts: SocketParts, stop: AbortSignal, ready: () => void): Promise<Ended> {
  const over = new AbortController()
  const ended: Ended = { stood: false, because: 'Feishu closed the connection' }
  const end = (because: string) => {
    ended.because = because
    over.abort()
  }
  const stopped = () => over.abort()
  const client = clientOf(parts, {
    ready: () => {
      ended.stood = true
      ready()
    },
    end,
    lost: () => over.abort(),
  })
  stop.addEventListener('abort', stopped)
  await client.start({ eventDispatcher: new Taking(parts.take) })
  await firstTry(client, parts.clock, { over: over.signal, stood: () => ended.stood, end })
  await watch(client, parts.clock, { over: over.signal, end })
  stop.removeEventListener('abort', stopped)
  client.close({ force: true })
  return ended
}

interface Told {
  ready: () => void
  end: (because: string) => void
  lost: () => void
}

function clientOf({ setup }: SocketParts, { ready, end, lost }: Told): WSClient {
  return new WSClient({
    ...QUIET,
    appId: setup.appId,
    appSecret: setup.appSecret.reveal(),
    domain: setup.baseUrl,
    handshakeTimeoutMs: HANDSHAKE_MS,
    wsConfig: { pingTimeout: PONG_S },
    onReady: ready,
    onError: (error) => end(error.message),
    // Its own way back is not taken: a new client is.
    onReconnecting: lost,
  })
}

/** The SDK tells nobody that its first try failed; it only notes when it will try again. */
async function firstTry(
  client: WSClient,
  clock: Clock,
  { over, stood, end }: { over: AbortSignal; stood: () => boolean; end: (because: string) => void },
): Promise<void> {
  const deadline = clock.now() + ATTEMPT_MS
  while (!stood() && !over.aborted) {
    if (client.getConnectionStatus().nextConnectTime !== undefined) end('Feishu could not be reached')
    else if (clock.now() > deadline) end('Feishu did not answer in time')
    else await clock.sleep(LOOK_MS, over)
  }
}

/** Until it is over; a loss that the SDK missed is seen here. */
async function watch(
  client: WSClient,
  clock: Clock,
  { over, end }: { over: AbortSignal; end: (because: string) => void },
): Promise<void> {
  while (!over.aborted) {
    await clock.sleep(WATCH_MS, over)
    if (!over.aborted && client.getConnectionStatus().state !== 'connected') end('The connection was lost')
  }
}

/** Hands on events as they came: the SDK would lay the card's token over the header's. */
class Taking extends EventDispatcher {
  readonly #take: (body: unknown) => Promise<unknown>

  constructor(take: (body: unknown) => Promise<unknown>) {
    super(QUIET)
    this.#take = take
  }

  override invoke(body: unknown): Promise<unknown> {
    return this.#take(body)
  }
}
