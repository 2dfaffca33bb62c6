import type { Instant } from '../../../lib/clock.ts'
import type { Alert } from '../alert.ts'

const HOUR_MS = 3_600_000
/** So many beginnings and ends within an hour are no longer told one by one, where nobody decided otherwise. */
export const FLAPPING_TURNS = 4

/** When an alert began or ended within the last hour. */
export function turnsNow(turns: readonly Instant[], now: Instant): readonly Instant[] {
  return turns.filter((at) => at > now - HOUR_MS)
}

/** What comes and goes has ended when it stayed away so long. */
export const CALM_MS = 10 * 60_000

/**
 * Until when the end of an alert that comes and goes is not believed yet; null: it is. What people stopped does not come
 * again by itself.
 */
export function lingersUntil(
  { flapping, state, endedAs, endedAt }: Pick<Alert, 'flapping' | 'state' | 'endedAs' | 'endedAt'>,
  now: Instant,
): Instant | null {
  if (!flapping || state === 'firing' || endedAt === null) return null
  if (endedAs === 'stopped' || endedAs === 'gone') return null
  return now < endedAt + CALM_MS ? endedAt + CALM_MS : null
}
