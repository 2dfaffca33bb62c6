import { parse } from 'yaml'
import { z } from 'zod'
import { parseDuration } from '../../../lib/duration.ts'
import { judge } from './condition.ts'
import { DEFAULT_RULES } from './default-rules.ts'
import { METRIC_NAMES, METRICS, type MetricName, type Unit } from './metric.ts'
import { type Rule, ruleDraft, rulesFor } from './rule.ts'
import { type Sample, withSample } from './sample.ts'
import { parseValue } from './values.ts'

/**
 * A recorded timeline and what the rules must say along it. Series are written as `5s x10, 70s x5, - x2, +100 x3`:
 * so many samples of a value, of nothing, or of the value before and so much more.
 */
export interface Timeline {
  name: string
  labels: Readonly<Record<string, string>>
  everyMs: number
  samples: readonly Sample[]
  expect: readonly { atMs: number; firing: readonly string[] }[]
}

export interface TimelineFile {
  rules: readonly Rule[]
  timelines: readonly Timeline[]
}

export interface Difference {
  timeline: string
  atMs: number
  expected: readonly string[]
  found: readonly string[]
}

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text)
  if (ms !== null) return ms
  context.addIssue({ code: 'custom', message: `"${text}" is no duration such as 5m` })
  return z.NEVER
})

const timelineShape = z.strictObject({
  name: z.string().min(1),
  labels: z.record(z.string(), z.string()),
  every: duration.default(60_000),
  samples: z.partialRecord(z.enum(METRIC_NAMES), z.union([z.string(), z.number()])),
  expect: z.array(z.strictObject({ at: duration, firing: z.array(z.string()) })).min(1),
})

const fileShape = z.strictObject({
  rules: z.array(z.unknown()).default([]),
  tests: z.array(timelineShape).min(1),
})

export type ReadTimelines = { ok: true; value: TimelineFile } | { ok: false; problems: readonly string[] }

/** Problems name their place: `tests.0.expect.1.at: "5 min" is no duration such as 5m`. */
export function readTimelines(text: string): ReadTimelines {
  try {
    const file = fileShape.parse(parse(text))
    const rules = file.rules.map((each, at) => ruleOf(each, `rules.${at}`))
    const timelines = file.tests.map((each, at) => timelineOf(each, `tests.${at}`))
    return { ok: true, value: { rules: [...DEFAULT_RULES, ...rules], timelines } }
  } catch (error) {
    if (error instanceof z.ZodError) return { ok: false, problems: error.issues.map(issueText) }
    return { ok: false, problems: [error instanceof Error ? error.message : String(error)] }
  }
}

function issueText({ path, message }: { path: PropertyKey[]; message: string }): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}

const VALUES = ['limit', 'by', 'atLeast', 'whenUsual'] as const
const SPANS = ['for', 'within'] as const

/** People write `for: 10m` and `limit: 60s`; the rule counts in ms and bytes. */
function ruleOf(raw: unknown, place: string): Rule {
  const shape = z.object({ when: z.record(z.string(), z.unknown()) }).loose()
  const given = shape.parse(raw)
  const metric = z.enum(METRIC_NAMES).parse(given.when.metric)
  const rated = String(given.when.is).startsWith('rate')
  const when = { ...given.when }
  for (const name of SPANS) if (typeof when[name] === 'string') when[name] = number(when[name], 'ms', place)
  const unit = rated ? 'count' : METRICS[metric].unit
  for (const name of VALUES) if (typeof when[name] === 'string') when[name] = number(when[name], unit, place)
  return { ...ruleDraft.parse({ ...given, when }), id: null }
}

function number(text: string, unit: Unit, place: string): number {
  const value = parseValue(text, unit)
  if (value === null) throw new Error(`${place}: "${text}" is no value in ${unit}`)
  return value
}

function timelineOf(shape: z.output<typeof timelineShape>, place: string): Timeline {
  const series = Object.entries(shape.samples).map(([name, text]) => {
    const metric = name as MetricName
    return [metric, seriesOf(String(text), METRICS[metric].unit, `${place}.samples.${name}`)] as const
  })
  const length = Math.max(...series.map(([, values]) => values.length))
  const samples = Array.from({ length }, (_, at) => ({
    at: at * shape.every,
    values: Object.fromEntries(
      series.flatMap(([metric, values]) => (values[at] == null ? [] : [[metric, values[at]]])),
    ),
  }))
  const expect = shape.expect.map(({ at, firing }) => ({ atMs: at, firing: [...firing].sort() }))
  return { name: shape.name, labels: shape.labels, everyMs: shape.every, samples, expect }
}

function seriesOf(text: string, unit: Unit, place: string): (number | null)[] {
  const series: (number | null)[] = []
  for (const part of text.split(',')) {
    const found = /^\s*(-|\+?[^\sx]+)\s*(?:x(\d{1,5}))?\s*$/.exec(part)
    if (!found) throw new Error(`${place}: "${part.trim()}" is no value such as 5s x10`)
    const [, value = '', times = '1'] = found
    for (let count = 0; count < Number(times); count++) series.push(nextValue(series, value, { unit, place }))
  }
  return series
}

function nextValue(
  series: readonly (number | null)[],
  value: string,
  { unit, place }: { unit: Unit; place: string },
): number | null {
  if (value === '-') return null
  if (!value.startsWith('+')) return number(value, unit, place)
  return (series.findLast((each) => each !== null) ?? 0) + number(value.slice(1), unit, place)
}

/** Plays every timeline and gives what is not as expected. */
export function playTimelines({ rules, timelines }: TimelineFile): readonly Difference[] {
  return timelines.flatMap((timeline) =>
    timeline.expect.flatMap(({ atMs, firing }) => {
      const found = firingAt(rules, timeline, atMs)
      return found.join() === firing.join()
        ? []
        : [{ timeline: timeline.name, atMs, expected: firing, found }]
    }),
  )
}

function firingAt(rules: readonly Rule[], { labels, samples }: Timeline, now: number): readonly string[] {
  let known: readonly Sample[] = []
  for (const sample of samples) if (sample.at <= now) known = withSample(known, sample)
  return rulesFor(rules, labels)
    .filter(({ when }) => judge(when, known, now).is === 'holds')
    .map(({ name }) => name)
    .sort()
}
