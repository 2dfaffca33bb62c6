import type { Instant } from '../../lib/clock.ts'
import { parseDuration } from '../../lib/duration.ts'
import { instantIn, wallClock } from '../../lib/wall-clock.ts'

/** A moment as people write it: `+2h`, `18:00` (the next one), `2026-11-27T18:00`, `2026-11-27`. Null: it is none. */
export function readMoment(text: string, { now, zone }: { now: Instant; zone: string }): Instant | null {
  if (text.startsWith('+')) {
    const ms = parseDuration(text.slice(1))
    return ms === null ? null : now + ms
  }
  const clock = /^([01]?\d|2[0-3])[:：]([0-5]\d)$/.exec(text)
  if (clock) return nextTime(Number(clock[1]), Number(clock[2]), { now, zone })
  const day = /^(\d{4}-\d{2}-\d{2})(?:[T ]([01]\d|2[0-3])[:：]([0-5]\d))?$/.exec(text)
  if (!day) return null
  return instantIn(`${day[1]}T${day[2] ?? '00'}:${day[3] ?? '00'}`, zone)
}

function nextTime(
  hour: number,
  minute: number,
  { now, zone }: { now: Instant; zone: string },
): Instant | null {
  const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
  const today = instantIn(`${wallClock(now, zone).date}T${time}`, zone)
  if (today !== null && today > now) return today
  return instantIn(`${wallClock(now + 86_400_000, zone).date}T${time}`, zone)
}
