import type {
  CheckpointSight,
  EndState,
  FlinkState,
  JobDetail,
  ListedJob,
  RuntimeCause,
  TaskCounts,
  TriggerSight,
  VertexSight,
} from '../runtime.ts'
import { flinkJobId } from '../runtime.ts'
import type { Aggregated, Checkpoints, Exceptions, Job, Listing, Planned, Trigger } from './schemas.ts'

/** Flink's error document: `{"errors":["message or stack", …]}`. */
export interface FlinkError {
  exception: string
  message: string
  text: string
}

/** Null when the document is not Flink's. */
export function readFlinkError(json: unknown): FlinkError | null {
  if (typeof json !== 'object' || json === null || !('errors' in json) || !Array.isArray(json.errors))
    return null
  const text = json.errors.filter((entry) => typeof entry === 'string').join('\n')
  return { ...rootCause(text), text: text.slice(0, MAX_STACK) }
}

const MAX_STACK = 64 * 1024
const MAX_MESSAGE = 2_000

/**
 * The cause that a reader needs: the last `Caused by` of a stack, unless an outer one knows a line and column that the
 * last one lost.
 */
export function rootCause(stack: string): { exception: string; message: string } {
  const causes = causesOf(stack)
  const last = causes.at(-1) ?? { exception: '', message: '' }
  const telling = causes.findLast((cause) => POSITION.test(cause.message)) ?? last
  const statement = causes
    .map((cause) => STATEMENT.exec(cause.message)?.[0])
    .find((prefix) => prefix !== undefined)
  if (statement === undefined || telling.message.startsWith(statement)) return telling
  return { ...telling, message: `${statement}${telling.message}` }
}

/** The SQL runner says first which statement of the script it was; line and column count from there. */
const STATEMENT = /^statement \d+: /

const POSITION = /\bline \d+, column \d+/

function causesOf(stack: string): { exception: string; message: string }[] {
  const text = stack
    .replace(/^Internal server error\.\n/, '')
    .replace(/<Exception on server side:\n?/g, '')
    .replace(/End of exception on server side>/g, '')
  const parts = text.split(/^\s*Caused by: /m)
  return parts.map((part) => named(headOf(part))).filter((cause) => cause.exception || cause.message)
}

/** The message may have several lines; the frames below it begin with a tab and `at`. */
function headOf(part: string): string {
  const lines: string[] = []
  for (const line of part.split('\n')) {
    if (/^\s+at \S/.test(line) || /^\s*\.\.\. \d+ more/.test(line)) break
    lines.push(line)
  }
  return lines.join('\n').trim()
}

const CLASS = String.raw`(?:[a-z_][\w$]*\.)+[A-Z][\w$]*`
const BARE_CLASS = new RegExp(`^(${CLASS})$`)
const CLASS_PREFIX = new RegExp(`^(${CLASS}):\\s*`)

/** Takes off the names of classes in front: wrapping doubles them, and the last one is the most telling. */
function named(head: string): { exception: string; message: string } {
  const bare = BARE_CLASS.exec(head)
  if (bare) return { exception: bare[1] ?? '', message: '' }
  let exception = ''
  let message = head
  for (let found = CLASS_PREFIX.exec(message); found; found = CLASS_PREFIX.exec(message)) {
    exception = found[1] ?? exception
    message = message.slice(found[0].length)
  }
  return { exception, message: tidied(message) }
}

function tidied(message: string): string {
  return message
    .replace(/\n?Was expecting one of:?[\s\S]*$/, '')
    .replace(/^((?:SQL validation failed|SQL parse failed)\.\s*)(?:\1)+/, '$1')
    .trim()
    .slice(0, MAX_MESSAGE)
}

/** The name of the class is all that the versions agree on: up to 1.20 a job, from 2.x on an application. */
export function saysDuplicate(error: FlinkError): boolean {
  return /Duplicate(Job|Application)SubmissionException/.test(`${error.exception}\n${error.text}`)
}

export function saysJarIsGone(error: FlinkError): boolean {
  return /Jar file .* does not exist/.test(error.text)
}

/**
 * Whether an error answer to a run leaves open what will come of it. A client error is Flink's last word on the
 * request, unless something inside ran out of time; a server error is, when main() was never entered.
 */
export function leavesOpen(status: number, error: FlinkError): boolean {
  if (
    /TimeoutException|leader election|LocalFencedMessage|FencingTokenException|ConnectionException/.test(
      error.text,
    )
  )
    return true
  if (status < 500) return false
  return !NEVER_RAN.test(error.text)
}

const NEVER_RAN =
  /entry point class .* was not found|Jar file .* does not exist|ZipException|program plan could not be fetched|ProgramInvocationException|Could not parse value|attempted to exit JVM|Neither a 'Main-Class'/

/** "This JobManager is not in charge (yet)": no statement about any job. */
export function isNotInCharge(status: number): boolean {
  return status === 502 || status === 503 || status === 504
}

