import { z } from 'zod'
import { type ClusterRoom, flinkJobId, type Identity, type Pulse } from '../runtimes/runtime.ts'
import type { YarnPlace } from '../runtimes/yarn/yarn-place.ts'
import type { Attempt, AttemptProof, JobState, RestartPolicy, Savepoint } from './job.ts'
import type { Approval, OperationState, Order, Outcome, Plan, Progress } from './operation.ts'
import type { Step } from './step.ts'
import type { News } from './stores.ts'

/**
 * JSON columns and tags, back as the types they were written from. A column that does not parse was not written by this
 * Sluice: that is a surprise and throws, naming the column.
 */
type Column<T> = (stored: unknown) => T

/** Compiles only when the schema says what the type says, in both directions: a new member is not forgotten here. */
function column<T>(name: string) {
  return <S extends z.ZodType<T>>(schema: [T] extends [z.output<S>] ? S : never): Column<T> =>
    (stored) => {
      const parsed = schema.safeParse(stored)
      if (parsed.success) return parsed.data
      throw new Error(`Column ${name} holds something unexpected: ${z.prettifyError(parsed.error)}`)
    }
}

/** The same for a column that may be empty. */
export function orNull<T>(parse: Column<T>): Column<T | null> {
  return (stored) => (stored === null || stored === undefined ? null : parse(stored))
}

const instant = z.number()
const flinkId = z.string().transform(flinkJobId)
const count = z.number().int()
const texts = z.record(z.string(), z.string())

const cause = z.object({
  exception: z.string(),
  message: z.string(),
  at: instant.nullable(),
  task: z.string().nullable(),
  stack: z.string(),
})
const tasks = z.object({ total: count, running: count, finished: count, failed: count })
const upTasks = z.object({ running: count, total: count })
const endState = z.enum(['FAILED', 'CANCELED', 'FINISHED'])

export const readJobState = column<JobState>('Job.detail')(
  z.discriminatedUnion('is', [
    z.object({ is: z.literal('new') }),
    z.object({ is: z.literal('stopped'), savepointId: z.string().nullable() }),
    z.object({ is: z.literal('starting'), attempt: count, deadline: instant }),
    z.object({ is: z.literal('running'), attempt: count, tasks }),
    z.object({ is: z.literal('recovering'), attempt: count, flink: z.string(), tasks }),
    z.object({ is: z.literal('stopping'), attempt: count, deadline: instant }),
    z.object({ is: z.literal('failed'), attempt: count, cause: cause.nullable() }),
    z.object({ is: z.literal('ended'), attempt: count, as: endState, outside: z.boolean() }),
    z.object({ is: z.literal('lost'), attempt: count, since: instant, because: z.string() }),
  ]),
)

export const readRestartPolicy = column<RestartPolicy>('Job.restartPolicy')(
  z.discriminatedUnion('is', [
    z.object({ is: z.literal('none') }),
    z.object({
      is: z.literal('on-failure'),
      limit: count,
      windowMs: z.number(),
      backoffMs: z.number(),
      backoffCapMs: z.number(),
    }),
  ]),
)

export const readFlinkSettings = column<Record<string, string>>('Release.flinkSettings')(texts)

export const readProof = column<AttemptProof>('Attempt.proof')(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('flink-terminal'), state: endState, endedAt: instant.nullable() }),
    z.object({ kind: z.literal('archived'), state: endState, endedAt: instant.nullable() }),
    z.object({ kind: z.literal('ended-and-forgotten') }),
    z.object({ kind: z.literal('jobmanager-replaced'), born: count, now: count }),
    z.object({
      kind: z.literal('yarn-final'),
      applicationId: z.string(),
      state: endState,
      endedAt: instant.nullable(),
    }),
    z.object({ kind: z.literal('resource-manager-replaced'), born: count, now: count }),
    z.object({ kind: z.literal('never-submitted') }),
    z.object({ kind: z.literal('forced'), by: z.string(), reason: z.string() }),
  ]),
)

export const readIdentity = column<Identity>('Attempt.identity')(
  z.discriminatedUnion('on', [
    z.object({ on: z.literal('session'), flinkJobId: flinkId }),
    z.object({ on: z.literal('yarn'), applicationId: z.string(), flinkJobId: flinkId }),
  ]),
)

