import { AESCipher } from '@larksuiteoapi/node-sdk'
import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Clock } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type { Webhooks } from '../adapter.ts'
import type { FeishuSetup } from './settings.ts'
import { sameText, type Verdict, verifyCall } from './verify.ts'

interface WebhookParts {
  setup: FeishuSetup
  /** What an event is answered with; a rejection makes Feishu send it again. */
  take: (body: unknown) => Promise<object>
  clock: Clock
  log: Log
}

export const FEISHU_ROUTE = '/chat/feishu'

const MAX_BYTES = 1024 * 1024

type Heard =
  | { is: 'refused'; status: 400 | 401 | 403; because: string }
  | { is: 'challenge'; challenge: string }
  | { is: 'event'; body: unknown }

/** Our own route: signature over the bytes as they came, age, decryption, token, and an answer in every case. */
export function feishuWebhooks(parts: WebhookParts): Webhooks {
  return {
    mount: (app) => {
      app.post(FEISHU_ROUTE, (request, response) => answer(parts, request, response))
    },
  }
}

async function answer(parts: WebhookParts, request: Request, response: Response): Promise<void> {
  try {
    const raw = await readBody(request)
    if (raw === null) return void response.status(413).set('connection', 'close').end()
    const heard = hear(parts, request, raw)
    if (heard.is === 'refused') return refuse(parts.log, response, heard)
    if (heard.is === 'challenge') return void response.json({ challenge: heard.challenge })
    response.json(await parts.take(heard.body))
  } catch {
    // Feishu sends it again: nothing that was not stored counts as heard.
    if (!response.headersSent) response.status(500).end()
  }
}

function refuse(log: Log, response: Response, { status, because }: Extract<Heard, { is: 'refused' }>): void {
  log.warn({ vendor: 'feishu', because }, 'a call was refused')
  response.status(status).end()
}

function hear({ setup, clock }: WebhookParts, request: Request, raw: Buffer): Heard {
  const { encryptKey, verificationToken } = setup
  if (encryptKey === null) return { is: 'refused', status: 403, because: 'no encrypt key is set' }
  const signed = verdictOn(request, raw, encryptKey.reveal(), clock.now())
  if (signed === 'forged' || signed === 'stale') return { is: 'refused', status: 401, because: signed }

  const body = decrypt(raw, encryptKey.reveal())
  if (body === null) return { is: 'refused', status: 400, because: 'not encrypted with our key' }
  const token = tokenOf(body)
  if (verificationToken !== null && (token === null || !sameText(token, verificationToken.reveal())))
    return { is: 'refused', status: 401, because: 'not our verification token' }

  const asked = challenge.safeParse(body)
  if (asked.success) return { is: 'challenge', challenge: asked.data.challenge }
  // Whether the console signs its challenge is not documented; everything else it does.
  if (signed === 'unsigned') return { is: 'refused', status: 401, because: 'unsigned' }
  return { is: 'event', body }
}

function verdictOn(request: Request, raw: Buffer, key: string, now: number): Verdict | 'unsigned' {
  const signature = request.get('x-lark-signature')
  if (!signature) return 'unsigned'
  const timestamp = request.get('x-lark-request-timestamp') ?? ''
  const nonce = request.get('x-lark-request-nonce') ?? ''
  return verifyCall({ timestamp, nonce, signature, raw }, key, now)
}

const encrypted = z.object({ encrypt: z.string() })
const challenge = z.object({ type: z.literal('url_verification'), challenge: z.string().max(2_000) })
const tokens = z.union([
  z.object({ header: z.object({ token: z.string() }) }).transform(({ header }) => header.token),
  z.object({ token: z.string() }).transform(({ token }) => token),
])

function decrypt(raw: Buffer, key: string): unknown {
  try {
    const { encrypt } = encrypted.parse(JSON.parse(raw.toString('utf8')))
    return JSON.parse(new AESCipher(key).decrypt(encrypt))
  } catch {
    return null
  }
}

function tokenOf(body: unknown): string | null {
  const read = tokens.safeParse(body)
  return read.success ? read.data : null
}

/** Null: too long. */
async function readBody(request: Request): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    if (bytes > MAX_BYTES) return null
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}