export function causeOf(error: FlinkError): RuntimeCause {
  return { exception: error.exception, message: error.message, at: null, task: null, stack: error.text }
}

/** One sentence for a card. A single word (`ClassNotFoundException: com.example.Job`) needs its exception to be one. */
export function sentenceOf(error: { exception: string; message: string }): string {
  const line = error.message.split('\n')[0]?.trim() ?? ''
  const kind = error.exception.split('.').at(-1) ?? ''
  if (line.includes(' ') || kind === '') return line || 'Flink gave no reason'
  return line === '' ? kind : `${kind}: ${line}`
}

export function listedJobs(body: Listing): ListedJob[] {
  return body.jobs.map((row) => ({
    flinkJobId: flinkJobId(row.jid),
    name: row.name,
    state: row.state,
    tasks: tasksOf(row.tasks),
    startedAt: row['start-time'],
    endedAt: row['end-time'] > 0 ? row['end-time'] : null,
  }))
}

function tasksOf(tasks: TaskCounts): TaskCounts {
  return { total: tasks.total, running: tasks.running, finished: tasks.finished, failed: tasks.failed }
}

/** SUSPENDED is no end: with HA another JobManager may carry the job on. */
export function endState(state: FlinkState): EndState | null {
  return state === 'FAILED' || state === 'CANCELED' || state === 'FINISHED' ? state : null
}

/** The failure stands in an answer whose status is COMPLETED, so it is looked at first. */
export function triggerSight(body: Trigger): TriggerSight {
  const failure = body.operation?.['failure-cause']
  if (failure) {
    const stack = failure['stack-trace'] ?? ''
    const cause = rootCause(stack || (failure.class ?? ''))
    return { is: 'failed', because: sentenceOf(cause) }
  }
  if (body.operation?.location) return { is: 'done', path: normalPath(body.operation.location) }
  if (body.status.id === 'IN_PROGRESS') return { is: 'in-progress' }
  return { is: 'unknown', because: `Flink says ${body.status.id} and gives no path` }
}

/** `file:///a`, `file:/a/` and `file:/a` are one place. */
export function normalPath(path: string): string {
  return path.replace(/^file:\/+/, 'file:/').replace(/(.)\/+$/, '$1')
}

export function jobDetail(
  body: Job,
  more: {
    checkpoints: Checkpoints | null
    restarts: number | null
    pressure: ReadonlyMap<string, Pressure>
    lag: Lag
  },
): JobDetail {
  return {
    state: body.state,
    tasks: taskSum(body),
    startedAt: body['start-time'],
    restarts: more.restarts,
    lastCheckpoint: newestCheckpoint(more.checkpoints),
    restored: restoredFrom(more.checkpoints),
    failedCheckpoints: more.checkpoints?.counts?.failed ?? null,
    lag: more.lag,
    vertices: body.vertices.map((vertex) => vertexSight(vertex, more.pressure.get(vertex.id))),
  }
}

export type Lag = JobDetail['lag']
export const NO_LAG: Lag = { records: null, ms: null }

export interface LagMetrics {
  records: string | null
  time: string | null
}

/**
 * What sources call it (FLIP-33), and what Kafka's own client calls it where the source tells nothing. The first of
 * each that is there.
 */
const RECORD_NAMES = [/(^|\.)pendingRecords$/, /(^|\.)records-lag-max$/]
const TIME_NAMES = [/(^|\.)currentEmitEventTimeLag$/, /(^|\.)currentFetchEventTimeLag$/]

export function lagMetrics(names: readonly string[]): LagMetrics {
  const first = (patterns: readonly RegExp[]) =>
    patterns.flatMap((pattern) => names.find((name) => pattern.test(name)) ?? [])[0] ?? null
  return { records: first(RECORD_NAMES), time: first(TIME_NAMES) }
}

export function lagOf(body: Aggregated, names: LagMetrics): Lag {
  const of = (name: string | null) => body.find(({ id }) => id === name)
  return { records: of(names.records)?.sum ?? null, ms: of(names.time)?.max ?? null }
}

/** What waits at all sources, and the delay of the slowest. */
export function lagSum(all: readonly Lag[]): Lag {
  const told = all.flatMap(({ records }) => records ?? [])
  const delays = all.flatMap(({ ms }) => ms ?? [])
  return {
    records: told.length === 0 ? null : told.reduce((sum, each) => sum + each, 0),
    ms: delays.length === 0 ? null : Math.max(...delays),
  }
}

export function isSource({ name }: { name: string }): boolean {
  return name.startsWith('Source')
}

export interface Pressure {
  backPressured: number | null
  busy: number | null
}

