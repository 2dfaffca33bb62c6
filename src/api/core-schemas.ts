import { z } from 'zod'
import { OPERATION_VERBS, OWN_ALERTS, type OwnAlertKind, TIERS } from '../platform/platform.ts'
import { list, time } from './schemas.ts'

export const OWN_KINDS = Object.keys(OWN_ALERTS) as OwnAlertKind[]

/** What several resources show: jobs, releases, operations and what stands around them. */

const causeFields = {
  exception: z.string(),
  message: z.string(),
  at: time.nullable(),
  task: z.string().nullable(),
}
export const cause = z.object({ ...causeFields, stack: z.string() }).meta({ id: 'Cause' })
/** Without the stack: in lists it would outweigh everything else. */
const briefCause = z.object(causeFields)

const taskCounts = z.object({ total: z.int(), running: z.int(), finished: z.int(), failed: z.int() })

const jobState = z.discriminatedUnion('is', [
  z.object({ is: z.literal('new') }),
  z.object({ is: z.literal('stopped'), savepointId: z.string().nullable() }),
  z.object({ is: z.literal('starting'), attempt: z.int(), deadline: time }),
  z.object({ is: z.literal('running'), attempt: z.int(), tasks: taskCounts }),
  z.object({ is: z.literal('recovering'), attempt: z.int(), flink: z.string(), tasks: taskCounts }),
  z.object({ is: z.literal('stopping'), attempt: z.int(), deadline: time }),
  z.object({ is: z.literal('failed'), attempt: z.int(), cause: briefCause.nullable() }),
  z.object({
    is: z.literal('ended'),
    attempt: z.int(),
    as: z.enum(['FAILED', 'CANCELED', 'FINISHED']),
    outside: z.boolean(),
  }),
  z.object({ is: z.literal('lost'), attempt: z.int(), since: time, because: z.string() }),
])

export const restartPolicy = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('none') }),
  z.strictObject({
    is: z.literal('on-failure'),
    limit: z.int().min(1).max(1000),
    windowMs: z.int().min(1000).max(2_000_000_000),
    backoffMs: z.int().min(0).max(2_000_000_000),
    backoffCapMs: z.int().min(0).max(2_000_000_000),
  }),
])

export const job = z
  .object({
    id: z.string(),
    name: z.string(),
    team: z.object({ id: z.string(), name: z.string() }),
    environment: z.string(),
    cluster: z.object({ id: z.string(), name: z.string(), sandbox: z.boolean() }),
    kind: z.enum(['jar', 'sql']),
    note: z.string(),
    state: jobState,
    stateSince: time,
    desired: z.enum(['running', 'stopped']),
    effectiveRelease: z.int().nullable(),
    releases: z.int(),
    attempts: z.int(),
    generation: z.int(),
    restartPolicy,
    createdAt: time,
    importance: z.enum(['critical', 'normal', 'minor']),
    archivedAt: time.nullable(),
  })
  .meta({ id: 'Job' })

export const release = z
  .object({
    jobId: z.string(),
    number: z.int(),
    program: z.discriminatedUnion('is', [
      z.object({
        is: z.literal('jar'),
        digest: z.string(),
        fileName: z.string(),
        entryClass: z.string().nullable(),
        args: list(z.string()),
      }),
      z.object({ is: z.literal('sql'), script: z.string() }),
    ]),
    parallelism: z.int().nullable(),
    flinkSettings: z.record(z.string(), z.string()).readonly(),
    flinkVersion: z.string().nullable(),
    clusterId: z.string(),
    savepointDir: z.string().nullable(),
    note: z.string(),
    author: z.string(),
    createdAt: time,
  })
  .meta({ id: 'Release' })

export const releaseChange = z
  .object({
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
  .meta({ id: 'ReleaseChange' })

const proof = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(['flink-terminal', 'archived']),
    state: z.enum(['FAILED', 'CANCELED', 'FINISHED']),
    endedAt: time.nullable(),
  }),
  z.object({ kind: z.literal('ended-and-forgotten') }),
  z.object({ kind: z.literal('jobmanager-replaced'), born: z.int(), now: z.int() }),
  z.object({
    kind: z.literal('yarn-final'),
    applicationId: z.string(),
    state: z.enum(['FAILED', 'CANCELED', 'FINISHED']),
    endedAt: time.nullable(),
  }),
  z.object({ kind: z.literal('resource-manager-replaced'), born: z.int(), now: z.int() }),
  z.object({ kind: z.literal('never-submitted') }),
  z.object({ kind: z.literal('forced'), by: z.string(), reason: z.string() }),
])

const identity = z.discriminatedUnion('on', [
  z.object({ on: z.literal('session'), flinkJobId: z.string() }),
  z.object({ on: z.literal('yarn'), applicationId: z.string(), flinkJobId: z.string() }),
])

