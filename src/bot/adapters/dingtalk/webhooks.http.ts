import { createHash } from 'node:crypto'
import type { Express, Request, Response } from 'express'
import type { Clock } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type { Webhooks } from '../adapter.ts'
import type { Frame, Listeners } from './listeners.ts'
import type { DingtalkSetup } from './settings.ts'
import { cardApiSecret, cardSignature, robotSignature, type Signed, verify } from './signatures.ts'

export const ROBOT_PATH = '/chat/dingtalk'
export const CARD_PATH = '/chat/dingtalk/card'

const MAX_BODY = 256 * 1024
const READ_MS = 10_000
/** Longer waits are taken for a failure there. */
const STORE_MS = 2_500
const MINUTE_MS = 60_000

export interface WebhookParts {
  setup: DingtalkSetup
  listeners: Listeners
  clock: Clock
  log: Log
  /** A genuine call came in. */
  called(): void
}

interface Route {
  signed(request: Request): Signed
  expected(timestamp: string): string
  listener: Listeners['message']
}

export function createWebhooks(parts: WebhookParts): Webhooks {
  const { setup, listeners } = parts
  const secret = setup.clientSecret
  const robot: Route = {
    signed: (request) => ({ timestamp: request.get('timestamp'), signature: request.get('sign') }),
    expected: (timestamp) => robotSignature(timestamp, secret.reveal()),
    listener: listeners.message,
  }
  const card: Route = {
    signed: (request) => ({
      timestamp: request.get('x-ddpaas-signature-timestamp'),
      signature: request.get('x-ddpaas-signature'),
    }),
    expected: (timestamp) => cardSignature(timestamp, cardApiSecret(secret.reveal())),
    listener: listeners.tap,
  }

  return {
    mount(app: Pick<Express, 'get' | 'post'>) {
      app.post(ROBOT_PATH, (request, response) => receive(request, response, robot))
      app.post(CARD_PATH, (request, response) => receive(request, response, card))
    },
  }

  async function receive(request: Request, response: Response, route: Route): Promise<void> {
    const signed = route.signed(request)
    const verdict = verify(signed, route.expected, parts.clock.now())
    if (verdict !== 'genuine') {
      parts.log.warn({ verdict, path: request.path }, 'A call that is not from DingTalk was refused')
      response.status(401).json({ message: `The signature is ${verdict}` })
      return
    }
    const body = await bodyOf(request)
    if (body === null) {
      response.status(413).set('connection', 'close').json({ message: 'The body is too large' })
      return
    }
    parts.called()
    await hand(response, route, { messageId: nameOf(body, signed), type: '', data: body })
  }

  async function hand(response: Response, { listener }: Route, frame: Frame): Promise<void> {
    try {
      if (await inTime(listener(frame))) response.status(200).json({})
      else response.status(500).json({ message: 'It could not be stored in time' })
    } catch {
      response.status(500).json({ message: 'It could not be stored' })
    }
  }

  async function inTime(work: Promise<void>): Promise<boolean> {
    const done = new AbortController()
    const late = parts.clock.sleep(STORE_MS, done.signal).then(() => false)
    return Promise.race([work.then(() => true), late]).finally(() => done.abort())
  }

  /** Calls have no id. The same body at the same time is the same call; minutes tell two equal taps apart. */
  function nameOf(body: string, { timestamp }: Signed): string {
    const minute = Math.floor(Number(timestamp) / MINUTE_MS)
    return createHash('sha256').update(`${minute}\n${body}`).digest('hex').slice(0, 32)
  }
}

/** Null: longer than anything DingTalk sends. */
async function bodyOf(request: Request): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  request.setTimeout(READ_MS, () => request.destroy())
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MAX_BODY) return null
      chunks.push(chunk)
    }
  } catch {
    return ''
  }
  return Buffer.concat(chunks).toString('utf8')
}
