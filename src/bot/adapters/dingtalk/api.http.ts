import { Agent, FormData, request } from 'undici'
import { z } from 'zod'
import type { Clock, Instant } from '../../../lib/clock.ts'
import { type Answer, readAnswer, tokenIsVoid } from './answers.ts'
import type { DingtalkSetup } from './settings.ts'

const CALL_MS = 10_000
const CONNECT_MS = 5_000
const MAX_BYTES = 4 * 1024 * 1024
/** What calls under way get when we stop. */
const CLOSING_MS = 2_000
/** Before the token's own end. */
const EARLY_MS = 5 * 60_000

/** Raised before a byte of the call left us. */
const NEVER_SENT = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_CLOSED',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

export interface Call {
  method?: 'POST' | 'PUT'
  /** The new API by default; `old`: directory and media, which take the token in the address. */
  host?: 'new' | 'old'
  path: string
  body: unknown
}

export interface DingTalkApi {
  call(call: Call): Promise<Answer>
  upload(png: Uint8Array): Promise<Answer>
  /** Whether credentials are taken, by fetching a token where there is none. */
  token(): Promise<Answer>
  /** For the gateway of connections, which takes the credentials themselves. */
  openConnection(subscriptions: readonly { type: string; topic: string }[]): Promise<Answer>
  close(): Promise<void>
}

interface Held {
  token: string
  until: Instant
}

interface Outgoing {
  url: string
  method: 'POST' | 'PUT'
  headers?: Record<string, string>
  body: string | FormData
}

const tokenBody = z.object({ accessToken: z.string().min(1), expireIn: z.number().positive() })

export function createApi({ setup, clock }: { setup: DingtalkSetup; clock: Clock }): DingTalkApi {
  const agent = new Agent({
    connect: { timeout: CONNECT_MS },
    headersTimeout: CALL_MS,
    bodyTimeout: CALL_MS,
    connections: 8,
    pipelining: 1,
  })
  let held: Held | null = null
  let fetching: Promise<Answer> | null = null

  const api: DingTalkApi = {
    call: (call) => withToken((token) => send(callOf(call, token))),
    upload: (png) => withToken((token) => send(uploadOf(png, token))),
    token: async () => (isFresh() ? { is: 'ok', body: {} } : fetchToken()),
    openConnection: (subscriptions) =>
      send(
        json(`${setup.apiUrl}/v1.0/gateway/connections/open`, {
          clientId: setup.clientId,
          clientSecret: setup.clientSecret.reveal(),
          ua: 'sluice',
          subscriptions,
        }),
      ),
    close,
  }
  return api

  async function close(): Promise<void> {
    if (agent.closed || agent.destroyed) return
    const over = new AbortController()
    const closed = agent.close().finally(() => over.abort())
    await clock.sleep(CLOSING_MS, over.signal)
    await Promise.all([closed, agent.destroy()])
  }

  async function withToken(act: (token: string) => Promise<Answer>): Promise<Answer> {
    const first = await withTokenOnce(act)
    return tokenIsVoid(first) ? withTokenOnce(act) : first
  }

  async function withTokenOnce(act: (token: string) => Promise<Answer>): Promise<Answer> {
    const fetched = await api.token()
    if (fetched.is !== 'ok') return unsent(fetched)
    const token = held?.token ?? ''
    const answer = await act(token)
    // Somebody else may have fetched another one meanwhile: that one stays.
    if (tokenIsVoid(answer) && held?.token === token) held = null
    return answer
  }

  function isFresh(): boolean {
    return held !== null && clock.now() < held.until
  }

  /** One at a time, however many wait for it. */
  function fetchToken(): Promise<Answer> {
    fetching ??= requestToken().finally(() => {
      fetching = null
    })
    return fetching
  }

  async function requestToken(): Promise<Answer> {
    const { apiUrl, clientId, clientSecret } = setup
    const answer = await send(
      json(`${apiUrl}/v1.0/oauth2/accessToken`, { appKey: clientId, appSecret: clientSecret.reveal() }),
    )
    if (answer.is !== 'ok') return answer
    const body = tokenBody.safeParse(answer.body)
    if (!body.success) return { is: 'page', status: 502 }
    const { accessToken, expireIn } = body.data
    held = { token: accessToken, until: clock.now() + Math.max(expireIn * 1_000 - EARLY_MS, 10_000) }
    return { is: 'ok', body: {} }
  }

  function callOf({ method = 'POST', host = 'new', path, body }: Call, token: string): Outgoing {
    return host === 'new'
      ? json(`${setup.apiUrl}${path}`, body, { method, headers: { 'x-acs-dingtalk-access-token': token } })
      : json(`${setup.oapiUrl}${path}?access_token=${encodeURIComponent(token)}`, body, { method })
  }

  function uploadOf(png: Uint8Array, token: string): Outgoing {
    const body = new FormData()
    body.set('media', new File([Uint8Array.from(png)], 'picture.png', { type: 'image/png' }))
    const query = `access_token=${encodeURIComponent(token)}&type=image`
    return { url: `${setup.oapiUrl}/media/upload?${query}`, method: 'POST', body }
  }

  async function send({ url, method, headers = {}, body }: Outgoing): Promise<Answer> {
    try {
      const response = await request(url, {
        method,
        headers: { accept: 'application/json', ...headers },
        body,
        dispatcher: agent,
        signal: AbortSignal.timeout(CALL_MS),
      })
      const text = await limited(response.body)
      return masked(readAnswer(response.statusCode, text, one(response.headers['retry-after'])))
    } catch (error) {
      return lost(error)
    }
  }

  /** The vendor may say back what it was sent. */
  function masked(answer: Answer): Answer {
    if (answer.is !== 'error') return answer
    const secrets = [setup.clientSecret.reveal(), held?.token].filter((one) => one !== undefined)
    const message = secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), answer.message)
    return { ...answer, message }
  }
}

function json(
  url: string,
  body: unknown,
  { method = 'POST', headers = {} }: { method?: 'POST' | 'PUT'; headers?: Record<string, string> } = {},
): Outgoing {
  return {
    url,
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
}

/** Without a token nothing was shown, whatever became of the call for it. */
function unsent(answer: Answer): Answer {
  if (answer.is === 'lost') return { ...answer, sent: false }
  return answer.is === 'page' && answer.status >= 500
    ? { is: 'lost', code: `http-${answer.status}`, message: 'No token was given out', sent: false }
    : answer
}

/** Names of what went wrong only: an error's own text can hold addresses with tokens. */
function lost(error: unknown): Answer {
  const name = error instanceof Error ? error.name : ''
  if (name === 'TimeoutError')
    return { is: 'lost', code: 'timeout', message: 'No answer in time', sent: true }
  const code = (error as { code?: unknown } | null)?.code
  const known = typeof code === 'string' ? code : 'network'
  return { is: 'lost', code: known, message: 'The connection failed', sent: !NEVER_SENT.has(known) }
}

async function limited(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_BYTES) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function one(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null
}
