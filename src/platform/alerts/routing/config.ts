import { isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml'
import { isZone } from '../../../lib/wall-clock.ts'
import { TIERS, type Tier } from '../alert.ts'
import type { InhibitRule } from '../inhibition.ts'
import { compileMatchers, type Matcher, parseMatchers } from '../matcher.ts'
import { readDuration } from './durations.ts'
import {
  type Range,
  readDaysOfMonth,
  readMonths,
  readTimes,
  readWeekdays,
  readYears,
  type TimeInterval,
} from './intervals.ts'

/** What an alertmanager.yml says, with what routes inherit already written into each. Times are in ms. */
export interface RoutingConfig {
  resolveTimeout: number
  root: RouteNode
  receivers: readonly ReceiverConfig[]
  inhibitRules: readonly InhibitRule[]
  intervals: Readonly<Record<string, readonly TimeInterval[]>>
  /** The first that matches gives an alert its tier. */
  tiers: readonly { matchers: readonly Matcher[]; tier: Tier }[]
}

export interface RouteNode {
  /** `0`, `0.2`: its place in the tree. */
  id: string
  matchers: readonly Matcher[]
  receiver: string
  /** `...`: by all labels. */
  groupBy: readonly string[] | '...'
  wait: number
  interval: number
  repeat: number
  goesOn: boolean
  muteTimes: readonly string[]
  activeTimes: readonly string[]
  routes: readonly RouteNode[]
}

export interface ReceiverConfig {
  name: string
  hooks: readonly HookConfig[]
  /** Sluice's own: cards in chats. */
  cards: readonly CardsConfig[]
  /** Kinds that we do not speak, such as `pagerduty`. */
  unsupported: readonly string[]
}

export interface HookConfig {
  url: string
  sendResolved: boolean
  /** 0: all of them. */
  maxAlerts: number
  authorization: string | null
}

export interface CardsConfig {
  chats: 'team' | readonly string[]
  chain: string | null
}

export type RoutingNote =
  | { of: 'unsupported-receiver'; receiver: string; kind: string; line: number | null }
  | { of: 'templates-ignored'; line: number | null }

export interface RoutingProblem {
  path: string
  line: number | null
  because: string
}

export type ParsedRouting =
  | { ok: true; value: RoutingConfig; notes: readonly RoutingNote[] }
  | { ok: false; problems: readonly RoutingProblem[] }

/** Reads an alertmanager.yml as it is, as strictly as Alertmanager does, with what Sluice adds to it. */
export function parseRouting(text: string): ParsedRouting {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const lineAt = (node: ParsedNode | null) => (node ? lines.linePos(node.range[0]).line : null)
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, linePos }) => ({
      path: '',
      line: linePos?.[0].line ?? null,
      because: message.split('\n')[0] ?? message,
    }))
    return { ok: false, problems }
  }
  const reading: Reading = { problems: [], notes: [], lineAt }
  const value = readConfig(new Place(reading, document.contents, ''))
  return reading.problems.length > 0 || value === null
    ? { ok: false, problems: reading.problems }
    : { ok: true, value, notes: reading.notes }
}

interface Reading {
  problems: RoutingProblem[]
  notes: RoutingNote[]
  lineAt(node: ParsedNode | null): number | null
}

/** A place in the document, that knows how to say what is wrong there. */
class Place {
  readonly reading: Reading
  readonly node: ParsedNode | null
  readonly path: string

  constructor(reading: Reading, node: ParsedNode | null, path: string) {
    this.reading = reading
    this.node = node
    this.path = path
  }

  get line(): number | null {
    return this.reading.lineAt(this.node)
  }

  get isThere(): boolean {
    return this.node !== null && !(isScalar(this.node) && this.node.value === null)
  }

  get isEmpty(): boolean {
    return (isMap(this.node) || isSeq(this.node)) && this.node.items.length === 0
  }

  wrong(because: string): void {
    this.reading.problems.push({ path: this.path, line: this.line, because })
  }

  /** Fields of a map; one that is not named is a problem, because a misspelt one would be silently nothing. */
  fields(known: readonly string[]): (name: string) => Place {
    const found = new Map<string, ParsedNode | null>()
    if (this.isThere && !isMap(this.node)) this.wrong('this should be a map of names and values')
    if (isMap(this.node)) {
      for (const { key, value } of this.node.items) {
        const name = isScalar(key) ? String(key.value) : ''
        const at = new Place(this.reading, value as ParsedNode | null, this.below(name))
        if (known.includes(name)) found.set(name, value as ParsedNode | null)
        else at.wrong(`there is no field "${name}" here`)
      }
    }
    return (name) => new Place(this.reading, found.get(name) ?? null, this.below(name))
  }