export const readAttemptState = column<Attempt['state']>('Attempt.state')(
  z.enum(['intended', 'submitting', 'live', 'over']),
)

export const readOrigin = column<Savepoint['origin']>('Savepoint.origin')(
  z.enum(['savepoint', 'stop', 'checkpoint', 'adopted', 'typed']),
)

export const readPresence = column<Savepoint['presence']>('Savepoint.presence')(
  z.enum(['there', 'gone', 'unknown']),
)

export const readVerdict = column<'read' | 'refused'>('StateReading.outcome')(z.enum(['read', 'refused']))

// --- operations ---------------------------------------------------------------------------------------------------

const startFrom = z.discriminatedUnion('is', [
  z.object({ is: z.literal('latest') }),
  z.object({ is: z.literal('none') }),
  z.object({ is: z.literal('savepoint'), id: z.string() }),
])

export const readOrder = column<Order>('Operation.order')(
  z.discriminatedUnion('verb', [
    z.object({ verb: z.literal('start'), release: count.nullable(), from: startFrom }),
    z.object({ verb: z.literal('stop'), how: z.enum(['savepoint', 'drain', 'plain']) }),
    z.object({
      verb: z.literal('restart'),
      release: count.nullable(),
      how: z.enum(['savepoint', 'plain']),
      from: startFrom,
    }),
    z.object({ verb: z.literal('rollback'), to: count.nullable(), from: startFrom }),
    z.object({ verb: z.literal('savepoint') }),
    z.object({ verb: z.literal('scale'), parallelism: count }),
    z.object({ verb: z.literal('cancel') }),
    z.object({ verb: z.literal('adopt'), flinkJobId: flinkId, release: count.nullable() }),
  ]),
)

const restore = z.discriminatedUnion('is', [
  z.object({ is: z.literal('nothing') }),
  z.object({ is: z.literal('taken-now') }),
  z.object({ is: z.literal('newest-checkpoint') }),
  z.object({
    is: z.literal('savepoint'),
    id: z.string(),
    path: z.string(),
    at: instant,
    origin: z.string(),
    release: count.nullable(),
  }),
])

const change = z.object({
  field: z.enum([
    'program',
    'entryClass',
    'args',
    'parallelism',
    'setting',
    'flinkVersion',
    'cluster',
    'savepointDir',
  ]),
  key: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
})

const warning = z.discriminatedUnion('of', [
  z.object({ of: z.literal('replays'), sinceMs: z.number() }),
  z.object({ of: z.literal('state-not-proved'), writer: count.nullable(), reader: count }),
  z.object({ of: z.literal('sql-changed') }),
  z.object({ of: z.literal('no-state') }),
  z.object({ of: z.literal('cluster-silent'), since: instant }),
  z.object({ of: z.literal('flink-major-changed'), from: z.string(), to: z.string() }),
])

export const readPlan = column<Plan>('Operation.plan')(
  z.object({
    verb: z.enum(['start', 'stop', 'restart', 'rollback', 'savepoint', 'scale', 'cancel', 'adopt']),
    fromRelease: count.nullable(),
    toRelease: count.nullable(),
    parallelism: count.nullable(),
    stop: z.enum(['savepoint', 'drain', 'plain']).nullable(),
    restore: restore.nullable(),
    changes: z.array(change).readonly(),
    warnings: z.array(warning).readonly(),
    attempts: count,
  }),
)

export const readProgress = column<Progress>('Operation.progress')(
  z.object({
    phase: z.enum([
      'queued',
      'checking',
      'stopping-with-savepoint',
      'stopping',
      'taking-savepoint',
      'submitting',
      'waiting-for-tasks',
      'asking-runtime',
      'going-back',
    ]),
    since: instant,
    tasks: upTasks.nullable(),
  }),
)

const placeOfState = z.object({ id: z.string(), path: z.string() })

