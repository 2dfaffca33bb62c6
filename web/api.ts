/** The REST interface, typed; refusals arrive as `Problem` with a sentence in the reader's language. */
import type { Language } from './wire.ts'

export class Problem extends Error {
  readonly status: number
  readonly requestId: string | null
  /** What was wrong with single fields, by path. */
  readonly fields: ReadonlyMap<string, string>

  constructor(
    message: string,
    facts: { status: number; requestId?: string | null; fields?: ReadonlyMap<string, string> },
  ) {
    super(message)
    this.status = facts.status
    this.requestId = facts.requestId ?? null
    this.fields = facts.fields ?? new Map()
  }
}

/** What requests need to know of the visitor; set by the session. */
interface Visitor {
  csrf: string | null
  language: () => Language
  /** Said when nothing answers at all. */
  silent: () => string
  signedOut: () => void
  heard: (answered: boolean) => void
}

const visitor: Visitor = {
  csrf: null,
  language: () => 'en',
  silent: () => 'The server does not answer.',
  signedOut: () => {},
  heard: () => {},
}

export function introduce(facts: Partial<Visitor>): void {
  Object.assign(visitor, facts)
}

interface Ask {
  body?: unknown
  signal?: AbortSignal
  /** The same key makes a repeated request the same request. */
  key?: string
  /** A 401 is an answer here, not a reason to leave for the sign-in page. */
  anonymous?: boolean
}

export const get = <T>(path: string, ask: Ask = {}) => send<T>('GET', path, ask)
export const post = <T>(path: string, body: unknown = {}, ask: Ask = {}) =>
  send<T>('POST', path, { ...ask, body })
export const put = <T>(path: string, body: unknown, ask: Ask = {}) => send<T>('PUT', path, { ...ask, body })
export const del = <T>(path: string, ask: Ask = {}) => send<T>('DELETE', path, ask)

const BASE = '/api/v1'

async function send<T>(method: string, path: string, ask: Ask): Promise<T> {
  const response = await reach(method, path, ask)
  if (response.status === 401 && !ask.anonymous) visitor.signedOut()
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null)
  if (!response.ok) throw problemOf(response.status, answer)
  // The server's word: its answers are checked against the same types on its side.
  return answer as T
}

async function reach(method: string, path: string, ask: Ask): Promise<Response> {
  try {
    const response = await fetch(BASE + path, {
      method,
      headers: headers(method, ask),
      credentials: 'same-origin',
      ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
      ...(ask.signal ? { signal: ask.signal } : {}),
    })
    visitor.heard(true)
    return response
  } catch (error) {
    if (ask.signal?.aborted) throw error
    visitor.heard(false)
    throw new Problem(visitor.silent(), { status: 0 })
  }
}

function headers(method: string, ask: Ask): Record<string, string> {
  return {
    Accept: 'application/json',
    'Accept-Language': visitor.language(),
    ...(ask.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(method !== 'GET' && visitor.csrf ? { 'X-CSRF-Token': visitor.csrf } : {}),
    ...(ask.key ? { 'Idempotency-Key': ask.key } : {}),
  }
}

interface ProblemBody {
  title?: string
  detail?: string
  requestId?: string
  errors?: readonly { path: string; message: string }[]
}

function problemOf(status: number, body: unknown): Problem {
  const told: ProblemBody = typeof body === 'object' && body !== null ? body : {}
  const fields = new Map((told.errors ?? []).map((one) => [one.path.replace(/^body\./, ''), one.message]))
  return new Problem(told.detail ?? told.title ?? `${visitor.silent()} (${status})`, {
    status,
    requestId: told.requestId ?? null,
    fields,
  })
}

/** Sends a file as it is. Not `fetch`, which tells nothing about how far an upload is. */
export function upload<T>(
  path: string,
  file: File,
  tell: { progress: (done: number) => void; signal: AbortSignal },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', BASE + path)
    for (const [name, value] of Object.entries(headers('POST', {}))) request.setRequestHeader(name, value)
    request.setRequestHeader('Content-Type', 'application/java-archive')
    request.responseType = 'json'
    request.upload.onprogress = (event) => tell.progress(event.total > 0 ? event.loaded / event.total : 0)
    request.onload = () => {
      if (request.status < 300) resolve(request.response as T)
      else reject(problemOf(request.status, request.response))
    }
    request.onerror = () => reject(new Problem(visitor.silent(), { status: 0 }))
    tell.signal.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

export const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error))
