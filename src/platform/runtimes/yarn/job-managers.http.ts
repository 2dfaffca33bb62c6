import type { Clock, Instant } from '../../../lib/clock.ts'
import { createFlinkRest } from '../job-manager/flink-rest.http.ts'
import { type JobManager, jobManagerAt, listJobs } from '../job-manager/job-manager.http.ts'
import type { FlinkState, ListedJob, TaskCounts } from '../runtime.ts'
import { flinkJobIdIn, stageOf } from './applications.ts'
import type { YarnApplication } from './resource-manager.http.ts'

/** The JobManagers of the applications on one cluster: where each listens, and what it said last. */
export interface JobManagers {
  /** What the ResourceManager's listing tells, with what JobManagers say where it is due to ask them. */
  jobsOf(applications: readonly YarnApplication[]): Promise<readonly ListedJob[]>
  jobOf(application: YarnApplication, how: { fresh: boolean }): Promise<ListedJob>
  /** The one that answered last under this application; null: none yet. */
  known(applicationId: string): JobManager | null
  at(applicationId: string, address: string): JobManager
  /** Does it still answer where it was last? */
  answers(applicationId: string): Promise<boolean>
  close(): Promise<void>
}

/** One whose tasks all run is asked so seldom: that it ended, YARN says by itself. */
const SETTLED_EVERY_MS = 30_000
/** So many are asked in one round, the ones that waited longest first. */
const MOST_AT_ONCE = 100
const IN_PARALLEL = 16

interface Entry {
  address: string
  jobManager: JobManager
  /** Null: it never told of our job. */
  job: ListedJob | null
  askedAt: Instant
}

const NO_TASKS: TaskCounts = { total: 0, running: 0, finished: 0, failed: 0 }

export function createJobManagers(clock: Clock): JobManagers {
  const entries = new Map<string, Entry>()

  function entryAt(applicationId: string, address: string): Entry {
    const known = entries.get(applicationId)
    if (known?.address === address) return known
    known?.jobManager.rest.close().catch(() => undefined)
    const rest = createFlinkRest({ address: `http://${address}`, connections: 4 })
    const entry = { address, jobManager: jobManagerAt(rest, clock), job: known?.job ?? null, askedAt: 0 }
    entries.set(applicationId, entry)
    return entry
  }

  function forget(applicationId: string): void {
    const known = entries.get(applicationId)
    entries.delete(applicationId)
    known?.jobManager.rest.close().catch(() => undefined)
  }

  /** Where a running one listens: as YARN says, or as it said before its own restart. */
  function entryOf(application: YarnApplication): Entry | null {
    const stage = stageOf(application)
    if (stage.is === 'running' && stage.address) return entryAt(application.id, stage.address)
    return stage.is === 'running' || stage.is === 'waiting' ? (entries.get(application.id) ?? null) : null
  }

  async function refresh(application: YarnApplication, entry: Entry): Promise<void> {
    entry.askedAt = clock.now()
    const sight = await listJobs(entry.jobManager)
    const id = flinkJobIdIn(application)
    const found = sight.is === 'seen' ? sight.jobs.find(({ flinkJobId }) => flinkJobId === id) : undefined
    if (found) entry.job = found
    // It was there, and cannot be asked: what its tasks do is not known now.
    else if (entry.job) entry.job = { ...entry.job, state: 'RECONCILING' }
  }

  function listed(application: YarnApplication): ListedJob | null {
    const id = flinkJobIdIn(application)
    if (!id) return null
    const stage = stageOf(application)
    const row = { flinkJobId: id, name: application.name, startedAt: application.startedTime }
    if (stage.is === 'over') {
      forget(application.id)
      return { ...row, state: stage.state, tasks: NO_TASKS, endedAt: stage.endedAt }
    }
    const told = entries.get(application.id)?.job
    // What the JobManager calls ended is over only when YARN says so too.
    const state: FlinkState = told ? (told.endedAt === null ? told.state : 'RECONCILING') : 'INITIALIZING'
    return {
      ...row,
      name: told?.name ?? row.name,
      state: stage.is === 'lost' ? 'RECONCILING' : state,
      tasks: told?.tasks ?? NO_TASKS,
      endedAt: null,
    }
  }

  function isDue({ job, askedAt }: Entry): boolean {
    const settled = job?.state === 'RUNNING' && job.tasks.total > 0 && job.tasks.running === job.tasks.total
    return !settled || clock.now() - askedAt >= SETTLED_EVERY_MS
  }

  return {
    async jobsOf(applications) {
      const due = applications
        .flatMap((application) => {
          const entry = flinkJobIdIn(application) ? entryOf(application) : null
          return entry && isDue(entry) ? [{ application, entry }] : []
        })
        .toSorted((a, b) => a.entry.askedAt - b.entry.askedAt)
        .slice(0, MOST_AT_ONCE)
      const next = due.values()
      const lane = async () => {
        for (const { application, entry } of next) await refresh(application, entry)
      }
      await Promise.all(Array.from({ length: IN_PARALLEL }, lane))
      const here = new Set(applications.map(({ id }) => id))
      for (const id of entries.keys()) if (!here.has(id)) forget(id)
      return applications.flatMap((application) => listed(application) ?? [])
    },
    async jobOf(application, { fresh }) {
      const entry = entryOf(application)
      if (entry && (fresh || isDue(entry))) await refresh(application, entry)
      const job = listed(application)
      if (!job) throw new Error(`${application.id} is not one of ours`)
      return job
    },
    known: (applicationId) => entries.get(applicationId)?.jobManager ?? null,
    at: (applicationId, address) => entryAt(applicationId, address).jobManager,
    async answers(applicationId) {
      const entry = entries.get(applicationId)
      return entry !== undefined && (await listJobs(entry.jobManager)).is === 'seen'
    },
    async close() {
      await Promise.all([...entries.values()].map(({ jobManager }) => jobManager.rest.close()))
    },
  }
}
