import type { Instant } from '../../lib/clock.ts'

const HOUR = 3_600_000

/** Half a day without use, or a week in all, and the person signs in again. */
const IDLE_MS = 12 * HOUR
const ABSOLUTE_MS = 7 * 24 * HOUR
const ROTATE_AFTER_MS = HOUR
/** Requests that were under way when the cookie changed still carry the old one. */
const GRACE_MS = 60_000
/** Writing the last use on every request would make every read a write. */
const TOUCH_AFTER_MS = 60_000

export interface WebSessionRow {
  hash: string
  memberId: string
  csrf: string
  signedInAt: Instant
  createdAt: Instant
  seenAt: Instant
  expiresAt: Instant
  rotatedTo: string | null
}

export type SessionStep = 'over' | 'keep' | 'touch' | 'rotate'

export function nextStep(session: WebSessionRow, now: Instant): SessionStep {
  if (now >= session.expiresAt) return 'over'
  if (session.rotatedTo) return 'keep'
  if (now - session.createdAt >= ROTATE_AFTER_MS) return 'rotate'
  return now - session.seenAt >= TOUCH_AFTER_MS ? 'touch' : 'keep'
}

export function expiryOf(signedInAt: Instant, now: Instant): Instant {
  return Math.min(now + IDLE_MS, signedInAt + ABSOLUTE_MS)
}

export function graceEnd(session: WebSessionRow, now: Instant): Instant {
  return Math.min(session.expiresAt, now + GRACE_MS)
}
