import { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import type { z } from 'zod'
import { parsedJson } from '../../../lib/json.ts'
import { type FlinkError, readFlinkError } from './answers.ts'

/**
 * What became of one request. `refused` is Flink's own error document; `garbage` is an answer that is neither that nor
 * what we asked for (a proxy's page, cut JSON); `no-answer` says whether Flink may have acted all the same.
 */
export type RestOutcome<T> = { is: 'answered'; status: number; body: T } | RestFailure

export type RestFailure =
  | { is: 'refused'; status: number; error: FlinkError }
  | { is: 'garbage'; status: number; because: string }
  /** `lost`: the connection broke, as opposed to a time limit. */
  | { is: 'no-answer'; because: string; sent: 'no' | 'maybe'; lost: boolean }

export interface FlinkRestOptions {
  /** `http://host:8081`, perhaps with a path when a proxy stands before Flink. */
  address: string
  /** Called once per request, with the route's shape: for metrics. */
  onRequest?: (route: string, outcome: RestOutcome<unknown>['is']) => void
  connectTimeoutMs?: number
  /** How many requests may be under way at once; a submit holds one for as long as main() runs. */
  connections?: number
}

export interface Call<S extends z.ZodType> {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  /** The path with its ids taken out, e.g. `/jobs/:id`. */
  route: string
  answer: S
  json?: unknown
  upload?: Upload
  timeoutMs?: number
  maxBytes?: number
}

export interface Upload {
  fileName: string
  size: number
  content: () => AsyncIterable<Uint8Array>
}

export interface FlinkRest {
  readonly address: string
  call<S extends z.ZodType>(call: Call<S>): Promise<RestOutcome<z.output<S>>>
  /** Streams a text file line by line; stops after `maxBytes`. */
  lines(file: LineStream): Promise<RestOutcome<{ cut: boolean }>>
  close(): Promise<void>
}

export interface LineStream {
  path: string
  route: string
  maxBytes: number
  timeoutMs: number
  onLine: (line: string) => void
}

const CONNECT_TIMEOUT_MS = 1_500
const CALL_TIMEOUT_MS = 10_000
const MAX_BYTES = 8 * 1024 * 1024
const MAX_LINE = 16 * 1024

/** Errors raised before a byte of the request left us. */
const NEVER_SENT = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** A connection that broke. */
const LOST = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

export function createFlinkRest(options: FlinkRestOptions): FlinkRest {
  const address = options.address.replace(/\/+$/, '')
  const agent = new Agent({
    connect: { timeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS },
    connections: options.connections ?? 16,
    pipelining: 1,
  })
  const told = <T>(route: string, outcome: RestOutcome<T>): RestOutcome<T> => {
    options.onRequest?.(route, outcome.is)
    return outcome
  }

  return {
    address,
    call: async (call) => told(call.route, await perform(agent, address, call)),
    lines: async (file) => told(file.route, await streamLines(agent, address, file)),
    close: () => agent.destroy(),
  }
}

async function perform<S extends z.ZodType>(
  agent: Agent,
  address: string,
  call: Call<S>,
): Promise<RestOutcome<z.output<S>>> {
  const outcome = await attempt(agent, address, call)
  // A connection kept from an earlier call may be dead without our knowing. Reading twice does no harm.
  const stale = outcome.is === 'no-answer' && outcome.sent === 'maybe' && outcome.lost
  return stale && (call.method ?? 'GET') === 'GET' ? await attempt(agent, address, call) : outcome
}

async function attempt<S extends z.ZodType>(
  agent: Agent,
  address: string,
  call: Call<S>,
): Promise<RestOutcome<z.output<S>>> {
  const timeoutMs = call.timeoutMs ?? CALL_TIMEOUT_MS
  let status = 0
  try {
    const answer = await request(`${address}${call.path}`, {
      dispatcher: agent,
      method: call.method ?? 'GET',
      headers: { accept: 'application/json', ...headersOf(call) },
      body: bodyOf(call),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    })
    status = answer.statusCode
    const text = await readCapped(answer.body, call.maxBytes ?? MAX_BYTES)
    if (text === null) return { is: 'garbage', status, because: 'the answer is too large' }
    return judge(status, text, call.answer)
  } catch (error) {
    return noAnswer(error, timeoutMs)
  }
}

function judge<S extends z.ZodType>(status: number, text: string, schema: S): RestOutcome<z.output<S>> {
  const json = parsedJson(text)
  if (json === undefined) return { is: 'garbage', status, because: `not JSON: ${opening(text)}` }
  if (status < 200 || status > 299) {
    const error = readFlinkError(json)
    if (error) return { is: 'refused', status, error }
    return { is: 'garbage', status, because: `status ${status}: ${opening(text)}` }
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return { is: 'answered', status, body: parsed.data }
  const first = parsed.error.issues[0]
  return {
    is: 'garbage',
    status,
    because: `unexpected answer at ${first?.path.join('.') || 'top'}: ${first?.message}`,
  }
}

function headersOf(call: Pick<Call<z.ZodType>, 'json' | 'upload'>): Record<string, string> {
  if (call.json !== undefined) return { 'content-type': 'application/json' }
  if (!call.upload) return {}
  const { head, tail } = multipart(call.upload.fileName)
  return {
    'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
    'content-length': String(head.length + call.upload.size + tail.length),
  }
}

function bodyOf(call: Pick<Call<z.ZodType>, 'json' | 'upload'>): string | Readable | null {
  if (call.json !== undefined) return JSON.stringify(call.json)
  if (!call.upload) return null
  return Readable.from(multipartBody(call.upload))
}

const BOUNDARY = '----sluice-7d1f0c52b9e84a63'

function multipart(fileName: string): { head: Buffer; tail: Buffer } {
  const disposition = `Content-Disposition: form-data; name="jarfile"; filename="${fileName}"`
  return {
    head: Buffer.from(`--${BOUNDARY}\r\n${disposition}\r\nContent-Type: application/x-java-archive\r\n\r\n`),
    tail: Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  }
}

async function* multipartBody(upload: Upload): AsyncIterable<Uint8Array> {
  const { head, tail } = multipart(upload.fileName)
  yield head
  yield* upload.content()
  yield tail
}

async function readCapped(body: Readable, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) {
      body.destroy()
      return null
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function streamLines(
  agent: Agent,
  address: string,
  file: LineStream,
): Promise<RestOutcome<{ cut: boolean }>> {
  try {
    const answer = await request(`${address}${file.path}`, {
      dispatcher: agent,
      method: 'GET',
      headersTimeout: file.timeoutMs,
      bodyTimeout: file.timeoutMs,
      signal: AbortSignal.timeout(file.timeoutMs),
    })
    if (answer.statusCode !== 200) {
      const text = (await readCapped(answer.body, MAX_BYTES)) ?? ''
      const error = readFlinkError(parsedJson(text))
      if (error) return { is: 'refused', status: answer.statusCode, error }
      return { is: 'garbage', status: answer.statusCode, because: opening(text) }
    }
    const cut = await eachLine(answer.body, file)
    return { is: 'answered', status: 200, body: { cut } }
  } catch (error) {
    return noAnswer(error, file.timeoutMs)
  }
}

async function eachLine(body: Readable, file: LineStream): Promise<boolean> {
  const decoder = new TextDecoder()
  let rest = ''
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = (pieces.pop() ?? '').slice(0, MAX_LINE)
    for (const line of pieces) file.onLine(line.slice(0, MAX_LINE).replace(/\r$/, ''))
    if (size > file.maxBytes) {
      body.destroy()
      return true
    }
  }
  if (rest) file.onLine(rest)
  return false
}

function noAnswer(error: unknown, timeoutMs: number): RestFailure {
  const code = codeOf(error)
  if (code === 'TimeoutError') {
    return { is: 'no-answer', because: `no answer within ${timeoutMs} ms`, sent: 'maybe', lost: false }
  }
  const text = error instanceof Error ? error.message || code : String(error)
  return {
    is: 'no-answer',
    because: text || 'connection lost',
    sent: NEVER_SENT.has(code) ? 'no' : 'maybe',
    lost: LOST.has(code),
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if (error.name === 'TimeoutError') return 'TimeoutError'
  if ('code' in error && typeof error.code === 'string') return error.code
  // A host with several addresses fails with one error per address.
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error.cause === undefined ? '' : codeOf(error.cause)
}

function opening(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim().slice(0, 120)
  return line === '' ? 'an empty answer' : line
}
