import { timingSafeEqual } from 'node:crypto'
import { decrypt, getSignature } from '@wecom/crypto'
import type { Instant } from '../../../lib/clock.ts'

/** A call as it came: all of it is a stranger's until it is opened. */
export interface Sealed {
  signature: unknown
  timestamp: unknown
  nonce: unknown
  encrypted: unknown
}

export type Opened =
  | { is: 'open'; message: string }
  | { is: 'refused'; because: 'incomplete' | 'forged' | 'stale' | 'unreadable' | 'other-company' }

export interface Keys {
  token: string
  aesKey: string
  /** Whom it must be meant for: the company. */
  corpId: string
}

const MAX_AGE_MS = 5 * 60_000

/** The library checks neither signature nor receiver: signature first, then age, then what is inside. */
export function openSealed(
  { signature, timestamp, nonce, encrypted }: Sealed,
  keys: Keys,
  now: Instant,
): Opened {
  if (!isText(signature) || !isText(timestamp) || !isText(nonce) || !isText(encrypted))
    return refused('incomplete')
  if (!sameText(signature, getSignature(keys.token, timestamp, nonce, encrypted))) return refused('forged')
  if (!isFresh(timestamp, now)) return refused('stale')
  const inside = decrypted(encrypted, keys.aesKey)
  if (inside === null) return refused('unreadable')
  return inside.id === keys.corpId ? { is: 'open', message: inside.message } : refused('other-company')
}

function refused(because: Extract<Opened, { is: 'refused' }>['because']): Opened {
  return { is: 'refused', because }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function isFresh(timestamp: string, now: Instant): boolean {
  return /^\d{10}$/.test(timestamp) && Math.abs(now - Number(timestamp) * 1_000) <= MAX_AGE_MS
}

/** Of a wrong key it may throw anything, or give back nonsense, which then is for another company. */
function decrypted(encrypted: string, aesKey: string): { message: string; id: string } | null {
  try {
    return decrypt(aesKey, encrypted)
  } catch {
    return null
  }
}