export const attempt = z
  .object({
    id: z.string(),
    jobId: z.string(),
    number: z.int(),
    release: z.int(),
    parallelism: z.int().nullable(),
    clusterId: z.string(),
    operationId: z.string().nullable(),
    identity,
    flinkJobId: z.string(),
    state: z.enum(['intended', 'submitting', 'live', 'over']),
    born: z.int().nullable(),
    restoredFrom: z.string().nullable(),
    proof: proof.nullable(),
    intendedAt: time,
    liveAt: time.nullable(),
    overAt: time.nullable(),
  })
  .meta({ id: 'Attempt' })

export const savepoint = z
  .object({
    id: z.string(),
    jobId: z.string(),
    path: z.string(),
    origin: z.enum(['savepoint', 'stop', 'checkpoint', 'adopted', 'typed']),
    at: time,
    sizeBytes: z.number().nullable(),
    release: z.int().nullable(),
    attempt: z.int().nullable(),
    presence: z.enum(['there', 'gone', 'unknown']),
    readableBy: list(z.int()),
    notReadableBy: list(z.int()),
  })
  .meta({ id: 'Savepoint' })

const startFrom = z.discriminatedUnion('is', [
  z.object({ is: z.literal('latest') }),
  z.object({ is: z.literal('none') }),
  z.object({ is: z.literal('savepoint'), id: z.string() }),
])

const order = z.discriminatedUnion('verb', [
  z.object({ verb: z.literal('start'), release: z.int().nullable(), from: startFrom }),
  z.object({ verb: z.literal('stop'), how: z.enum(['savepoint', 'drain', 'plain']) }),
  z.object({
    verb: z.literal('restart'),
    release: z.int().nullable(),
    how: z.enum(['savepoint', 'plain']),
    from: startFrom,
  }),
  z.object({ verb: z.literal('rollback'), to: z.int().nullable(), from: startFrom }),
  z.object({ verb: z.literal('savepoint') }),
  z.object({ verb: z.literal('scale'), parallelism: z.int() }),
  z.object({ verb: z.literal('cancel') }),
  z.object({ verb: z.literal('adopt'), flinkJobId: z.string(), release: z.int().nullable() }),
])

const restoreChoice = z.discriminatedUnion('is', [
  z.object({ is: z.literal('nothing') }),
  z.object({ is: z.literal('taken-now') }),
  z.object({ is: z.literal('newest-checkpoint') }),
  z.object({
    is: z.literal('savepoint'),
    id: z.string(),
    path: z.string(),
    at: time,
    origin: z.string(),
    release: z.int().nullable(),
  }),
])

const planWarning = z.discriminatedUnion('of', [
  z.object({ of: z.literal('replays'), sinceMs: z.number() }),
  z.object({ of: z.literal('state-not-proved'), writer: z.int().nullable(), reader: z.int() }),
  z.object({ of: z.literal('sql-changed') }),
  z.object({ of: z.literal('no-state') }),
  z.object({ of: z.literal('cluster-silent'), since: time }),
  z.object({ of: z.literal('flink-major-changed'), from: z.string(), to: z.string() }),
])

const plan = z.object({
  verb: z.enum(OPERATION_VERBS),
  fromRelease: z.int().nullable(),
  toRelease: z.int().nullable(),
  parallelism: z.int().nullable(),
  stop: z.enum(['savepoint', 'drain', 'plain']).nullable(),
  restore: restoreChoice.nullable(),
  changes: list(releaseChange),
  warnings: list(planWarning),
  attempts: z.int(),
})

const someTasks = z.object({ running: z.int(), total: z.int() })
const taken = z.object({ id: z.string(), path: z.string() })

const outcome = z.discriminatedUnion('is', [
  z.object({
    is: z.literal('running'),
    release: z.int(),
    attempt: z.int(),
    tookMs: z.number(),
    restoredFrom: z.string().nullable(),
    tasks: someTasks,
    parallelism: z.int().nullable(),
  }),
  z.object({ is: z.literal('stopped'), savepoint: taken.nullable(), tookMs: z.number() }),
  z.object({ is: z.literal('savepoint-taken'), savepoint: taken, tookMs: z.number() }),
  z.object({ is: z.literal('adopted'), attempt: z.int(), release: z.int() }),
  z.object({ is: z.literal('finished'), release: z.int(), attempt: z.int(), tookMs: z.number() }),
  z.object({
    is: z.literal('not-done'),
    why: z.string(),
    now: z.enum([
      'running-as-before',
      'running-former-release',
      'still-trying',
      'stopped',
      'failed',
      'unclear',
    ]),
    cause: cause.nullable(),
    release: z.int().nullable(),
  }),
])

export const operationState = z.enum([
  'waiting-approval',
  'queued',
  'running',
  'done',
  'failed',
  'refused',
  'cancelled',
])

