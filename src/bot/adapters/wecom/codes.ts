import { createHash } from 'node:crypto'
import type { Instant } from '../../../lib/clock.ts'
import type { Handle } from '../adapter.ts'

/** A code changes a card once, within 72 hours. */
const LIVES_MS = 71 * 3_600_000
const NAME = /^code\.(\d{1,15})\./

/** Each under a name of its own, so that one learned from a tap stands beside those that were there. */
export function codeHandle(code: string, at: Instant): Handle {
  const digest = createHash('sha256').update(code).digest('base64url').slice(0, 8)
  return { [`code.${at}.${digest}`]: code }
}

/** Names of those that still count, the oldest first: they end first. */
export function liveCodes(handle: Handle, now: Instant): readonly string[] {
  return Object.keys(handle)
    .filter((name) => now - givenAt(name) < LIVES_MS)
    .sort((a, b) => givenAt(a) - givenAt(b))
}

function givenAt(name: string): Instant {
  return Number(NAME.exec(name)?.[1] ?? Number.NEGATIVE_INFINITY)
}

/** Without those that were used up. */
export function withoutCodes(handle: Handle, used: readonly string[]): Handle {
  return Object.fromEntries(Object.entries(handle).filter(([name]) => !used.includes(name)))
}
