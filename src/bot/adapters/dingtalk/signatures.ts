import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Instant } from '../../../lib/clock.ts'

const OLDEST_MS = 60 * 60_000
/** Clocks differ; a time further ahead was made up. */
const AHEAD_MS = 5 * 60_000

/** Of robot messages: the secret is the key, and is signed along with the time. */
export function robotSignature(timestamp: string, secret: string): string {
  return hmac(secret, `${timestamp}\n${secret}`)
}

/** Of card callbacks: over the time alone. */
export function cardSignature(timestamp: string, apiSecret: string): string {
  return hmac(apiSecret, timestamp)
}

/** What we register for card callbacks: follows from the app's secret, so nobody has to keep another one. */
export function cardApiSecret(clientSecret: string): string {
  return createHmac('sha256', clientSecret).update('card callbacks').digest('hex').slice(0, 32)
}

export type Verdict = 'genuine' | 'unsigned' | 'stale' | 'forged'

export interface Signed {
  timestamp: string | undefined
  signature: string | undefined
}

export function verify(
  { timestamp, signature }: Signed,
  expected: (timestamp: string) => string,
  now: Instant,
) {
  if (!timestamp || !signature || !/^\d{10,16}$/.test(timestamp)) return 'unsigned' satisfies Verdict
  const age = now - Number(timestamp)
  if (age > OLDEST_MS || age < -AHEAD_MS) return 'stale' satisfies Verdict
  return same(signature, expected(timestamp)) ? ('genuine' satisfies Verdict) : ('forged' satisfies Verdict)
}

function hmac(key: string, message: string): string {
  return createHmac('sha256', key).update(message).digest('base64')
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
