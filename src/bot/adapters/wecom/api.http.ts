import { Agent, FormData, request } from 'undici'
import { z } from 'zod'
import type { Clock, Instant } from '../../../lib/clock.ts'
import { type Answer, readAnswer, tokenIsVoid } from './answers.ts'
import type { WecomSetup } from './settings.ts'

const CALL_MS = 10_000
const CONNECT_MS = 5_000
const MAX_BYTES = 8 * 1024 * 1024
/** Before the token's own end. */
const EARLY_MS = 5 * 60_000

/** Raised before a byte of the call left us. */
const NEVER_SENT = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** Calls to WeCom. Never throws; what comes back holds no secret. */
export interface WecomApi {
  get(path: string, params?: Readonly<Record<string, string>>): Promise<Answer>
  post(path: string, body: object): Promise<Answer>
  upload(png: Uint8Array): Promise<Answer>
  /** Whether the secret is taken. */
  token(): Promise<Answer>
  /** Cuts off what is under way; calls afterwards connect anew. */
  close(): Promise<void>
}

interface Outgoing {
  method: 'GET' | 'POST'
  path: string
  params?: Readonly<Record<string, string>>
  /** Made anew for every try. */
  body?: () => string | FormData
}

const tokenBody = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() })

export function createApi({ setup, clock }: { setup: WecomSetup; clock: Clock }): WecomApi {
  let agent: Agent | null = null
  let held: { token: string; until: Instant } | null = null
  let fetching: Promise<Answer> | null = null

  function connections(): Agent {
    agent ??= new Agent({
      connect: { timeout: CONNECT_MS },
      headersTimeout: CALL_MS,
      bodyTimeout: CALL_MS,
      connections: 8,
      pipelining: 1,
    })
    return agent
  }

  async function call(outgoing: Outgoing): Promise<Answer> {
    const first = await callOnce(outgoing)
    return tokenIsVoid(first) ? callOnce(outgoing) : first
  }

  async function callOnce({ params = {}, ...outgoing }: Outgoing): Promise<Answer> {
    const fetched = await token()
    if (fetched.is !== 'ok') return unsent(fetched)
    const used = held?.token ?? ''
    const answer = await send({ ...outgoing, params: { access_token: used, ...params } })
    // Somebody else may have fetched another one meanwhile: that one stays.
    if (tokenIsVoid(answer) && held?.token === used) held = null
    return answer
  }

  async function token(): Promise<Answer> {
    if (held !== null && clock.now() < held.until) return { is: 'ok', body: {} }
    fetching ??= fetchToken().finally(() => {
      fetching = null
    })
    return fetching
  }

  async function fetchToken(): Promise<Answer> {
    const params = { corpid: setup.corpId, corpsecret: setup.secret.reveal() }
    const answer = await send({ method: 'GET', path: '/cgi-bin/gettoken', params })
    if (answer.is !== 'ok') return answer
    const read = tokenBody.safeParse(answer.body)
    if (!read.success) return { is: 'page', status: 502 }
    const { access_token, expires_in } = read.data
    held = { token: access_token, until: clock.now() + Math.max(expires_in * 1_000 - EARLY_MS, 10_000) }
    return { is: 'ok', body: {} }
  }

  async function send({ method, path, params = {}, body }: Outgoing): Promise<Answer> {
    try {
      const payload = body?.()
      const response = await request(`${setup.baseUrl}${path}?${new URLSearchParams(params)}`, {
        method,
        ...(payload === undefined ? {} : { body: payload }),
        ...(typeof payload === 'string' ? { headers: { 'content-type': 'application/json' } } : {}),
        dispatcher: connections(),
        signal: AbortSignal.timeout(CALL_MS),
      })
      return masked(readAnswer(response.statusCode, await limited(response.body)))
    } catch (error) {
      return lost(error)
    }
  }

  /** WeCom may say back what it was sent. */
  function masked(answer: Answer): Answer {
    if (answer.is !== 'error') return answer
    const secrets = [setup.secret.reveal(), held?.token].filter((one) => one !== undefined)
    const message = secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), answer.message)
    return { ...answer, message }
  }

  return {
    get: (path, params = {}) => call({ method: 'GET', path, params }),
    post: (path, body) => call({ method: 'POST', path, body: () => JSON.stringify(body) }),
    upload: (png) =>
      call({
        method: 'POST',
        path: '/cgi-bin/media/upload',
        params: { type: 'image' },
        body: () => pictureForm(png),
      }),
    token: async () => unsent(await token()),
    async close() {
      const closing = agent
      agent = null
      await closing?.destroy()
    },
  }
}

function pictureForm(png: Uint8Array): FormData {
  const form = new FormData()
  form.set('media', new File([Uint8Array.from(png)], 'picture.png', { type: 'image/png' }))
  return form
}

/** Without a token nothing was shown, whatever became of the call for it. */
function unsent(answer: Answer): Answer {
  if (answer.is === 'lost') return { ...answer, sent: false }
  if (answer.is === 'page')
    return { is: 'lost', code: `http-${answer.status}`, message: 'No token was given out', sent: false }
  return answer.is === 'error' && answer.code === -1
    ? { is: 'lost', code: '-1', message: answer.message, sent: false }
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