export const operation = z
  .object({
    id: z.string(),
    job: z.object({
      id: z.string(),
      name: z.string(),
      environment: z.string(),
      team: z.string(),
      sandbox: z.boolean(),
    }),
    order,
    state: operationState,
    plan: plan.nullable(),
    progress: z.object({ phase: z.string(), since: time, tasks: someTasks.nullable() }).nullable(),
    outcome: outcome.nullable(),
    requester: z.object({ memberId: z.string().nullable(), name: z.string() }),
    via: z.string(),
    reason: z.string().nullable(),
    force: z.boolean(),
    approval: z
      .object({
        state: z.enum(['open', 'approved', 'rejected', 'expired']),
        expiresAt: time,
        decider: z.string().nullable(),
        decidedAt: time.nullable(),
        note: z.string().nullable(),
      })
      .nullable(),
    cancelAskedBy: z.string().nullable(),
    requestId: z.string(),
    version: z.int(),
    createdAt: time,
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    usualMs: z.number().nullable(),
  })
  .meta({ id: 'Operation' })

export const cluster = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['session', 'yarn']),
    yarn: z.object({ queue: z.string(), user: z.string() }).nullable(),
    environment: z.string(),
    address: z.string(),
    managed: z.boolean(),
    sandbox: z.boolean(),
    room: z
      .discriminatedUnion('of', [
        z.object({
          of: z.literal('slots'),
          ...{ flinkVersion: z.string(), taskManagers: z.int() },
          ...{ slotsTotal: z.int(), slotsFree: z.int() },
        }),
        z.object({
          of: z.literal('memory'),
          ...{ nodes: z.int(), totalMb: z.int(), freeMb: z.int(), totalCores: z.int(), freeCores: z.int() },
        }),
      ])
      .nullable(),
    reach: z.discriminatedUnion('is', [
      z.object({ is: z.literal('reachable'), at: time }),
      z.object({ is: z.literal('silent'), since: time, because: z.string() }),
      z.object({ is: z.literal('not-seen') }),
    ]),
    jobs: z.int(),
  })
  .meta({ id: 'Cluster' })

const texts = z.record(z.string(), z.string())

export const incident = z
  .object({
    id: z.string(),
    kind: z.enum([...OWN_KINDS, 'outside', 'manual']),
    subject: z.discriminatedUnion('is', [
      z.object({ is: z.literal('job'), id: z.string(), name: z.string() }),
      z.object({ is: z.literal('cluster'), id: z.string(), name: z.string() }),
      z.object({ is: z.literal('alerts'), name: z.string() }),
    ]),
    labels: texts,
    annotations: texts,
    environment: z.string(),
    team: z.string().nullable(),
    tier: z.enum(TIERS),
    generation: z.int(),
    version: z.int(),
    state: z.enum(['triggered', 'acknowledged', 'resolved']),
    openedAt: time,
    acked: z
      .object({
        by: z.string(),
        at: time,
        until: time.nullable(),
        onCall: z.boolean(),
        helpers: list(z.string()),
      })
      .nullable(),
    snoozedUntil: time.nullable(),
    assignee: z.string().nullable(),
    silenced: z.boolean(),
    escalation: z.object({ chain: z.string(), step: z.int().nullable(), nextAt: time.nullable() }).nullable(),
    onCall: list(z.object({ name: z.string() })),
    closed: z
      .object({
        as: z.enum(['recovered', 'expired', 'stopped', 'gone', 'by-hand', 'merged']),
        at: time,
        by: z.string().nullable(),
      })
      .nullable(),
    mergedInto: z.string().nullable(),
    alerts: z.object({
      firing: z.int(),
      held: z.int(),
      jobs: list(z.string()),
      flapping: z.int().nullable(),
    }),
    cause: cause.nullable(),
    savepoint: z.object({ id: z.string(), at: time, path: z.string() }).nullable(),
    operation: operation.nullable(),
    facts: z.object({
      restarts: z.int().optional(),
      jobs: z.int().optional(),
      sinceCheckpointMs: z.number().optional(),
      willRestartAt: time.optional(),
      gaveUp: z.boolean().optional(),
      measured: z
        .object({
          metric: z.string(),
          value: z.number(),
          limit: z.number(),
          unit: z.string(),
          usual: z.number().nullable(),
        })
        .optional(),
      about: z.string().optional(),
    }),
    sandbox: z.boolean(),
  })
  .meta({ id: 'Incident' })

const checkpoint = z.object({
  id: z.number(),
  path: z.string().nullable(),
  at: time,
  durationMs: z.number(),
  sizeBytes: z.number(),
  isSavepoint: z.boolean(),
})

export const jobDetail = z.object({
  state: z.string(),
  tasks: taskCounts,
  startedAt: time,
  restarts: z.int().nullable(),
  lastCheckpoint: checkpoint.nullable(),
  restored: z.object({ path: z.string(), isSavepoint: z.boolean(), at: time }).nullable(),
  failedCheckpoints: z.int().nullable(),
  lag: z.object({ records: z.number().nullable(), ms: z.number().nullable() }),
  vertices: list(
    z.object({
      id: z.string(),
      name: z.string(),
      parallelism: z.int(),
      state: z.string(),
      readRecords: z.number().nullable(),
      writeRecords: z.number().nullable(),
      backPressuredMsPerSecond: z.number().nullable(),
      busyMsPerSecond: z.number().nullable(),
    }),
  ),
})
