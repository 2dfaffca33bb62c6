import { createHash, timingSafeEqual } from 'node:crypto'
import type { Instant } from '../../../lib/clock.ts'

/** What a call must carry to be believed. */
export interface SignedCall {
  timestamp: string
  nonce: string
  signature: string
  raw: Uint8Array
}

const MAX_AGE_MS = 5 * 60_000

export type Verdict = 'genuine' | 'stale' | 'forged'

/** Hex SHA-256 of timestamp, nonce, key and the bytes as they came. */
export function verifyCall(call: SignedCall, encryptKey: string, now: Instant): Verdict {
  const given = Buffer.from(call.signature)
  const right = Buffer.from(signatureOf(call, encryptKey))
  if (given.length !== right.length || !timingSafeEqual(given, right)) return 'forged'
  const sentAt = /^\d{1,12}$/.test(call.timestamp) ? Number(call.timestamp) * 1_000 : Number.NaN
  return Math.abs(now - sentAt) <= MAX_AGE_MS ? 'genuine' : 'stale'
}

export function signatureOf(
  { timestamp, nonce, raw }: Omit<SignedCall, 'signature'>,
  encryptKey: string,
): string {
  return createHash('sha256').update(`${timestamp}${nonce}${encryptKey}`).update(raw).digest('hex')
}

export function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
