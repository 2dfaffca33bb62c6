import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { Clock } from '../lib/clock.ts'
import type { IdempotencyStore } from './ports.ts'
import { Problem } from './problem.ts'

/** An answer as it went out. */
export interface Sent {
  status: number
  headers: Readonly<Record<string, string>>
  body: string
}

export interface Idempotency {
  /** Runs `write` once per key; a repeat gets the first answer, whenever it comes. */
  once(key: WriteKey, write: () => Promise<Sent>): Promise<Sent & { replayed: boolean }>
  forgetOld(): Promise<number>
}

export interface WriteKey {
  memberId: string
  key: string
  /** Everything that makes this request what it is. */
  request: string
}

const KEPT_MS = 24 * 3_600_000
/** Longer than any write takes: a claim this old without an answer belongs to a process that died. */
const STALE_MS = 5 * 60_000
const PATIENCE_MS = 10_000
const LOOK_EVERY_MS = 100

export function createIdempotency({
  store,
  secret,
  clock,
}: {
  store: IdempotencyStore
  secret: string
  clock: Clock
}): Idempotency {
  // Answers can hold what is shown once (a new token), so they are kept encrypted.
  const cipherKey = Buffer.from(hkdfSync('sha256', secret, '', 'idempotency', 32))

  async function once(key: WriteKey, write: () => Promise<Sent>): Promise<Sent & { replayed: boolean }> {
    const id = digest(`${key.memberId}\n${key.key}`)
    const request = digest(key.request)
    const claim = await patiently(id, request)
    if (claim !== null) return { ...claim, replayed: true }
    let sent: Sent
    try {
      sent = await write()
    } catch (error) {
      await store.release(id)
      throw error
    }
    // What broke on our side may be tried again under the same key.
    if (sent.status >= 500) await store.release(id)
    else await store.answer(id, sent.status, seal(cipherKey, JSON.stringify(sent)))
    return { ...sent, replayed: false }
  }

  /** Null: the key is ours to answer. */
  async function patiently(id: string, request: string): Promise<Sent | null> {
    for (let waited = 0; ; waited += LOOK_EVERY_MS) {
      const now = clock.now()
      const claim = await store.claim(id, request, { now, staleBefore: now - STALE_MS })
      if (claim.is === 'yours') return null
      if (claim.is === 'other-request') throw new Problem('key-reused', {})
      if (claim.is === 'answered') return JSON.parse(unseal(cipherKey, claim.response)) as Sent
      if (waited >= PATIENCE_MS) throw new Problem('key-running', {})
      await clock.sleep(LOOK_EVERY_MS)
    }
  }

  return { once, forgetOld: () => store.forgetBefore(clock.now() - KEPT_MS) }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function seal(key: Buffer, text: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')
}

function unseal(key: Buffer, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
  decipher.setAuthTag(bytes.subarray(12, 28))
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
}