export const readOutcome = column<Outcome>('Operation.outcome')(
  z.discriminatedUnion('is', [
    z.object({
      is: z.literal('running'),
      release: count,
      attempt: count,
      tookMs: z.number(),
      restoredFrom: z.string().nullable(),
      tasks: upTasks,
      parallelism: count.nullable(),
    }),
    z.object({ is: z.literal('stopped'), savepoint: placeOfState.nullable(), tookMs: z.number() }),
    z.object({ is: z.literal('savepoint-taken'), savepoint: placeOfState, tookMs: z.number() }),
    z.object({ is: z.literal('adopted'), attempt: count, release: count }),
    z.object({ is: z.literal('finished'), release: count, attempt: count, tookMs: z.number() }),
    z.object({
      is: z.literal('not-done'),
      why: z.enum([
        'cluster-silent',
        'no-room',
        'refused-by-flink',
        'state-not-readable',
        'restore-not-seen',
        'savepoint-failed',
        'did-not-start',
        'failed-after-start',
        'artifact-missing',
        'plan-changed',
        'nothing-runs',
        'already-runs',
        'cancelled',
        'not-seen-in-time',
        'not-found-on-cluster',
        'our-fault',
      ]),
      now: z.enum([
        'running-as-before',
        'running-former-release',
        'still-trying',
        'stopped',
        'failed',
        'unclear',
      ]),
      cause: cause.nullable(),
      release: count.nullable(),
    }),
  ]),
)

const trigger = z.object({ id: z.string(), sentAt: instant })
const startStep = z.object({
  attempt: count,
  release: count,
  restore: z.object({ path: z.string(), writer: count.nullable() }).nullable(),
  since: instant,
})

export const readStep = column<Step>('Operation.step')(
  z.object({
    former: count.nullable(),
    ending: trigger.nullable(),
    ended: z.boolean(),
    saving: trigger.nullable(),
    taken: placeOfState.extend({ at: instant }).nullable(),
    start: startStep.nullable(),
    back: startStep.nullable(),
    wentWrong: z.object({ why: z.string(), cause: z.unknown() }).nullable(),
    faults: count,
  }),
)

export const readApprovalState = column<Approval['state']>('Approval.state')(
  z.enum(['open', 'approved', 'rejected', 'expired']),
)

export const readOperationState = column<OperationState>('Operation.state')(
  z.enum(['waiting-approval', 'queued', 'running', 'done', 'failed', 'refused', 'cancelled']),
)

// --- clusters, incidents, artifacts -------------------------------------------------------------------------------

export const readPulse = column<Pulse>('Cluster.pulse')(
  z.object({
    generation: count,
    life: z.string().nullable().default(null),
    cpuNanos: z.number().nullable(),
    highAvailability: z.boolean().nullable(),
    replacedAt: instant.nullable().default(null),
    readAt: instant,
  }),
)

export const readRoom = column<ClusterRoom>('Cluster.room')(
  z.discriminatedUnion('of', [
    z.object({
      // Rooms of before there was another kind do not say which they are.
      of: z.literal('slots').default('slots'),
      ...{ flinkVersion: z.string(), taskManagers: count, slotsTotal: count, slotsFree: count },
    }),
    z.object({
      of: z.literal('memory'),
      ...{ nodes: count, totalMb: count, freeMb: count, totalCores: count, freeCores: count },
    }),
  ]),
)

const textList = z.array(z.string()).readonly()

export const readYarnPlace = column<YarnPlace>('Cluster.yarn')(
  z.object({
    ...{ resourceManagers: textList, nameNodes: textList, fileSystem: z.string(), hadoopClasspath: textList },
    ...{ user: z.string(), queue: z.string(), logDirectory: z.string() },
    settings: z.record(z.string(), z.string()),
  }),
)

export const readFacts = column<Record<string, unknown>>('Incident.facts')(z.record(z.string(), z.unknown()))

// --- messages between processes -----------------------------------------------------------------------------------

export const readNewsMessage = column<{ from: string; news: readonly News[] }>('news')(
  z.object({
    from: z.string(),
    news: z
      .array(
        z.discriminatedUnion('of', [
          z.object({ of: z.literal('cluster'), clusterId: z.string() }),
          z.object({ of: z.literal('operation'), operationId: z.string(), ended: z.boolean() }),
          z.object({ of: z.literal('job'), jobId: z.string() }),
          z.object({ of: z.literal('alerts'), changed: z.enum(['due', 'routing', 'rules']) }),
        ]),
      )
      .readonly(),
  }),
)
