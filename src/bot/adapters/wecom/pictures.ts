import type { Instant } from '../../../lib/clock.ts'
import { type Answer, type Failure, failureOf } from './answers.ts'
import { mediaIdOf } from './showing.ts'

export interface Pictures {
  /** Null: WeCom does not take it. */
  picture(png: string): Promise<{ is: 'ready'; id: string | null } | { is: 'failed'; failure: Failure }>
}

const MOST = 200
/** Uploads live three days. */
const LIVES_MS = 2 * 24 * 3_600_000

/** Uploads each picture once, while WeCom keeps it. */
export function uploadedPictures({
  upload,
  digestOf,
  now,
}: {
  upload(png: Uint8Array): Promise<Answer>
  digestOf(png: string): string
  now(): Instant
}): Pictures {
  const known = new Map<string, { id: string; until: Instant }>()

  return {
    async picture(png) {
      const digest = digestOf(png)
      const before = known.get(digest)
      if (before && now() < before.until) return { is: 'ready', id: before.id }
      const answer = await upload(Buffer.from(png, 'base64'))
      if (answer.is !== 'ok') {
        const given = failureOf(answer).is === 'refused'
        return given ? { is: 'ready', id: null } : { is: 'failed', failure: answer }
      }
      const id = mediaIdOf(answer.body)
      if (id !== null) keep(digest, id)
      return { is: 'ready', id }
    },
  }

  function keep(digest: string, id: string): void {
    known.delete(digest)
    known.set(digest, { id, until: now() + LIVES_MS })
    const [oldest] = known.keys()
    if (known.size > MOST && oldest !== undefined) known.delete(oldest)
  }
}
