import { WSClient, type WsFrame } from '@wecom/aibot-node-sdk'
import { fullJitter } from '../../../lib/backoff.ts'
import type { Clock, Instant } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type { Connection } from '../adapter.ts'
import { type Answer, answerOf } from './answers.ts'
import type { Hearing } from './hearing.ts'
import type { WecomSetup } from './settings.ts'

/** The robot's long connection: events come over it, and its messages go out over it. */
export interface Robot {
  /** Resolves when the first try ended. May be called again after a stop. */
  start(): Promise<void>
  stop(): Promise<void>
  connection(): Connection
  send(chat: string, body: object): Promise<Answer>
  upload(png: Uint8Array): Promise<Answer>
}

export interface RobotParts {
  bot: NonNullable<WecomSetup['bot']>
  hearing: Pick<Hearing, 'robotMessage' | 'robotTap'>
  clock: Clock
  random: () => number
  log: Log
}

const BACKOFF = { base: 1_000, cap: 60_000 }
/** Jitter may come out as nothing, and the gateway is not to be asked in a loop. */
const LEAST_MS = 20
const HANDSHAKE_MS = 10_000
/** Until WeCom said whether it takes us. */
const ATTEMPT_MS = 15_000
/** A connection that lived this long was good: its end does not count as a failure. */
const LASTING_MS = 30_000
/** Another process took the connection, and has the right to it. Only if that dies it is ours again. */
const KICKED_MS = 60_000
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

type End = { because: string; kicked: boolean }

/**
 * The SDK's own reconnecting gives up after a few refusals, and for good when another process connected. So each client
 * lives for one connection. Its log holds everything that is said, so it has none.
 */
export function createRobot(parts: RobotParts): Robot {
  const { clock, random, log } = parts
  let stopping = new AbortController()
  let running: Promise<void> | null = null
  let state: Connection = { is: 'stopped' }
  let client: WSClient | null = null

  async function keepUp(stop: AbortSignal, triedOnce: () => void): Promise<void> {
    let failures = 0
    while (!stop.aborted) {
      let since: Instant | null = null
      const line = newLine(parts)
      line.client.on('authenticated', () => {
        since = clock.now()
        state = { is: 'connected', since }
        client = line.client
        triedOnce()
      })
      const { because, kicked } = await line.stand(stop)
      client = null
      if (stop.aborted) break
      failures = since !== null && clock.now() - since >= LASTING_MS ? 0 : failures + 1
      state = { is: 'connecting', since: clock.now(), because }
      log.warn({ vendor: 'wecom', because, failures }, "the robot's connection is down")
      triedOnce()
      await clock.sleep(kicked ? pauseAfterKick() : pause(failures), stop)
    }
    triedOnce()
  }

  function pause(failures: number): number {
    return Math.max(LEAST_MS, fullJitter(failures, BACKOFF, random))
  }

  function pauseAfterKick(): number {
    return KICKED_MS * (1 + random())
  }

  async function acknowledged(ask: (client: WSClient) => Promise<unknown>): Promise<Answer> {
    if (client === null || !client.isConnected) return NOT_CONNECTED
    return ask(client).then(read, read)
  }

  return {
    async start() {
      if (running) return
      stopping = new AbortController()
      state = { is: 'connecting', since: clock.now(), because: null }
      await new Promise<void>((triedOnce) => {
        running = keepUp(stopping.signal, triedOnce)
      })
    },
    async stop() {
      stopping.abort()
      await running
      running = null
      state = { is: 'stopped' }
    },
    connection: () => state,
    // The type of a card there knows fewer fields than the documents.
    send: (chat, body) => acknowledged((open) => open.sendMessage(chat, body as never)),
    upload: (png) =>
      acknowledged(async (open) => {
        const { media_id } = await open.uploadMedia(Buffer.from(png), {
          type: 'image',
          filename: 'picture.png',
        })
        return { errcode: 0, errmsg: 'ok', media_id }
      }),
  }
}

const NOT_CONNECTED: Answer = {
  is: 'lost',
  code: 'not-connected',
  message: "The robot's connection is down",
  sent: false,
}

/** Refusals come as the frame itself; whatever else is thrown says nothing for sure. */
function read(acknowledgement: unknown): Answer {
  return (
    answerOf(acknowledgement) ?? {
      is: 'lost',
      code: 'no-ack',
      message: 'No acknowledgement came',
      sent: true,
    }
  )
}

/** One client, from its start to the end of its connection. */
function newLine({ bot, hearing, clock, log }: RobotParts) {
  const over = new AbortController()
  let end: End = { because: 'stopped', kicked: false }
  let authenticated = false
  const finish = (how: End) => {
    if (over.signal.aborted) return
    end = how
    over.abort()
  }
  const client = new WSClient({
    botId: bot.id,
    secret: bot.secret.reveal(),
    wsUrl: bot.url,
    wsOptions: { handshakeTimeout: HANDSHAKE_MS, maxPayload: 1024 * 1024 },
    maxReconnectAttempts: 0,
    maxAuthFailureAttempts: 0,
    logger: SILENT,
  })
  client.on('authenticated', () => {
    authenticated = true
  })
  client.on('event.disconnected_event', () =>
    finish({ because: 'another process connected as this robot', kicked: true }),
  )
  client.on('error', (error: Error) => finish({ because: reasonOf(error, bot), kicked: false }))
  client.on('disconnected', () => finish({ because: 'WeCom closed the connection', kicked: false }))
  client.on('message', (frame: WsFrame) => {
    hearing
      .robotMessage(frame.body)
      .catch(() => log.warn({ vendor: 'wecom' }, 'a message could not be stored'))
  })
  client.on('event.template_card_event', (frame: WsFrame) => void tapped(frame))

  async function tapped(frame: WsFrame): Promise<void> {
    try {
      const card = await hearing.robotTap(frame.body)
      if (card !== null) await client.updateTemplateCard(frame, card as never)
    } catch {
      // Taps come once. When it was stored, what came of it follows as a message all the same.
      log.warn({ vendor: 'wecom' }, 'a tap was not taken, or its card not changed in time')
    }
  }

  return {
    client,
    async stand(stop: AbortSignal): Promise<End> {
      const stopped = () => over.abort()
      stop.addEventListener('abort', stopped, { once: true })
      client.connect()
      await clock.sleep(ATTEMPT_MS, over.signal)
      if (!authenticated) finish({ because: 'WeCom did not answer in time', kicked: false })
      await ended(over.signal)
      stop.removeEventListener('abort', stopped)
      client.disconnect()
      return end
    },
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

const LONGEST_REASON = 200

function reasonOf({ message }: Error, { secret }: { secret: { reveal(): string } }): string {
  return message.replaceAll(secret.reveal(), '[secret]').slice(0, LONGEST_REASON)
}