  items(): readonly Place[] {
    if (!this.isThere) return []
    if (!isSeq(this.node)) {
      this.wrong('this should be a list')
      return []
    }
    return this.node.items.map(
      (item, at) => new Place(this.reading, item as ParsedNode, `${this.path}[${at}]`),
    )
  }

  pairs(): readonly { name: string; value: Place }[] {
    if (!this.isThere) return []
    if (!isMap(this.node)) {
      this.wrong('this should be a map of names and values')
      return []
    }
    return this.node.items.map(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : ''
      return { name, value: new Place(this.reading, value as ParsedNode | null, this.below(name)) }
    })
  }

  text(): string | null {
    if (!this.isThere) return null
    if (isScalar(this.node) && typeof this.node.value !== 'object') return String(this.node.value)
    this.wrong('this should be a text')
    return null
  }

  flag(otherwise: boolean): boolean {
    if (!this.isThere) return otherwise
    if (isScalar(this.node) && typeof this.node.value === 'boolean') return this.node.value
    this.wrong('this should be true or false')
    return otherwise
  }

  count(otherwise: number): number {
    if (!this.isThere) return otherwise
    if (isScalar(this.node) && typeof this.node.value === 'number' && this.node.value >= 0)
      return this.node.value
    this.wrong('this should be a number of 0 or more')
    return otherwise
  }

  duration(otherwise: number): number {
    const text = this.text()
    if (text === null) return otherwise
    const ms = readDuration(text)
    if (ms === null) this.wrong(`"${text}" is not a duration such as 30s, 5m or 1h30m`)
    return ms ?? otherwise
  }

  private below(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`
  }
}

const TOP = [
  ...['global', 'route', 'receivers', 'inhibit_rules', 'templates', 'mute_time_intervals', 'time_intervals'],
  ...['tracing', 'sluice'],
]

function readConfig(place: Place): RoutingConfig | null {
  const field = place.fields(TOP)
  const intervals = readIntervals([
    ...field('mute_time_intervals').items(),
    ...field('time_intervals').items(),
  ])
  const receivers = field('receivers').items().map(readReceiver)
  repeated(
    field('receivers'),
    receivers.map(({ name }) => name),
  )
  if (field('templates').items().length > 0) {
    place.reading.notes.push({ of: 'templates-ignored', line: field('templates').line })
  }
  const route = field('route')
  if (!route.isThere) {
    place.wrong('there is no route: one is needed, with a receiver')
    return null
  }
  const names = { receivers: receivers.map(({ name }) => name), intervals: Object.keys(intervals) }
  return {
    resolveTimeout: readResolveTimeout(field('global')),
    root: readRoot(route, names),
    receivers,
    inhibitRules: field('inhibit_rules').items().map(readInhibitRule),
    intervals,
    tiers: readTiers(field('sluice')),
  }
}

function readResolveTimeout(place: Place): number {
  const given = place.pairs().find(({ name }) => name === 'resolve_timeout')
  return given?.value.duration(RESOLVE_MS) ?? RESOLVE_MS
}

const RESOLVE_MS = 5 * 60_000
const DEFAULTS = { wait: 30_000, interval: 5 * 60_000, repeat: 4 * 3_600_000 }

// --- routes -----------------------------------------------------------------------------------------------------------

const ROUTE = [
  ...['receiver', 'group_by', 'continue', 'matchers', 'match', 'match_re', 'group_wait', 'group_interval'],
  ...['repeat_interval', 'mute_time_intervals', 'active_time_intervals', 'routes'],
]

interface Names {
  receivers: readonly string[]
  intervals: readonly string[]
}

function readRoot(place: Place, names: Names): RouteNode {
  const field = place.fields(ROUTE)
  if (!field('receiver').isThere) place.wrong('the first route needs a receiver')
  for (const name of ['matchers', 'match', 'match_re']) {
    if (field(name).isThere && !field(name).isEmpty)
      field(name).wrong('the first route takes every alert and has no matchers')
  }
  for (const name of ['mute_time_intervals', 'active_time_intervals']) {
    if (field(name).items().length > 0)
      field(name).wrong('the first route has no times: it takes what is left')
  }
  const parent = { receiver: '', groupBy: [], ...DEFAULTS } as const
  return readRoute(place, { names, parent, id: '0' })
}

type Inherited = Pick<RouteNode, 'receiver' | 'groupBy' | 'wait' | 'interval' | 'repeat'>

function readRoute(
  place: Place,
  { names, parent, id }: { names: Names; parent: Inherited; id: string },
): RouteNode {
  const field = place.fields(ROUTE)
  const receiver = field('receiver').text() ?? parent.receiver
  if (field('receiver').isThere && !names.receivers.includes(receiver)) {
    field('receiver').wrong(`there is no receiver "${receiver}"`)
  }
  const own: Inherited = {
    receiver,
    groupBy: readGroupBy(field('group_by')) ?? parent.groupBy,
    wait: field('group_wait').duration(parent.wait),
    interval: field('group_interval').duration(parent.interval),
    repeat: field('repeat_interval').duration(parent.repeat),
  }
  if (field('group_interval').isThere && own.interval === 0)
    field('group_interval').wrong('this cannot be zero')
  if (field('repeat_interval').isThere && own.repeat === 0)
    field('repeat_interval').wrong('this cannot be zero')
  return {
    id,
    ...own,
    matchers: readAllMatchers(field),
    goesOn: field('continue').flag(false),
    muteTimes: readTimeNames(field('mute_time_intervals'), names),
    activeTimes: readTimeNames(field('active_time_intervals'), names),
    routes: field('routes')
      .items()
      .map((each, at) => readRoute(each, { names, parent: own, id: `${id}.${at}` })),
  }
}

function readGroupBy(place: Place): readonly string[] | '...' | null {
  if (!place.isThere) return null
  const names = place.items().flatMap((item) => item.text() ?? [])
  repeated(place, names)
  if (names.includes('...')) {
    if (names.length > 1) place.wrong('"..." means all labels and stands alone')
    return '...'
  }
  return names
}

function readTimeNames(place: Place, { intervals }: Names): readonly string[] {
  return place.items().flatMap((item) => {
    const name = item.text()
    if (name !== null && !intervals.includes(name)) item.wrong(`there is no time interval "${name}"`)
    return name ?? []
  })
}

/** `matchers` and the older `match` and `match_re`; all must hold. */
function readAllMatchers(field: (name: string) => Place, prefix = ''): readonly Matcher[] {
  const plain = field(`${prefix}match`).pairs()
  const patterns = field(`${prefix}match_re`).pairs()
  const old = [
    ...plain.map(({ name, value }) => ({
      place: value,
      matcher: { name, op: '=', value: value.text() ?? '' } as const,
    })),
    ...patterns.map(({ name, value }) => ({
      place: value,
      matcher: { name, op: '=~', value: value.text() ?? '' } as const,
    })),
  ]
  const checked = old.filter(({ place, matcher }) => isSound(place, [matcher])).map(({ matcher }) => matcher)
  return [...checked, ...readMatchers(field(`${prefix}matchers`))]
}

function readMatchers(place: Place): readonly Matcher[] {
  return place.items().flatMap((item) => {
    const text = item.text()
    const parsed = text === null ? null : parseMatchers(text)
    if (!parsed) return []
    if (!parsed.ok) {
      item.wrong(`"${text}" is not a matcher: ${parsed.because} (character ${parsed.at + 1})`)
      return []
    }
    return isSound(item, parsed.value) ? parsed.value : []
  })
}

function isSound(place: Place, matchers: readonly Matcher[]): boolean {
  const compiled = compileMatchers(matchers)
  if (!compiled.ok)
    place.wrong(`"${compiled.matcher.value}" is not a regular expression: ${compiled.because}`)
  return compiled.ok
}

function repeated(place: Place, names: readonly string[]): void {
  for (const name of new Set(names.filter((each, at) => names.indexOf(each) !== at))) {
    place.wrong(`"${name}" stands here twice`)
  }
}

// --- receivers --------------------------------------------------------------------------------------------------------

function readReceiver(place: Place): ReceiverConfig {
  const pairs = place.pairs()
  const of = (name: string) =>
    pairs.find((each) => each.name === name)?.value ?? new Place(place.reading, null, `${place.path}.${name}`)
  const name = of('name').text() ?? ''
  if (name === '') place.wrong('a receiver needs a name')
  const unsupported: string[] = []
  for (const { name: kind, value } of pairs) {
    if (['name', 'webhook_configs', 'sluice_configs'].includes(kind)) continue
    if (!kind.endsWith('_configs')) value.wrong(`there is no field "${kind}" here`)
    else if (value.items().length > 0) {
      unsupported.push(kind.replace(/_configs$/, ''))
      place.reading.notes.push({ of: 'unsupported-receiver', receiver: name, kind, line: value.line })
    }
  }
  return {
    name,
    hooks: of('webhook_configs').items().map(readHook),
    cards: of('sluice_configs').items().map(readCards),
    unsupported,
  }
}

function readHook(place: Place): HookConfig {
  const field = place.fields(['url', 'url_file', 'send_resolved', 'max_alerts', 'http_config', 'timeout'])
  const url = field('url').text()
  if (field('url_file').isThere)
    field('url_file').wrong('an address in a file is not read here; write it as url')
  else if (url === null) place.wrong('a webhook needs a url')
  else if (!/^https?:$/.test(protocolOf(url))) field('url').wrong(`"${url}" is not an http address`)
  return {
    url: url ?? '',
    sendResolved: field('send_resolved').flag(true),
    maxAlerts: field('max_alerts').count(0),
    authorization: readAuthorization(field('http_config')),
  }
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : ''
}

const HTTP = [
  'basic_auth',
  'authorization',
  'bearer_token',
  'tls_config',
  'follow_redirects',
  'enable_http2',
  'proxy_url',
]

/** The header as it is sent. */
function readAuthorization(place: Place): string | null {
  if (!place.isThere) return null
  const field = place.fields(HTTP)
  for (const name of ['tls_config', 'proxy_url']) {
    if (field(name).isThere) field(name).wrong('this is not supported for webhooks; leave it out')
  }
  const bearer = field('bearer_token').text()
  if (bearer !== null) return `Bearer ${bearer}`
  const basic = field('basic_auth')
  if (basic.isThere) {
    const inner = basic.fields(['username', 'password'])
    const pair = `${inner('username').text() ?? ''}:${inner('password').text() ?? ''}`
    return `Basic ${Buffer.from(pair).toString('base64')}`
  }
  const authorization = field('authorization')
  if (!authorization.isThere) return null
  const inner = authorization.fields(['type', 'credentials'])
  return `${inner('type').text() ?? 'Bearer'} ${inner('credentials').text() ?? ''}`
}

function readCards(place: Place): CardsConfig {
  const field = place.fields(['chats', 'escalate'])
  const chats = field('chats')
  const isList = isSeq(chats.node)
  if (chats.isThere && !isList && chats.text() !== 'team')
    chats.wrong('this should be team, or a list of chats')
  return {
    chats: isList ? chats.items().flatMap((item) => item.text() ?? []) : 'team',
    chain: field('escalate').text(),
  }
}

// --- inhibition, times, tiers -----------------------------------------------------------------------------------------

const INHIBIT = [
  ...[
    'source_match',
    'source_match_re',
    'source_matchers',
    'target_match',
    'target_match_re',
    'target_matchers',
  ],
  ...['equal', 'head_start'],
]

function readInhibitRule(place: Place): InhibitRule {
  const field = place.fields(INHIBIT)
  return {
    source: readAllMatchers(field, 'source_'),
    target: readAllMatchers(field, 'target_'),
    equal: field('equal')
      .items()
      .flatMap((item) => item.text() ?? []),
    headStart: field('head_start').duration(0),
  }
}

function readIntervals(places: readonly Place[]): Record<string, readonly TimeInterval[]> {
  const found: Record<string, readonly TimeInterval[]> = {}
  for (const place of places) {
    const field = place.fields(['name', 'time_intervals'])
    const name = field('name').text() ?? ''
    if (name === '') place.wrong('a time interval needs a name')
    if (Object.hasOwn(found, name)) field('name').wrong(`"${name}" stands here twice`)
    found[name] = field('time_intervals').items().map(readInterval)
  }
  return found
}

function readInterval(place: Place): TimeInterval {
  const field = place.fields(['times', 'weekdays', 'days_of_month', 'months', 'years', 'location'])
  const zone = field('location').text() ?? 'UTC'
  if (zone === 'Local' || !isZone(zone))
    field('location').wrong(`"${zone}" is not a zone such as Asia/Shanghai`)
  const ranges = (name: string, read: (text: string) => Range | string) =>
    field(name)
      .items()
      .flatMap((item) => rangeAt(item, read(item.text() ?? '')))
  return {
    times: field('times')
      .items()
      .flatMap((item) => {
        const inner = item.fields(['start_time', 'end_time'])
        return rangeAt(item, readTimes(inner('start_time').text() ?? '', inner('end_time').text() ?? ''))
      }),
    weekdays: ranges('weekdays', readWeekdays),
    daysOfMonth: ranges('days_of_month', readDaysOfMonth),
    months: ranges('months', readMonths),
    years: ranges('years', readYears),
    zone: isZone(zone) ? zone : 'UTC',
  }
}

function rangeAt(place: Place, range: Range | string): readonly Range[] {
  if (typeof range !== 'string') return [range]
  place.wrong(range)
  return []
}

function readTiers(place: Place): RoutingConfig['tiers'] {
  return place
    .fields(['tiers'])('tiers')
    .items()
    .flatMap((item) => {
      const field = item.fields(['matchers', 'tier'])
      const tier = TIERS.find((each) => each === field('tier').text())
      if (!tier) field('tier').wrong('this should be one of P0, P1, P2, P3')
      return tier ? [{ matchers: readMatchers(field('matchers')), tier }] : []
    })
}
