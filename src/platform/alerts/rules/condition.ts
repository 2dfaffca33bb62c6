import { z } from 'zod'
import type { Instant } from '../../../lib/clock.ts'
import { METRIC_NAMES, METRICS, type MetricName, type Unit } from './metric.ts'
import { median, type Sample } from './sample.ts'

const DAY_MS = 86_400_000
const metric = z.enum(METRIC_NAMES)
const span = z.int().min(0).max(DAY_MS)
const value = z.number().min(0).max(1e15)

/** What must be measured for an alert to be told. Spans in ms. */
export const condition = z.discriminatedUnion('is', [
  /** Over, or under, the limit all the time. `whenUsual`: only where the median of the day is above that. */
  z.strictObject({ is: z.literal('above'), metric, limit: value, for: span }),
  z.strictObject({ is: z.literal('below'), metric, limit: value, for: span, whenUsual: value.optional() }),
  /** A counter, by its growth per second. */
  z.strictObject({ is: z.literal('rate-above'), metric, limit: value, for: span }),
  z.strictObject({
    is: z.literal('rate-below'),
    metric,
    limit: value,
    for: span,
    whenUsual: value.optional(),
  }),
  /** A counter that grew by so much within the span. */
  z.strictObject({ is: z.literal('rises'), metric, by: value, within: span }),
  /** So many times the median of the day, and no less than `atLeast`. */
  z.strictObject({
    is: z.literal('unusual'),
    metric,
    times: z.number().min(1).max(1e6),
    atLeast: value,
    for: span,
  }),
  /** Nothing was told for so long. */
  z.strictObject({ is: z.literal('absent'), metric, for: span }),
])
export type Condition = z.output<typeof condition>

export type Verdict =
  | { is: 'holds'; since: Instant; value: number; limit: number; unit: Unit; usual: number | null }
  | { is: 'not' }
  /** Too little is known to say either. */
  | { is: 'unknown' }

/** Samples further apart than this do not speak for the time between them. */
const GAP_MS = 15 * 60_000
/** Fewer of them say nothing about what is usual. */
const USUAL_FROM = 12

interface Point {
  at: Instant
  value: number
}

/** Samples oldest first; `now` may be later than the newest one. */
export function judge(when: Condition, samples: readonly Sample[], now: Instant): Verdict {
  if (when.is === 'absent') return judgeAbsence(when, samples, now)
  const points = pointsOf(samples, when.metric)
  if (when.is === 'rises') return judgeRise(when, points, now)
  const isRate = when.is === 'rate-above' || when.is === 'rate-below'
  const series = isRate ? ratesOf(points) : points
  const usual = usualOf(series, now - when.for)
  const limit = limitOf(when, usual)
  if (limit === null) return { is: 'unknown' }
  if ('whenUsual' in when && when.whenUsual !== undefined && (usual ?? 0) <= when.whenUsual)
    return { is: 'not' }
  const unit: Unit = isRate ? 'per-second' : METRICS[when.metric].unit
  const isOver = when.is === 'below' || when.is === 'rate-below' ? less : more
  return judgeRun(series, { now, holds: (each) => isOver(each, limit), span: when.for, limit, unit, usual })
}

const more = (a: number, b: number) => a > b
const less = (a: number, b: number) => a < b

function limitOf(when: Exclude<Condition, { is: 'absent' | 'rises' }>, usual: number | null): number | null {
  if (when.is !== 'unusual') return when.limit
  return usual === null ? null : Math.max(when.atLeast, when.times * usual)
}

interface Run {
  now: Instant
  holds(value: number): boolean
  span: number
  limit: number
  unit: Unit
  usual: number | null
}

/** Backwards from the newest, as long as it holds and nothing is missing between. */
function judgeRun(series: readonly Point[], { now, holds, span, limit, unit, usual }: Run): Verdict {
  const newest = series.at(-1)
  if (!newest || now - newest.at > GAP_MS) return { is: 'unknown' }
  if (!holds(newest.value)) return { is: 'not' }
  let since = newest.at
  for (const { at, value } of series.toReversed()) {
    if (!holds(value) || since - at > GAP_MS) break
    since = at
  }
  if (now - since < span) return { is: 'not' }
  return { is: 'holds', since, value: newest.value, limit, unit, usual }
}

function judgeRise(
  { metric, by, within }: Extract<Condition, { is: 'rises' }>,
  points: readonly Point[],
  now: Instant,
): Verdict {
  const recent = points.filter(({ at }) => at >= now - within)
  const [first] = recent
  if (!first || recent.length < 2) return { is: 'unknown' }
  const value = growth(recent)
  if (value < by) return { is: 'not' }
  return { is: 'holds', since: first.at, value, limit: by, unit: METRICS[metric].unit, usual: null }
}

function judgeAbsence(
  { metric, for: span }: Extract<Condition, { is: 'absent' }>,
  samples: readonly Sample[],
  now: Instant,
): Verdict {
  const [oldest] = samples
  if (!oldest) return { is: 'unknown' }
  const since = pointsOf(samples, metric).at(-1)?.at ?? oldest.at
  if (now - since < span) return { is: 'not' }
  return { is: 'holds', since, value: now - since, limit: span, unit: 'ms', usual: null }
}

function pointsOf(samples: readonly Sample[], metric: MetricName): readonly Point[] {
  return samples.flatMap(({ at, values }) => {
    const value = values[metric]
    return value === undefined ? [] : [{ at, value }]
  })
}

function growth(points: readonly Point[]): number {
  return points.reduce((sum, { value }, at) => {
    const before = points[at - 1]
    if (!before) return 0
    return sum + (value >= before.value ? value - before.value : value)
  }, 0)
}

/** Per second, between two samples; where the counter began anew nothing is known. */
function ratesOf(points: readonly Point[]): readonly Point[] {
  return points.flatMap(({ at, value }, index) => {
    const before = points[index - 1]
    if (!before || value < before.value || at <= before.at) return []
    return [{ at, value: ((value - before.value) * 1000) / (at - before.at) }]
  })
}

function usualOf(series: readonly Point[], before: Instant): number | null {
  const former = series.filter(({ at }) => at < before).map(({ value }) => value)
  return former.length < USUAL_FROM ? null : median(former)
}
