import { type App, isValidSlackRequest, type Receiver } from '@slack/bolt'
import type { Express, Request, Response } from 'express'
import type { Clock, Instant } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type { Secret } from '../../../lib/secret.ts'
import { passOn } from './listener.http.ts'

export interface WebhookParts {
  signingSecret: Secret
  clock: Clock
  log: Log
  /** The App, once Slack has told us who we are. */
  app: () => App | null
}

export interface Webhook {
  mount(app: Pick<Express, 'post'>): void
  lastAt(): Instant | null
}

export const WEBHOOK_PATH = '/chat/slack'

const MOST_BYTES = 1024 * 1024
const SKEW_S = 300
/** Slack gives up after three seconds, and comes again with events. */
const LATE_MS = 2_500

/**
 * A route of our own, not Bolt's ExpressReceiver: that one needs the whole app, takes timestamps from the future,
 * reads the machine's clock, and acknowledges events before they are stored. The check of the signature is the SDK's.
 */
export function createWebhook({ signingSecret, clock, log, app }: WebhookParts): Webhook {
  let lastAt: Instant | null = null

  async function receive(request: Request, response: Response): Promise<void> {
    const raw = await readBody(request)
    if (raw === null) return void response.set('connection', 'close').status(413).end()
    if (!isSigned(raw, request.headers)) return void response.status(401).end()
    lastAt = clock.now()
    const body = bodyOf(raw, String(request.headers['content-type'] ?? ''))
    if (!body) return void response.status(400).end()
    if (body.type === 'url_verification') return void response.json({ challenge: String(body.challenge) })
    if (body.ssl_check !== undefined) return void response.status(200).end()
    const listener = app()
    // Not yet known who we are: Slack comes again.
    if (!listener) return void response.status(503).end()
    await handOn(listener, body, request, response)
  }

  async function handOn(
    listener: App,
    body: Record<string, unknown>,
    request: Request,
    response: Response,
  ): Promise<void> {
    const retry = Number(request.headers['x-slack-retry-num'])
    const answered = new AbortController()
    const answer = (status: number) => {
      answered.abort()
      if (!response.headersSent) response.status(status).end()
    }
    const late = clock.sleep(LATE_MS, answered.signal).then(() => answer(500))
    try {
      const ack = async () => answer(200)
      await passOn(listener, { body, ack, ...(Number.isInteger(retry) && { retryNum: retry }) })
    } catch (error) {
      log.error({ error: String(error) }, 'slack: not taken')
      answer(500)
    }
    await late
  }

  function isSigned(body: string, headers: Request['headers']): boolean {
    const signature = headers['x-slack-signature']
    const at = Number(headers['x-slack-request-timestamp'])
    const now = clock.now()
    if (typeof signature !== 'string' || !(Math.abs(now / 1_000 - at) <= SKEW_S)) return false
    return isValidSlackRequest({
      signingSecret: signingSecret.reveal(),
      body,
      headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': at },
      nowMilliseconds: now,
    })
  }

  return {
    mount(web) {
      web.post(WEBHOOK_PATH, (request, response) => {
        receive(request, response).catch((error: unknown) => {
          log.warn({ error: String(error) }, 'slack: a call broke off')
          if (!response.headersSent) response.status(400).end()
        })
      })
    },
    lastAt: () => lastAt,
  }
}

/** A receiver that the App is given where calls are handed to it by the route. */
export const byRoute: Receiver = {
  init() {},
  start: async () => {},
  stop: async () => {},
}

/** Null: too long. The rest is not read then. */
async function readBody(request: Request): Promise<string | null> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    size += part.length
    if (size > MOST_BYTES) return null
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Commands come as a form, interactions as JSON in a form's field, events as JSON. */
function bodyOf(raw: string, type: string): Record<string, unknown> | null {
  if (!type.startsWith('application/x-www-form-urlencoded')) return parsed(raw)
  const form = new URLSearchParams(raw)
  const payload = form.get('payload')
  return payload === null ? Object.fromEntries(form) : parsed(payload)
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isRecord ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
