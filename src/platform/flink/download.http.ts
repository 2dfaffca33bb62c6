import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import type { Dispatcher } from 'undici'
import { fetch } from 'undici'
import type { Clock } from '../../lib/clock.ts'

export interface Download {
  readonly url: string
  readonly authorization: string | null
  /** Where the whole file ends up; until then it grows as `<path>.partial` and is gone on with from there. */
  readonly path: string
  readonly sha256: string
  readonly size: number | null
  readonly onProgress: (bytes: number, total: number | null) => void
}

export interface DownloadTools {
  readonly clock: Clock
  readonly dispatcher: Dispatcher
}

export type DownloadResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: 'refused'; readonly status: number }
  | { readonly ok: false; readonly why: 'unreachable'; readonly cause: unknown }
  | { readonly ok: false; readonly why: 'wrong-digest'; readonly expected: string; readonly got: string }

type Attempt = DownloadResult | { readonly ok: 'again'; readonly cause: unknown }

const ATTEMPTS = 6

/** Fetches a file, going on where an earlier try was cut, and believes it only when its digest is right. */
export async function download(request: Download, tools: DownloadTools): Promise<DownloadResult> {
  let cause: unknown = null
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await tools.clock.sleep(500 * 2 ** attempt)
    const result = await attemptOnce(request, tools)
    if (result.ok !== 'again') return result
    cause = result.cause
  }
  return { ok: false, why: 'unreachable', cause }
}

async function attemptOnce(request: Download, tools: DownloadTools): Promise<Attempt> {
  const partial = `${request.path}.partial`
  const had = await sizeOf(partial)
  try {
    const refusal = await fetchInto(partial, had, request, tools)
    if (refusal) return refusal
  } catch (cause) {
    return { ok: 'again', cause }
  }
  return believe(partial, had, request)
}

async function believe(partial: string, had: number, request: Download): Promise<Attempt> {
  const size = await sizeOf(partial)
  if (request.size !== null && size < request.size)
    return { ok: 'again', cause: new Error('The file ended early') }
  const got = await digestOf(partial)
  if (got === request.sha256) {
    await rename(partial, request.path)
    return { ok: true }
  }
  await rm(partial)
  // What was there before may have been spoilt; from nothing the same answer is final.
  const wrong = { ok: false, why: 'wrong-digest', expected: request.sha256, got } as const
  return had > 0 ? { ok: 'again', cause: new Error('The earlier part was spoilt') } : wrong
}

async function fetchInto(
  partial: string,
  had: number,
  request: Download,
  { dispatcher }: DownloadTools,
): Promise<Attempt | null> {
  if (request.size !== null && had === request.size) return null
  const answer = await fetch(request.url, { dispatcher, headers: headersFor(request, had) })
  if (answer.status === 416) {
    await rm(partial, { force: true })
    throw new Error('The earlier part is longer than the file')
  }
  if (answer.status === 429 || answer.status >= 500) throw new Error(`The server answers ${answer.status}`)
  if (!answer.ok || !answer.body) return { ok: false, why: 'refused', status: answer.status }
  const from = answer.status === 206 && startOf(answer.headers.get('content-range')) === had ? had : 0
  if (answer.status === 206 && from !== had) throw new Error('The server sent another part than asked for')
  await append(partial, from, answer.body, (bytes) =>
    request.onProgress(bytes, request.size ?? lengthOf(answer, from)),
  )
  return null
}

function headersFor({ authorization }: Download, had: number): Record<string, string> {
  return {
    // The archive as it is stored: the digest is of that.
    'accept-encoding': 'identity',
    ...(authorization ? { authorization } : {}),
    ...(had > 0 ? { range: `bytes=${had}-` } : {}),
  }
}

function startOf(contentRange: string | null): number | null {
  const match = /^bytes (\d+)-/.exec(contentRange ?? '')
  return match ? Number(match[1]) : null
}

function lengthOf(answer: { headers: { get(name: string): string | null } }, from: number): number | null {
  const length = Number(answer.headers.get('content-length'))
  return length > 0 ? from + length : null
}

async function append(
  path: string,
  from: number,
  body: AsyncIterable<Uint8Array>,
  tell: (bytes: number) => void,
) {
  const file = await open(path, from > 0 ? 'r+' : 'w')
  try {
    let at = from
    for await (const chunk of body) {
      await file.write(chunk, 0, chunk.length, at)
      at += chunk.length
      tell(at)
    }
  } finally {
    await file.close()
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

/** The file's digest in hex. */
export async function digestOf(path: string, algorithm: 'sha256' | 'sha512' = 'sha256'): Promise<string> {
  const hash: Hash = createHash(algorithm)
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}
