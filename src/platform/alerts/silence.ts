import type { Instant } from '../../lib/clock.ts'
import { compileMatchers, type Matcher } from './matcher.ts'
import type { Silence } from './ports.ts'
import type { SilenceDraft } from './silences-api.ts'

export interface SilenceTimes {
  startsAt: Instant
  endsAt: Instant
}

export function silenceState(
  { startsAt, endsAt }: SilenceTimes,
  now: Instant,
): 'pending' | 'active' | 'expired' {
  if (endsAt <= now) return 'expired'
  return startsAt <= now ? 'active' : 'pending'
}

export type SilenceProblem = 'matches-everything' | 'ends-before-it-starts' | 'is-past'

/** As Alertmanager checks one. Matchers that all match an empty label would hide alerts that nobody had in mind. */
export function silenceProblem(
  { matchers, startsAt, endsAt }: SilenceTimes & { matchers: readonly Matcher[] },
  now: Instant,
): SilenceProblem | null {
  if (matchers.length === 0 || matchers.every(matchesEmpty)) return 'matches-everything'
  if (endsAt <= startsAt) return 'ends-before-it-starts'
  return endsAt <= now ? 'is-past' : null
}

function matchesEmpty(matcher: Matcher): boolean {
  const compiled = compileMatchers([matcher])
  return compiled.ok && compiled.value({})
}

/** How long before its end who asked for it is told. */
const WARN_BEFORE_MS = 10 * 60_000
/** A short one is not warned of right after it was made. */
const WARN_LEAST_MS = 2 * WARN_BEFORE_MS

type Timed = Pick<Silence, 'startsAt' | 'endsAt' | 'begunAt' | 'warnedAt' | 'endedAt' | 'chatId'>

/** When there is something to do about it next: its beginning, the warning, its end. */
export function nextDue(silence: Timed): Instant | null {
  const { startsAt, endsAt, begunAt, warnedAt, endedAt, chatId } = silence
  if (endedAt !== null) return null
  if (begunAt === null) return startsAt
  const isLong = endsAt - startsAt >= WARN_LEAST_MS
  return chatId !== null && warnedAt === null && isLong ? endsAt - WARN_BEFORE_MS : endsAt
}

export function newSilence({
  id,
  now,
  origin,
  by,
  ...draft
}: SilenceDraft & {
  id: string
  now: Instant
  origin: string
  by: { id: string | null; displayName: string }
}): Silence {
  const timed = {
    ...draft,
    ...{ id, origin, createdBy: by.displayName, memberId: by.id, createdAt: now, updatedAt: now },
    ...{ begunAt: draft.startsAt <= now ? now : null, warnedAt: null, endedAt: null, dueAt: null },
  }
  return { ...timed, dueAt: nextDue(timed) }
}
