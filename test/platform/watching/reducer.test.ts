import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JobState } from '../../../src/platform/jobs/job.ts'
import type { LiveAttempt } from '../../../src/platform/jobs/stores.ts'
import {
  type ClusterSight,
  type FlinkState,
  flinkJobId,
  type ListedJob,
} from '../../../src/platform/runtimes/runtime.ts'
import {
  type ClusterMemory,
  NOTHING_SEEN,
  reduce,
  WATCH_RULES,
  type WatchEvent,
} from '../../../src/platform/watching/reducer.ts'

const ID = flinkJobId('a'.repeat(32))
const SECOND = 1_000

function attempt(state: JobState, { operating = false } = {}): LiveAttempt {
  return {
    attempt: {
      id: 'att_1',
      jobId: 'job_1',
      number: 1,
      release: 1,
      parallelism: 1,
      clusterId: 'clu_1',
      operationId: null,
      identity: { on: 'session', flinkJobId: ID },
      flinkJobId: ID,
      state: 'live',
      born: 1,
      restoredFrom: null,
      proof: null,
      intendedAt: 0,
      liveAt: 0,
      overAt: null,
    },
    job: { id: 'job_1', name: 'orders-cdc', teamName: 'data', state, desired: 'running', generation: 1 },
    operating,
  }
}

const RUNNING: JobState = {
  is: 'running',
  attempt: 1,
  tasks: { total: 2, running: 2, finished: 0, failed: 0 },
}
const RECOVERING: JobState = {
  is: 'recovering',
  attempt: 1,
  flink: 'RESTARTING',
  tasks: { total: 2, running: 0, finished: 0, failed: 0 },
}

function listed(state: FlinkState, running = state === 'RUNNING' ? 2 : 0): ListedJob {
  const endedAt = state === 'FAILED' || state === 'CANCELED' || state === 'FINISHED' ? 5 : null
  return {
    flinkJobId: ID,
    name: 'orders-cdc',
    state,
    tasks: { total: 2, running, finished: 0, failed: 0 },
    startedAt: 1,
    endedAt,
  }
}

function seen(...jobs: ListedJob[]): ClusterSight {
  return { is: 'seen', at: 0, jobs }
}

const SILENT: ClusterSight = { is: 'unreachable', at: 0, because: 'connection refused' }

/** Feeds listings five seconds apart; the job's state follows what the events say, as the database would. */
function watch(sights: readonly ClusterSight[], first: JobState = RUNNING): string[] {
  let memory: ClusterMemory = NOTHING_SEEN
  let state = first
  const told: string[] = []
  sights.forEach((sight, index) => {
    const live = [attempt(state)]
    const reduced = reduce(memory, { sight, live, now: index * 5 * SECOND, rules: WATCH_RULES })
    memory = reduced.memory
    for (const event of reduced.events) {
      told.push(event.of)
      state = follow(state, event)
    }
  })
  return told
}

function follow(state: JobState, event: WatchEvent): JobState {
  if (event.of === 'running') return RUNNING
  return event.of === 'recovering' ? RECOVERING : state
}

describe('watching', () => {
  it('says nothing while all tasks run', () => {
    expect(watch([seen(listed('RUNNING')), seen(listed('RUNNING'))])).toEqual([])
  })

  it('does not take RUNNING with waiting tasks for running', () => {
    expect(watch([seen(listed('RUNNING', 1))])).toEqual(['recovering'])
  })

  it('tells a fall and the recovery', () => {
    expect(watch([seen(listed('RESTARTING')), seen(listed('RUNNING'))])).toEqual(['recovering', 'running'])
  })

  it.each([
    'FAILED',
    'CANCELED',
    'FINISHED',
  ] as const)('tells that a job is over when Flink says %s', (state) => {
    expect(watch([seen(listed(state))])).toEqual(['over'])
  })

  it('calls three falls within five minutes a loop, once', () => {
    const flapping = [1, 2, 3, 4, 5].flatMap(() => [seen(listed('RUNNING')), seen(listed('RESTARTING'))])

    const told = watch(flapping)

    expect(told.filter((event) => event === 'looping')).toHaveLength(1)
  })

  it('calls three minutes without all tasks running a loop', () => {
    const stuck = Array.from({ length: 40 }, () => seen(listed('RESTARTING')))

    expect(watch(stuck).filter((event) => event === 'looping')).toEqual(['looping'])
  })

  it('concludes nothing about jobs from a cluster that does not answer, and tells its silence after a minute', () => {
    const told = watch(Array.from({ length: 20 }, () => SILENT))

    expect(told).toEqual(['cluster-silent', 'cluster-silent'])
  })

  it('tells that a cluster is back', () => {
    expect(watch([SILENT, seen(listed('RUNNING'))])).toEqual(['cluster-silent', 'cluster-back'])
  })

  it('asks after an absent job at intervals instead of calling it over', () => {
    const told = watch(Array.from({ length: 5 }, () => seen()))

    expect(told).toEqual(['absent', 'absent', 'absent'])
  })

  it('leaves a job alone while an operation works on it', () => {
    const live = [attempt(RUNNING, { operating: true })]

    const { events } = reduce(NOTHING_SEEN, {
      sight: seen(listed('FAILED')),
      live,
      now: 0,
      rules: WATCH_RULES,
    })

    expect(events).toEqual([])
  })

  it('never says "over" unless a listing showed an end state', () => {
    const states: readonly FlinkState[] = [
      'INITIALIZING',
      'CREATED',
      'RUNNING',
      'FAILING',
      'CANCELLING',
      'RESTARTING',
      'SUSPENDED',
      'RECONCILING',
    ]
    const anySight = fc.oneof(
      fc.constant(SILENT),
      fc.constant(seen()),
      fc
        .tuple(fc.constantFrom(...states), fc.integer({ min: 0, max: 2 }))
        .map(([state, running]) => seen(listed(state, running))),
    )
    fc.assert(
      fc.property(fc.array(anySight, { maxLength: 60 }), (sights) => {
        expect(watch(sights)).not.toContain('over')
      }),
    )
  })
})
