import type { Instant } from '../../lib/clock.ts'

/** When a group is told, as its route says, in ms. */
export interface GroupTimes {
  wait: number
  interval: number
  repeat: number
}

/** What one part of a receiver was told last: fingerprints. */
export interface Telling {
  firing: readonly string[]
  resolved: readonly string[]
  at: Instant
}

/** What there is to tell now: what inhibition, silences and times hold back is left out. */
export interface Seen {
  firing: readonly string[]
  resolved: readonly string[]
}

/** Why a part is told, in the words that Alertmanager's own documents use; null: there is no reason. */
export type Reason = 'first' | 'new-alerts' | 'all-resolved' | 'some-resolved' | 'repeat'

/**
 * Whether a part of a receiver is told: new firing alerts, newly resolved ones where it wants them, or the same again
 * after the repeat interval. What was never told as firing is never told as resolved. As Alertmanager does it
 * (notify/notify.go, DedupStage.needsUpdate).
 */
export function reasonToTell(
  last: Telling | null,
  seen: Seen,
  { now, repeat, sendResolved }: { now: Instant; repeat: number; sendResolved: boolean },
): Reason | null {
  if (last === null) return seen.firing.length > 0 ? 'first' : null
  if (!isPartOf(seen.firing, last.firing)) return 'new-alerts'
  if (seen.firing.length === 0) return last.firing.length > 0 ? 'all-resolved' : null
  if (sendResolved && !isPartOf(seen.resolved, last.resolved)) return 'some-resolved'
  return last.at < now - repeat ? 'repeat' : null
}

/** The first look at a new group: after the wait, or at once when its oldest alert has waited longer elsewhere. */
export function firstLook(startsAt: Instant, { wait }: GroupTimes, now: Instant): Instant {
  return startsAt + wait < now ? now : now + wait
}

/** The beat at or after `now` of a group that was told at `flushedAt` and every interval since. */
export function nextBeat(flushedAt: Instant, { interval }: GroupTimes, now: Instant): Instant {
  if (now <= flushedAt) return flushedAt + interval
  return flushedAt + Math.ceil((now - flushedAt) / interval) * interval
}

/** The last beat that has passed: a group looked at late keeps its rhythm. */
export function lastBeat(flushedAt: Instant | null, { interval }: GroupTimes, now: Instant): Instant {
  if (flushedAt === null) return now
  return flushedAt + Math.floor((now - flushedAt) / interval) * interval
}

function isPartOf(some: readonly string[], all: readonly string[]): boolean {
  if (some.length === 0) return true
  const known = new Set(all)
  return some.every((each) => known.has(each))
}
