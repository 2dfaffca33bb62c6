import type { Instant } from '../../../lib/clock.ts'
import { wallClock } from '../../../lib/wall-clock.ts'
import type { Tier } from '../alert.ts'
import { type ChainBody, DEFAULT_CHAINS } from './escalation.ts'

/** The chain for a tier now: one with times that hold goes before one without; without any, the default. */
export function chainFor<C extends { id: string; name: string; body: ChainBody }>(
  chains: readonly C[],
  tier: Tier,
  now: Instant,
): { id: string | null; name: string; body: ChainBody } | null {
  const fitting = chains.filter(({ body }) => body.tiers.includes(tier))
  const timed = fitting.find(({ body }) => body.times?.some((times) => holds(times, now)))
  const always = fitting.find(({ body }) => body.times === undefined || body.times.length === 0)
  const body = DEFAULT_CHAINS[tier]
  return timed ?? always ?? (body && { id: null, name: 'default', body })
}

type Times = NonNullable<ChainBody['times']>[number]

/** A span that ends before it begins goes on past midnight, and belongs to the day on which it began. */
export function holds({ zone, weekdays, from, to }: Times, now: Instant): boolean {
  const { weekday, minute } = wallClock(now, zone)
  const [begins, ends] = [minuteOf(from), minuteOf(to)]
  const on = (day: (typeof weekdays)[number]) => weekdays.includes(day)
  if (begins < ends) return on(weekday) && minute >= begins && minute < ends
  return (on(weekday) && minute >= begins) || (on(dayBefore(weekday)) && minute < ends)
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

function dayBefore(day: (typeof DAYS)[number]): (typeof DAYS)[number] {
  return DAYS[(DAYS.indexOf(day) + 6) % 7] ?? 'mon'
}

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return hour * 60 + minute
}
