import { createHash } from 'node:crypto'
import type { ShownCard } from '../../cards/card.ts'
import { type Failure, failureOf } from './answers.ts'
import type { DingTalkApi } from './api.http.ts'
import { remembered } from './remembered.ts'

/** What DingTalk calls the pictures of a card, in their order; null: it does not take this one. */
export type Uploaded =
  | { is: 'uploaded'; names: readonly (string | null)[] }
  | { is: 'failed'; failure: Failure }

export interface Pictures {
  upload(shown: ShownCard): Promise<Uploaded>
}

/** Uploads each picture once, however often its card is drawn. */
export function createPictures(api: DingTalkApi): Pictures {
  const known = remembered()

  return {
    async upload(shown) {
      const names: (string | null)[] = []
      for (const png of pngsOf(shown)) {
        const name = await nameOf(png)
        if (name !== null && typeof name === 'object') return { is: 'failed', failure: name }
        names.push(name)
      }
      return { is: 'uploaded', names }
    },
  }

  async function nameOf(png: string): Promise<string | null | Failure> {
    const digest = createHash('sha256').update(png).digest('hex')
    const before = known.of(digest)
    if (before !== undefined) return before
    const answer = await api.upload(Buffer.from(png, 'base64'))
    // Refused for good: its words stand in its place.
    if (answer.is !== 'ok') return failureOf(answer).is === 'refused' ? null : answer
    const name = mediaOf(answer.body)
    if (name !== null) known.keep(digest, name)
    return name
  }
}

export function pngsOf({ card }: ShownCard): readonly string[] {
  return card.body.flatMap((block) => (block.is === 'picture' ? [block.png] : []))
}

function mediaOf(body: unknown): string | null {
  const id = (body as { media_id?: unknown }).media_id
  return typeof id === 'string' && /^@[\w-]+$/.test(id) ? id : null
}
