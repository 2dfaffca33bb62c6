import { z } from 'zod'
import type { ShownCard } from '../../cards/card.ts'
import type { Failure, Reply } from './outcome.ts'

interface Uploading {
  call(ask: {
    method: 'POST'
    path: string
    data: Readonly<Record<string, unknown>>
    upload: true
  }): Promise<Reply>
}

/** Pictures of a card by Feishu's keys. Each picture is uploaded once. */
export interface Pictures {
  keysFor(
    shown: ShownCard,
  ): Promise<{ is: 'ready'; keys: ReadonlyMap<string, string> } | { is: 'failed'; reply: Failure }>
  /** For measuring: keys as long as real ones. */
  placeholders(shown: ShownCard): ReadonlyMap<string, string>
}

const MOST = 500
const LIKE_A_KEY = 'img_v3_'.padEnd(60, '0')

const imageBody = z.object({ data: z.object({ image_key: z.string().min(1) }) })

type Uploaded = { is: 'key'; key: string } | { is: 'no-picture' } | { is: 'failed'; reply: Failure }

export function uploadedPictures(api: Uploading, digestOf: (png: string) => string): Pictures {
  const byDigest = new Map<string, Promise<Uploaded>>()

  function upload(png: string): Promise<Uploaded> {
    const digest = digestOf(png)
    const known = byDigest.get(digest)
    if (known) return known
    const [oldest] = byDigest.keys()
    if (byDigest.size >= MOST && oldest !== undefined) byDigest.delete(oldest)
    const uploading = send(png)
    byDigest.set(digest, uploading)
    void uploading.then((done) => {
      if (done.is === 'failed') byDigest.delete(digest)
    })
    return uploading
  }

  async function send(png: string): Promise<Uploaded> {
    const reply = await api.call({
      method: 'POST',
      path: '/open-apis/im/v1/images',
      data: { image_type: 'message', image: Buffer.from(png, 'base64') },
      upload: true,
    })
    if (reply.is === 'done') {
      const read = imageBody.safeParse(reply.body)
      return read.success ? { is: 'key', key: read.data.data.image_key } : { is: 'no-picture' }
    }
    // A picture that is refused for good is told in words; the card is worth more than it.
    return reply.is === 'error' && reply.status < 500 && isRefusal(reply.code)
      ? { is: 'no-picture' }
      : { is: 'failed', reply }
  }

  return {
    async keysFor(shown) {
      const keys = new Map<string, string>()
      for (const png of pngsOf(shown)) {
        const done = await upload(png)
        if (done.is === 'failed') return done
        if (done.is === 'key') keys.set(png, done.key)
      }
      return { is: 'ready', keys }
    },
    placeholders: (shown) => new Map(pngsOf(shown).map((png) => [png, LIKE_A_KEY])),
  }
}

/** Codes of the image API itself: format, size, pixels, permission of pictures. */
function isRefusal(code: number): boolean {
  return (code >= 234000 && code < 235000) || code === 99991672
}

function pngsOf({ card }: ShownCard): string[] {
  return card.body.flatMap((block) => (block.is === 'picture' ? [block.png] : []))
}
