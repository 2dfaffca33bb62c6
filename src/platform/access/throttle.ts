import { isIPv6 } from 'node:net'
import type { Instant } from '../../lib/clock.ts'

export interface Throttle {
  failures: number
  /** No further try before this. */
  until: Instant
}

export interface ThrottlePolicy {
  /** Tries without any delay. */
  free: number
  firstDelayMs: number
  capMs: number
}

/**
 * Per member the delay stays short: it must stop guessing, not let a stranger lock somebody out for the night. Per
 * address it may grow long; many people can sit behind one address, so more tries are free.
 */
export const PER_MEMBER: ThrottlePolicy = { free: 5, firstDelayMs: 2_000, capMs: 60_000 }
export const PER_ADDRESS: ThrottlePolicy = { free: 20, firstDelayMs: 2_000, capMs: 15 * 60_000 }

/** After so long without a try everything is forgotten. */
const FORGET_MS = 60 * 60_000

/**
 * One more try: refused while the last delay lasts, else counted as failed until it turns out right. Counting first
 * is what makes a thousand guesses at the same moment as slow as a thousand in a row.
 */
export function takeTry(last: Throttle | null, policy: ThrottlePolicy, now: Instant): Throttle | 'wait' {
  if (last && now < last.until) return 'wait'
  const failures = last && now < last.until + FORGET_MS ? last.failures + 1 : 1
  return { failures, until: now + delayAfter(failures, policy) }
}

function delayAfter(failures: number, { free, firstDelayMs, capMs }: ThrottlePolicy): number {
  if (failures < free) return 0
  return Math.min(capMs, firstDelayMs * 2 ** Math.min(failures - free, 30))
}

/** One household has a whole /64 of IPv6, so that is what counts as one address. */
export function addressOf(from: string): string {
  const plain = from.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail = ''] = plain.toLowerCase().split('::')
  const before = head.split(':').filter(Boolean)
  const behind = tail.split(':').filter(Boolean)
  const zeros = Array.from({ length: 8 - before.length - behind.length }, () => '0')
  const groups = plain.includes('::') ? [...before, ...zeros, ...behind] : before
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