function vertexSight(vertex: Job['vertices'][number], pressure: Pressure | undefined): VertexSight {
  return {
    id: vertex.id,
    name: vertex.name,
    parallelism: vertex.parallelism,
    state: vertex.status,
    readRecords: vertex.metrics['read-records'] ?? null,
    writeRecords: vertex.metrics['write-records'] ?? null,
    backPressuredMsPerSecond: pressure?.backPressured ?? null,
    busyMsPerSecond: pressure?.busy ?? null,
  }
}

function taskSum(body: Job): TaskCounts {
  const sum = (state: string) =>
    body.vertices.reduce((total, vertex) => total + (vertex.tasks[state] ?? 0), 0)
  return {
    total: body.vertices.reduce((total, vertex) => total + vertex.parallelism, 0),
    running: sum('RUNNING'),
    finished: sum('FINISHED'),
    failed: sum('FAILED'),
  }
}

function newestCheckpoint(body: Checkpoints | null): CheckpointSight | null {
  const { completed, savepoint } = body?.latest ?? {}
  const newest = [completed, savepoint].filter((one) => one != null).sort((a, b) => b.id - a.id)[0]
  if (!newest) return null
  return {
    id: newest.id,
    path: newest.external_path ? normalPath(newest.external_path) : null,
    at: newest.trigger_timestamp + newest.end_to_end_duration,
    durationMs: newest.end_to_end_duration,
    sizeBytes: newest.state_size,
    isSavepoint: newest.is_savepoint,
  }
}

function restoredFrom(body: Checkpoints | null): JobDetail['restored'] {
  const restored = body?.latest?.restored
  if (!restored?.external_path) return null
  return {
    path: normalPath(restored.external_path),
    isSavepoint: restored.is_savepoint,
    at: restored.restore_timestamp,
  }
}

/**
 * Root causes, newest first. Up to 1.20 Flink tells them twice (`root-exception` and the history), from 2.3 on only in
 * the history. `Recovery is suppressed` wraps the real one; NoResourceAvailable after a lost TaskManager is only what
 * followed, so it goes behind whatever else is known.
 */
export function causesFrom(body: Exceptions): RuntimeCause[] {
  const entries = body.exceptionHistory?.entries ?? []
  const told = entries.map((entry) =>
    toCause(entry.stacktrace || entry.exceptionName || '', entry.timestamp ?? null, entry.taskName ?? null),
  )
  const old = body['root-exception']
  const all = told.length === 0 && old ? [toCause(old, body.timestamp ?? null, null)] : told
  const distinct = deduplicated(all)
  return [...distinct.filter((cause) => !isConsequence(cause)), ...distinct.filter(isConsequence)]
}

function toCause(stack: string, at: number | null, task: string | null): RuntimeCause {
  const named = task === '(global failure)' ? null : task
  return { ...rootCause(stack), at, task: named, stack: stack.slice(0, MAX_STACK) }
}

function isConsequence(cause: RuntimeCause): boolean {
  return /NoResourceAvailableException/.test(cause.exception)
}

function deduplicated(causes: readonly RuntimeCause[]): RuntimeCause[] {
  const seen = new Set<string>()
  return causes.filter((cause) => {
    const key = `${cause.exception}\n${firstUserFrame(cause.stack) ?? cause.message}`
    return !seen.has(key) && seen.add(key)
  })
}

/** Where in the user's own code it broke, of the innermost cause. */
function firstUserFrame(stack: string): string | null {
  const innermost = stack.slice(Math.max(0, stack.lastIndexOf('Caused by: ')))
  const frames = [...innermost.matchAll(/^\s+at (\S+)\(/gm)].map((match) => match[1] ?? '')
  return (
    frames.find(
      (frame) => !/^(org\.apache\.flink|java|javax|jdk|sun|scala|akka|org\.apache\.pekko)\./.test(frame),
    ) ?? null
  )
}

export function operatorsOf(body: Planned): string[] {
  return body.plan.nodes
    .map((node) => readable(node.description || node.operator || ''))
    .filter((name) => name !== '')
}

/** Flink writes descriptions for its own page. */
function readable(html: string): string {
  return html
    .replace(/<br\s*\/?>/g, ' ')
    .replace(/&gt;/g, '>')
    .replace(/&lt;/g, '<')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .trim()
}

/** High availability as the cluster's own config tells it; null when there is no config to read. */
/** Each JobManager process adds a directory name of its own to the one that is configured: `/tmp/flink-web-<uuid>`. */
export function lifeOf(config: readonly { key: string; value: string }[]): string | null {
  const directory = config.find(({ key }) => key === 'web.tmpdir')?.value
  return /flink-web-([0-9a-f-]{36})$/.exec(directory ?? '')?.[1] ?? null
}

export function highAvailabilityOf(config: readonly { key: string; value: string }[]): boolean | null {
  if (config.length === 0) return null
  const value = (key: string) => config.find((entry) => entry.key === key)?.value
  const type = value('high-availability.type') ?? value('high-availability') ?? 'NONE'
  return type.toUpperCase() !== 'NONE'
}
