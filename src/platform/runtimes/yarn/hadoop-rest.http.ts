import { Agent, request } from 'undici'
import { z } from 'zod'
import { parsedJson } from '../../../lib/json.ts'

/**
 * What became of one request to a ResourceManager or a NameNode. `refused` carries Hadoop's own words; `no-answer`
 * says that it may have acted all the same.
 */
export type HadoopOutcome<T> = { is: 'answered'; status: number; body: T } | HadoopFailure

export type HadoopFailure =
  | { is: 'refused'; status: number; exception: string; message: string }
  | { is: 'garbage'; status: number; because: string }
  | { is: 'no-answer'; because: string }

export interface HadoopCall<S extends z.ZodType> {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  query?: Readonly<Record<string, string>>
  answer: S
  json?: unknown
  timeoutMs?: number
  maxBytes?: number
}

export interface HadoopRest {
  call<S extends z.ZodType>(call: HadoopCall<S>): Promise<HadoopOutcome<z.output<S>>>
  /** Of the one that answered last: `http://host:8088`. */
  active(): string
  close(): Promise<void>
}

export interface HadoopRestOptions {
  /** One, or all of a pair of which one is active. */
  addresses: readonly string[]
  /** Who we are, where the cluster believes what it is told. */
  user: string
}

const CONNECT_TIMEOUT_MS = 1_500
const CALL_TIMEOUT_MS = 10_000
const MAX_BYTES = 64 * 1024 * 1024

const remoteException = z.object({
  RemoteException: z.object({ exception: z.string(), message: z.string() }),
})

/** Speaks to whichever of its addresses is in charge: a standby refuses or points to the other, and is passed over. */
export function createHadoopRest({ addresses, user }: HadoopRestOptions): HadoopRest {
  const agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS }, connections: 16, pipelining: 1 })
  const all = addresses.map((address) => address.replace(/\/+$/, ''))
  let active = all[0] ?? ''

  async function call<S extends z.ZodType>(wanted: HadoopCall<S>): Promise<HadoopOutcome<z.output<S>>> {
    const order = [active, ...all.filter((address) => address !== active)]
    let last: HadoopFailure = { is: 'no-answer', because: 'no address' }
    for (const address of order) {
      const outcome = await perform(agent, { address, user }, wanted)
      if (outcome !== 'standby' && outcome.is !== 'no-answer') {
        active = address
        return outcome
      }
      last = outcome === 'standby' ? { is: 'no-answer', because: `${address} is on standby` } : outcome
    }
    return last
  }
  return { call, active: () => active, close: () => agent.destroy() }
}

interface Where {
  address: string
  user: string
}

async function perform<S extends z.ZodType>(
  agent: Agent,
  { address, user }: Where,
  {
    method = 'GET',
    path,
    query = {},
    json,
    answer,
    timeoutMs = CALL_TIMEOUT_MS,
    maxBytes = MAX_BYTES,
  }: HadoopCall<S>,
): Promise<HadoopOutcome<z.output<S>> | 'standby'> {
  const search = new URLSearchParams({ ...query, 'user.name': user })
  try {
    const response = await request(`${address}${path}?${search}`, {
      dispatcher: agent,
      method,
      headers: {
        accept: 'application/json',
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      body: json === undefined ? null : JSON.stringify(json),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    })
    const status = response.statusCode
    // A standby ResourceManager points to the active one.
    if (status === 307 || response.headers.refresh !== undefined) {
      await response.body.dump()
      return 'standby'
    }
    const text = await readCapped(response.body, maxBytes)
    if (text === null) return { is: 'garbage', status, because: 'the answer is too large' }
    return judged(status, text, answer)
  } catch (error) {
    return { is: 'no-answer', because: reasonOf(error, timeoutMs) }
  }
}

function judged<S extends z.ZodType>(
  status: number,
  text: string,
  answer: S,
): HadoopOutcome<z.output<S>> | 'standby' {
  const json = text === '' ? null : parsedJson(text)
  if (status >= 200 && status < 300) {
    const read = answer.safeParse(json)
    if (read.success) return { is: 'answered', status, body: read.data }
    const [first] = read.error.issues
    const place = first?.path.join('.') || 'top'
    return { is: 'garbage', status, because: `unexpected answer at ${place}: ${first?.message}` }
  }
  const refused = remoteException.safeParse(json)
  if (!refused.success)
    return { is: 'garbage', status, because: `status ${status}: ${text.trim().slice(0, 120)}` }
  const { exception, message } = refused.data.RemoteException
  if (exception === 'StandbyException') return 'standby'
  return { is: 'refused', status, exception, message }
}

async function readCapped(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`
  const { code } = error as { code?: string }
  return code ? `${code}: ${error.message}` : error.message
}

/** A failure in one clause, for "because". */
export function failureReason(who: string, failure: HadoopFailure): string {
  if (failure.is === 'refused') return `${who} answered ${failure.status}: ${failure.message}`
  return `${who}: ${failure.because}`
}
