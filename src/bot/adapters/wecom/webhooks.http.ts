import type { Request, Response } from 'express'
import type { Clock } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type { Webhooks } from '../adapter.ts'
import { type Opened, openSealed } from './envelope.ts'
import type { Hearing } from './hearing.ts'
import type { WecomSetup } from './settings.ts'
import { readXml } from './xml.ts'

export const WECOM_ROUTE = '/chat/wecom'

const MAX_BYTES = 128 * 1024
const READ_MS = 10_000

interface WebhookParts {
  corpId: string
  callback: NonNullable<WecomSetup['callback']>
  hearing: Pick<Hearing, 'callback'>
  clock: Clock
  log: Log
}

/** The app's callback: WeCom checks the address by GET, and tells what happened by POST. */
export function wecomWebhooks(parts: WebhookParts): Webhooks {
  const { hearing, log } = parts
  return {
    mount(app) {
      app.get(WECOM_ROUTE, (request, response) => {
        const opened = open(parts, request, request.query.echostr)
        if (opened.is === 'refused') refuse(log, response, opened)
        // Bare: neither quotes nor a line end.
        else response.status(200).type('text/plain').send(opened.message)
      })
      app.post(WECOM_ROUTE, (request, response) => receive(request, response))
    },
  }

  async function receive(request: Request, response: Response): Promise<void> {
    try {
      const body = await bodyOf(request)
      if (body === null) return void response.status(413).set('connection', 'close').end()
      const outer = readXml(body)
      if (outer === null) return refuse(log, response, UNREADABLE)
      const opened = open(parts, request, outer.Encrypt)
      if (opened.is === 'refused') return refuse(log, response, opened)
      await hearing.callback(opened.message)
      // Empty: taken. What there is to say goes out by itself.
      response.status(200).end()
    } catch {
      // WeCom sends it again: nothing that was not stored counts as heard.
      if (!response.headersSent) response.status(500).end()
    }
  }
}

function open({ corpId, callback, clock }: WebhookParts, { query }: Request, encrypted: unknown): Opened {
  const { msg_signature: signature, timestamp, nonce } = query
  const keys = { token: callback.token.reveal(), aesKey: callback.aesKey.reveal(), corpId }
  return openSealed({ signature, timestamp, nonce, encrypted }, keys, clock.now())
}

type Refused = Extract<Opened, { is: 'refused' }>

const UNREADABLE: Refused = { is: 'refused', because: 'unreadable' }

function refuse(log: Log, response: Response, { because }: Refused): void {
  log.warn({ vendor: 'wecom', because }, 'a call was refused')
  response.status(because === 'unreadable' || because === 'incomplete' ? 400 : 403).end()
}

/** Null: longer than anything WeCom sends. */
async function bodyOf(request: Request): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  request.setTimeout(READ_MS, () => request.destroy())
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
