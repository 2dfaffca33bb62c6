import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Ids } from '../lib/ids.ts'
import { Problem } from './problem.ts'

/** A file that arrived; it is gone when `remove` was called. */
export interface Upload {
  sha256: string
  size: number
  bytes(): Promise<Uint8Array>
  remove(): Promise<void>
}

export interface Uploads {
  /** Takes a stream to a file as it comes, so that slow senders cost no memory. */
  receive(stream: Readable, limit: number): Promise<Upload>
}

export function createUploads({ directory, ids }: { directory: string; ids: Ids }): Uploads {
  return {
    async receive(stream, limit) {
      await mkdir(directory, { recursive: true })
      const path = join(directory, ids.next('upload'))
      const remove = () => rm(path, { force: true })
      const measure = measured(limit)
      try {
        await pipeline(stream, measure.through, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
      } catch (error) {
        await remove()
        throw error
      }
      return { ...measure.result(), bytes: () => readFile(path), remove }
    },
  }
}

function measured(limit: number) {
  const hash = createHash('sha256')
  let size = 0
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > limit) return done(new Problem('too-large', { limit: `${limit / 1_000_000} MB` }))
      hash.update(chunk)
      done(null, chunk)
    },
  })
  return { through, result: () => ({ sha256: hash.digest('hex'), size }) }
}
