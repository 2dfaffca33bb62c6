import { STORABLE } from '../../lib/storable.ts'
import {
  type GivenAlert,
  isLegacyLabelName,
  type Labels,
  type Matcher,
  parseMatchers,
} from '../../platform/platform.ts'

/** What others send is read by hand: thousands come in a second, and most of them are as they were a minute ago. */

export interface ReadAlerts {
  alerts: readonly GivenAlert[]
  /** In Alertmanager's words; the good ones of the batch are taken all the same. */
  problems: readonly string[]
}

const OUTER = 'invalid request body'

/** The body of POST /alerts. Null: it is not a list of alerts at all. */
export function readAlerts(body: unknown): ReadAlerts | null {
  if (!Array.isArray(body)) return null
  const alerts: GivenAlert[] = []
  const problems: string[] = []
  for (const each of body) {
    const read = readAlert(each)
    if (typeof read === 'string') problems.push(read)
    else alerts.push(read)
  }
  return { alerts, problems }
}

function readAlert(given: unknown): GivenAlert | string {
  if (!isRecord(given)) return OUTER
  const labels = readLabels(given.labels)
  if (typeof labels === 'string') return labels
  const annotations = readLabels(given.annotations ?? {})
  if (typeof annotations === 'string') return annotations
  if (Object.values(labels).every((value) => value === '')) return 'at least one label pair required'
  const [startsAt, endsAt] = [readTime(given.startsAt), readTime(given.endsAt)]
  if (startsAt === 'bad' || endsAt === 'bad') return 'a time is not one of RFC 3339'
  if (startsAt !== null && endsAt !== null && endsAt < startsAt) return 'start time must be before end time'
  const generatorUrl = typeof given.generatorURL === 'string' ? given.generatorURL : ''
  return { labels, annotations, startsAt, endsAt, generatorUrl }
}

function readLabels(given: unknown): Labels | string {
  if (!isRecord(given)) return OUTER
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string') return OUTER
    if (!STORABLE.test(value)) return `invalid label set: invalid value for ${name}`
    if (!isLegacyLabelName(name)) return `invalid label set: invalid name ${JSON.stringify(name)}`
  }
  // Each value was looked at just now.
  return given as Labels
}

/** Go's zero time means none. */
export function readTime(given: unknown): number | null | 'bad' {
  if (given === undefined || given === null || given === '') return null
  if (typeof given !== 'string' || !RFC_3339.test(given)) return 'bad'
  const at = Date.parse(given)
  if (Number.isNaN(at)) return 'bad'
  return at < 0 && given.startsWith('0001-01-01') ? null : at
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

export interface ReadSilence {
  id: string | null
  matchers: readonly Matcher[]
  startsAt: number
  endsAt: number
  createdBy: string
  comment: string
}

/** The body of POST /silences; a string says what is wrong with it. */
export function readSilence(body: unknown): ReadSilence | string {
  if (!isRecord(body)) return OUTER
  const { matchers: given, startsAt, endsAt, createdBy, comment, id } = body
  if (!Array.isArray(given) || given.length === 0) return 'matchers in body should have at least 1 items'
  const matchers = given.map(readMatcher)
  if (!matchers.every((each) => each !== null)) return 'a matcher in body is not one'
  const [from, to] = [readTime(startsAt), readTime(endsAt)]
  if (typeof from !== 'number' || typeof to !== 'number')
    return 'startsAt and endsAt in body should be times of RFC 3339'
  if (typeof createdBy !== 'string' || typeof comment !== 'string')
    return 'createdBy and comment in body are required'
  const known = typeof id === 'string' && id !== '' ? id : null
  return { id: known, matchers, startsAt: from, endsAt: to, createdBy, comment }
}

function readMatcher(given: unknown): Matcher | null {
  if (!isRecord(given)) return null
  const { name, value, isRegex, isEqual = true } = given
  if (typeof name !== 'string' || name === '' || typeof value !== 'string') return null
  if (typeof isRegex !== 'boolean' || typeof isEqual !== 'boolean') return null
  return { name, value, op: isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=' }
}

/** `filter=a="b"&filter=…`; a string says what is wrong. */
export function readFilters(given: unknown): readonly Matcher[] | string {
  const texts = given === undefined ? [] : [given].flat()
  const matchers: Matcher[] = []
  for (const text of texts) {
    const parsed = parseMatchers(String(text))
    if (!parsed.ok) return `bad matcher format: ${String(text)}`
    matchers.push(...parsed.value)
  }
  return matchers
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
