import { fullJitter } from '../../../lib/backoff.ts'
import type { AdapterParts, Connection, Webhooks } from '../adapter.ts'
import { failureOf } from './answers.ts'
import type { DingTalkApi } from './api.http.ts'
import type { Listeners } from './listeners.ts'
import { routeKey } from './outgoing.ts'
import type { DingtalkSetup } from './settings.ts'
import { cardApiSecret } from './signatures.ts'
import { openStream } from './stream.http.ts'
import { supervise } from './supervisor.ts'
import { CARD_PATH, createWebhooks } from './webhooks.http.ts'

/** How events reach us: over a connection of ours, or by calls. */
export interface Incoming {
  start(): Promise<void>
  stop(): Promise<void>
  connection(): Connection
  webhooks: Webhooks | null
}

export interface IncomingParts extends Omit<AdapterParts<DingtalkSetup>, 'inbox'> {
  api: DingTalkApi
  listeners: Listeners
}

const REGISTERING = { base: 1_000, cap: 60_000 }
const LEAST_MS = 50

export function createIncoming(parts: IncomingParts): Incoming {
  return parts.setup.mode === 'stream' ? overStream(parts) : overCalls(parts)
}

function overStream({ setup, api, listeners, clock, random, log }: IncomingParts): Incoming {
  const supervisor = supervise({
    open: (events) => openStream({ setup, api, listeners }, events),
    clock,
    random,
    log,
  })
  return { ...supervisor, webhooks: null }
}

function overCalls(parts: IncomingParts): Incoming {
  const { setup, listeners, clock, log } = parts
  const stopping = new AbortController()
  let state: Connection = { is: 'stopped' }
  let registering: Promise<void> | null = null

  return {
    webhooks: createWebhooks({ setup, listeners, clock, log, called }),
    connection: () => state,
    async start() {
      state = { is: 'waiting-for-calls', lastAt: null }
      if (setup.cardTemplateId === null) return
      await new Promise<void>((tried) => {
        registering = register(parts, tried, stopping.signal)
      })
    },
    async stop() {
      stopping.abort()
      await registering
      state = { is: 'stopped' }
    },
  }

  function called(): void {
    if (state.is === 'waiting-for-calls') state = { is: 'waiting-for-calls', lastAt: clock.now() }
  }
}

/** Tells DingTalk where taps go; until then cards are refused, because they name an address that it does not know. */
async function register(
  { setup, api, clock, random, log }: IncomingParts,
  tried: () => void,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    const answer = await api.call({
      path: '/v1.0/card/callbacks/register',
      body: {
        callbackRouteKey: routeKey(setup.clientId),
        callbackUrl: `${setup.publicUrl}${CARD_PATH}`,
        apiSecret: cardApiSecret(setup.clientSecret.reveal()),
        forceUpdate: true,
      },
    })
    tried()
    if (answer.is === 'ok') return
    log.warn({ code: failureOf(answer).said.code }, 'DingTalk was not told where taps go; trying again')
    await clock.sleep(Math.max(LEAST_MS, fullJitter(failures, REGISTERING, random)), signal)
  }
  tried()
}
