import { createHash } from 'node:crypto'
import type { ShownCard } from '../../cards/card.ts'
import type { Fault } from './outcome.ts'
import type { SlackApi } from './slack-api.http.ts'

export interface Pictures {
  /** Uploads what the card needs and is not there yet. */
  upload(shown: ShownCard): Promise<{ ok: true } | { ok: false; fault: Fault }>
  fileOf(png: string): string | null
}

const MOST_KNOWN = 200

/** Files are uploaded without a conversation, so that a message can show them and be edited later. */
export function createPictures(api: SlackApi): Pictures {
  const files = new Map<string, string>()

  async function uploadOne({ alt, png }: { alt: string; png: string }): Promise<Fault | null> {
    const digest = digestOf(png)
    if (files.has(digest)) return null
    const asked = await api.ask((client) =>
      client.filesUploadV2({
        file: Buffer.from(png, 'base64'),
        filename: 'card.png',
        title: alt.slice(0, 200) || 'card',
        alt_text: alt.slice(0, 1_000),
      }),
    )
    if (!asked.ok) return asked.fault
    const [file] = asked.value.files?.[0]?.files ?? []
    if (file?.id === undefined)
      return { is: 'no', code: 'no_file', message: 'no file came of it', retryAfterMs: null }
    if (files.size >= MOST_KNOWN) files.clear()
    files.set(digest, file.id)
    return null
  }

  return {
    async upload({ card }) {
      for (const block of card.body) {
        if (block.is !== 'picture') continue
        const fault = await uploadOne(block)
        if (fault) return { ok: false, fault }
      }
      return { ok: true }
    },
    fileOf: (png) => files.get(digestOf(png)) ?? null,
  }
}

function digestOf(png: string): string {
  return createHash('sha256').update(png).digest('base64url')
}
