import { createReadStream } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { ArtifactContent } from '../runtime.ts'
import { createHadoopRest, type HadoopOutcome, type HadoopRestOptions } from './hadoop-rest.http.ts'

const status = z.object({
  pathSuffix: z.string(),
  type: z.enum(['FILE', 'DIRECTORY', 'SYMLINK']),
  length: z.number(),
  modificationTime: z.number(),
  owner: z.string(),
})
export type HdfsEntry = z.output<typeof status>

const statuses = z.object({ FileStatuses: z.object({ FileStatus: z.array(status) }) })
const located = z.object({ Location: z.string() })
const yesOrNo = z.object({ boolean: z.boolean() })

/** HDFS over the NameNode's web port: no Hadoop on this machine is needed. Paths are absolute, without `hdfs://`. */
export interface WebHdfs {
  /** Null: it is not there. */
  status(path: string): Promise<HadoopOutcome<HdfsEntry | null>>
  /** Nothing, when it is not there. */
  list(path: string): Promise<HadoopOutcome<readonly HdfsEntry[]>>
  /** Null: it is not there. */
  read(path: string, maxBytes: number): Promise<HadoopOutcome<Buffer | null>>
  makeDirectory(path: string): Promise<HadoopOutcome<boolean>>
  write(path: string, content: ArtifactContent): Promise<HadoopOutcome<null>>
  /** False: the source or the target's directory is missing, or the target is there. */
  rename(from: string, to: string): Promise<HadoopOutcome<boolean>>
  remove(path: string): Promise<HadoopOutcome<boolean>>
  close(): Promise<void>
}

const UPLOAD_TIMEOUT_MS = 300_000

export function createWebHdfs(options: HadoopRestOptions): WebHdfs {
  const rest = createHadoopRest(options)
  const at = (path: string) => `/webhdfs/v1${path.split('/').map(encodeURIComponent).join('/')}`
  return {
    async status(path) {
      const answer = z.object({ FileStatus: status })
      return orMissing(
        await rest.call({ path: at(path), query: { op: 'GETFILESTATUS' }, answer }),
        null,
        (body) => body.FileStatus,
      )
    },
    async list(path) {
      const outcome = await rest.call({ path: at(path), query: { op: 'LISTSTATUS' }, answer: statuses })
      return orMissing<z.output<typeof statuses>, readonly HdfsEntry[]>(
        outcome,
        [],
        (body) => body.FileStatuses.FileStatus,
      )
    },
    async read(path, maxBytes) {
      const query = { op: 'OPEN', noredirect: 'true' }
      const where = await rest.call({ path: at(path), query, answer: located })
      if (where.is !== 'answered') return orMissing(where, null, () => null)
      return await download(where.body.Location, maxBytes)
    },
    async makeDirectory(path) {
      const query = { op: 'MKDIRS', permission: '755' }
      return answeredBy(await rest.call({ method: 'PUT', path: at(path), query, answer: yesOrNo }))
    },
    async write(path, content) {
      const query = { op: 'CREATE', noredirect: 'true', overwrite: 'true', permission: '644' }
      const where = await rest.call({ method: 'PUT', path: at(path), query, answer: located })
      return where.is === 'answered' ? await upload(where.body.Location, content) : where
    },
    async rename(from, to) {
      const query = { op: 'RENAME', destination: to }
      return answeredBy(await rest.call({ method: 'PUT', path: at(from), query, answer: yesOrNo }))
    },
    async remove(path) {
      const query = { op: 'DELETE', recursive: 'true' }
      return answeredBy(await rest.call({ method: 'DELETE', path: at(path), query, answer: yesOrNo }))
    },
    close: () => rest.close(),
  }
}

function answeredBy(outcome: HadoopOutcome<{ boolean: boolean }>): HadoopOutcome<boolean> {
  return outcome.is === 'answered' ? { ...outcome, body: outcome.body.boolean } : outcome
}

function orMissing<T, U>(outcome: HadoopOutcome<T>, missing: U, pick: (body: T) => U): HadoopOutcome<U> {
  if (outcome.is === 'answered') return { ...outcome, body: pick(outcome.body) }
  if (outcome.is === 'refused' && outcome.exception === 'FileNotFoundException') {
    return { is: 'answered', status: outcome.status, body: missing }
  }
  return outcome
}

/**
 * By Node's own client: undici takes the `100 Continue` that a DataNode sends unasked for a broken answer.
 */
async function upload(location: string, content: ArtifactContent): Promise<HadoopOutcome<null>> {
  try {
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const put = request(location, { method: 'PUT', timeout: UPLOAD_TIMEOUT_MS }, (response) => {
        bytesOf(response, 16_384).then(
          (bytes) => resolve({ status: response.statusCode ?? 0, text: bytes?.toString('utf8') ?? '' }),
          reject,
        )
      })
      put.on('error', reject)
      put.on('timeout', () => put.destroy(new Error(`no answer within ${UPLOAD_TIMEOUT_MS / 1000} s`)))
      if ('bytes' in content) put.end(content.bytes)
      else pipeline(createReadStream(content.path), put).catch(reject)
    })
    if (status === 201) return { is: 'answered', status, body: null }
    return refusalOf(status, text)
  } catch (error) {
    return { is: 'no-answer', because: error instanceof Error ? error.message : String(error) }
  }
}

async function download(location: string, maxBytes: number): Promise<HadoopOutcome<Buffer | null>> {
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const get = request(location, { timeout: 30_000 }, resolve)
      get.on('error', reject)
      get.on('timeout', () => get.destroy(new Error('no answer within 30 s')))
      get.end()
    })
    const status = response.statusCode ?? 0
    const body = await bytesOf(response, maxBytes)
    if (body === null) return { is: 'garbage', status, because: 'the file is too large' }
    return status === 200 ? { is: 'answered', status, body } : refusalOf(status, body.toString('utf8'))
  } catch (error) {
    return { is: 'no-answer', because: error instanceof Error ? error.message : String(error) }
  }
}

async function bytesOf(response: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) {
      response.destroy()
      return null
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function refusalOf(status: number, text: string): HadoopOutcome<never> {
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text.slice(0, 200)
  const exception = /"exception":"(\w+)"/.exec(text)?.[1] ?? ''
  return { is: 'refused', status, exception, message }
}

/** `hdfs://nn:8020/a/b` and `hdfs:/a/b` as `/a/b`; null for another file system. */
export function hdfsPath(text: string): string | null {
  const found = /^hdfs:(?:\/\/[^/]*)?(\/.*)$/.exec(text)
  return found?.[1]?.replace(/\/+$/, '') ?? null
}
