import type { Instant } from '../../lib/clock.ts'
import type { LiveAttempt } from '../jobs/stores.ts'
import type { ClusterSight, EndState, FlinkJobId, ListedJob, TaskCounts } from '../runtimes/runtime.ts'

export interface WatchRules {
  /** A cluster that does not answer for this long is an incident. */
  silentMs: number
  /** So many falls out of "all tasks run" within the window are a restart loop. */
  loopFalls: number
  loopWindowMs: number
  /** Not all tasks running for this long is a restart loop too, whatever Flink calls it. */
  stuckMs: number
  /** An absent job is asked after again at this interval. */
  askAgainMs: number
}

export const WATCH_RULES: WatchRules = {
  silentMs: 60_000,
  loopFalls: 3,
  loopWindowMs: 5 * 60_000,
  stuckMs: 3 * 60_000,
  askAgainMs: 10_000,
}

/** What we remember of one job between two listings. */
export interface JobMemory {
  up: boolean
  downSince: Instant | null
  falls: readonly Instant[]
  loopTold: boolean
  absentSince: Instant | null
  askedAt: Instant | null
}

export interface ClusterMemory {
  silentSince: Instant | null
  silentTold: boolean
  jobs: ReadonlyMap<FlinkJobId, JobMemory>
}

export const NOTHING_SEEN: ClusterMemory = { silentSince: null, silentTold: false, jobs: new Map() }

export type WatchEvent =
  | { of: 'cluster-silent'; since: Instant; because: string; first: boolean; tell: boolean }
  | { of: 'cluster-back'; silentMs: number }
  | { of: 'running'; live: LiveAttempt; tasks: TaskCounts }
  | { of: 'recovering'; live: LiveAttempt; flink: string; tasks: TaskCounts }
  | { of: 'looping'; live: LiveAttempt; falls: number }
  | { of: 'over'; live: LiveAttempt; state: EndState; endedAt: Instant | null }
  /** The cluster answers and does not list it: its end must be proved, or it is lost. */
  | { of: 'absent'; live: LiveAttempt; since: Instant }

export interface Reduced {
  memory: ClusterMemory
  events: readonly WatchEvent[]
}

/**
 * The whole of watching as a rule: what was, what a listing shows, and what follows. A silent cluster changes nothing
 * about its jobs.
 */
export function reduce(
  memory: ClusterMemory,
  {
    sight,
    live,
    now,
    rules,
  }: { sight: ClusterSight; live: readonly LiveAttempt[]; now: Instant; rules: WatchRules },
): Reduced {
  if (sight.is === 'unreachable') return reduceSilence(memory, sight.because, now, rules)
  const events: WatchEvent[] = []
  if (memory.silentSince !== null) events.push({ of: 'cluster-back', silentMs: now - memory.silentSince })
  const listed = new Map(sight.jobs.map((job) => [job.flinkJobId, job]))
  const jobs = new Map<FlinkJobId, JobMemory>()
  for (const attempt of live) {
    const id = attempt.attempt.flinkJobId
    const known = memory.jobs.get(id) ?? firstMemory(attempt, now)
    const reduced = reduceJob(known, { attempt, listed: listed.get(id), now, rules })
    jobs.set(id, reduced.memory)
    // An operation at work knows more than a listing does; its own writes come first.
    if (!attempt.operating) events.push(...reduced.events)
  }
  return { memory: { silentSince: null, silentTold: false, jobs }, events }
}

function reduceSilence(memory: ClusterMemory, because: string, now: Instant, rules: WatchRules): Reduced {
  const first = memory.silentSince === null
  const since = memory.silentSince ?? now
  const tell = !memory.silentTold && now - since >= rules.silentMs
  const events: WatchEvent[] = first || tell ? [{ of: 'cluster-silent', since, because, first, tell }] : []
  return { memory: { ...memory, silentSince: since, silentTold: memory.silentTold || tell }, events }
}

function firstMemory(live: LiveAttempt, now: Instant): JobMemory {
  const up = live.job.state.is === 'running'
  return {
    up,
    downSince: up ? null : now,
    falls: [],
    loopTold: false,
    absentSince: null,
    askedAt: null,
  }
}

interface JobInput {
  attempt: LiveAttempt
  listed: ListedJob | undefined
  now: Instant
  rules: WatchRules
}

function reduceJob(memory: JobMemory, input: JobInput): { memory: JobMemory; events: WatchEvent[] } {
  const { listed } = input
  if (!listed) return reduceAbsent(memory, input)
  const seen = { ...memory, absentSince: null, askedAt: null }
  if (isEnd(listed)) {
    const { state, endedAt } = listed
    return { memory: seen, events: [{ of: 'over', live: input.attempt, state, endedAt }] }
  }
  return allTasksRun(listed) ? reduceUp(seen, input, listed) : reduceDown(seen, input, listed)
}

function reduceAbsent(
  memory: JobMemory,
  { attempt, now, rules }: JobInput,
): { memory: JobMemory; events: WatchEvent[] } {
  const since = memory.absentSince ?? now
  const ask = memory.askedAt === null || now - memory.askedAt >= rules.askAgainMs
  const events: WatchEvent[] = ask ? [{ of: 'absent', live: attempt, since }] : []
  return { memory: { ...memory, absentSince: since, askedAt: ask ? now : memory.askedAt }, events }
}

function reduceUp(
  memory: JobMemory,
  { attempt, now, rules }: JobInput,
  { tasks }: ListedJob,
): { memory: JobMemory; events: WatchEvent[] } {
  const falls = memory.falls.filter((at) => at > now - rules.loopWindowMs)
  const calm = falls.length === 0
  const events: WatchEvent[] = []
  // A loop comes up for a moment each time; it has recovered only when it stayed up.
  if (attempt.job.state.is !== 'running' || (memory.loopTold && calm))
    events.push({ of: 'running', live: attempt, tasks })
  return {
    memory: {
      ...memory,
      up: true,
      downSince: null,
      falls,
      loopTold: memory.loopTold && !calm,
    },
    events,
  }
}

function reduceDown(
  memory: JobMemory,
  { attempt, now, rules }: JobInput,
  { state, tasks }: ListedJob,
): { memory: JobMemory; events: WatchEvent[] } {
  const downSince = memory.downSince ?? now
  const recent = memory.falls.filter((at) => at > now - rules.loopWindowMs)
  const falls = memory.up ? [...recent, now] : recent
  const loops = falls.length >= rules.loopFalls || now - downSince >= rules.stuckMs
  const events: WatchEvent[] = []
  if (attempt.job.state.is !== 'recovering')
    events.push({ of: 'recovering', live: attempt, flink: state, tasks })
  if (loops && !memory.loopTold) events.push({ of: 'looping', live: attempt, falls: falls.length })
  return { memory: { ...memory, up: false, downSince, falls, loopTold: memory.loopTold || loops }, events }
}

function isEnd(job: ListedJob): job is ListedJob & { state: EndState } {
  return job.state === 'FAILED' || job.state === 'CANCELED' || job.state === 'FINISHED'
}

/** RUNNING alone says nothing: with too few slots a job is RUNNING while its tasks wait. */
function allTasksRun({ state, tasks }: ListedJob): boolean {
  return state === 'RUNNING' && tasks.total > 0 && tasks.running + tasks.finished === tasks.total
}
