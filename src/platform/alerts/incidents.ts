import type { Clock, Instant } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { By } from '../access/access.ts'
import type { JobReach } from '../access/job-reach.ts'
import type { Job } from '../jobs/job.ts'
import type { IncidentRow, Stores, Transact } from '../jobs/stores.ts'
import type { IncidentKind, IncidentsApi, IncidentView, Page } from '../platform.ts'
import type { RuntimeCause } from '../runtimes/runtime.ts'

/** What an incident row keeps of the facts it was opened with. */
export interface IncidentFacts {
  cause?: RuntimeCause | null
  savepointId?: string | null
  restarts?: number
  jobs?: number
  sinceCheckpointMs?: number
  willRestartAt?: Instant
  gaveUp?: boolean
}

/** Opens an incident about a job, or adds to the one that is open, and has its card drawn. */
export async function openJobIncident(
  stores: Stores,
  ids: Ids,
  { job, kind, facts, at }: { job: Pick<Job, 'id'>; kind: IncidentKind; facts: IncidentFacts; at: Instant },
): Promise<void> {
  const subject = `job:${job.id}`
  const draft = {
    id: ids.next('inc'),
    subject,
    kind,
    jobId: job.id,
    clusterId: null,
    facts: { ...facts },
    at,
  }
  const { incident, opened } = await stores.incidents.open(draft)
  if (!opened) await stores.incidents.setFacts(incident.id, mergedFacts(incident.facts, facts))
  await stores.work.show(`incident:${incident.id}`)
}

/** What is planned now stands instead of what was planned before. */
function mergedFacts(former: IncidentRow['facts'], facts: IncidentFacts): Record<string, unknown> {
  if (facts.willRestartAt === undefined && facts.gaveUp === undefined) return { ...former, ...facts }
  const { willRestartAt: _was, gaveUp: _had, ...kept } = former
  return { ...kept, ...facts }
}

export async function openClusterIncident(
  stores: Stores,
  ids: Ids,
  { clusterId, because, jobs, at }: { clusterId: string; because: string; jobs: number; at: Instant },
): Promise<void> {
  const subject = `cluster:${clusterId}`
  const cause: RuntimeCause = { exception: '', message: because, at, task: null, stack: because }
  const facts: IncidentFacts = { jobs, cause }
  const draft = {
    id: ids.next('inc'),
    subject,
    kind: 'cluster-silent',
    jobId: null,
    clusterId,
    facts: { ...facts },
    at,
  }
  const { incident } = await stores.incidents.open(draft)
  await stores.work.show(`incident:${incident.id}`)
}

/** Everything open about a subject is over: its cards are edited, not followed by new ones. */
export async function closeIncidents(
  stores: Stores,
  subject: string,
  as: 'recovered' | 'stopped' | 'gone',
  at: Instant,
): Promise<void> {
  for (const incident of await stores.incidents.openOf(subject)) {
    await closeIncident(stores, incident.id, as, at)
  }
}

export async function closeIncident(
  stores: Stores,
  id: string,
  as: 'recovered' | 'stopped' | 'gone',
  at: Instant,
): Promise<void> {
  await stores.incidents.close(id, as, at)
  await stores.work.show(`incident:${id}`)
}

export interface IncidentsDependencies {
  transact: Transact
  read: Stores
  clock: Clock
  reach(by: By): JobReach
}

export function createIncidents({ transact, read, clock, reach }: IncidentsDependencies): IncidentsApi {
  return {
    async byId(id) {
      const row = await read.incidents.byId(id)
      return row && viewOf(read, row)
    },
    async open(by, ask): Promise<Page<IncidentView>> {
      const page = await read.incidents.listOpen(ask)
      const { teams } = reach(by)
      const mine = await Promise.all(page.items.map((row) => seenBy(read, row, teams)))
      const items = await Promise.all(
        page.items.filter((_, index) => mine[index]).map((row) => viewOf(read, row)),
      )
      return { items, next: page.next }
    },
    acknowledge: (permit, id, generation) =>
      transact(async (stores) => {
        const row = await stores.incidents.byId(id)
        if (!row) return { ok: false, why: 'unknown' }
        if (row.closedAt !== null) return { ok: false, why: 'closed' }
        if (row.generation !== generation) return { ok: false, why: 'stale' }
        const { member, via, requestId } = permit.by
        if (row.ackedAt === null) {
          await stores.incidents.acknowledge(id, member.displayName, clock.now())
          const job = row.jobId ? await stores.jobs.byId(row.jobId) : null
          const entry = {
            member,
            via,
            verb: 'incident:acknowledge',
            subject: job?.name ?? row.subject,
            job,
            requestId,
          }
          await stores.audit.record({ ...entry, decision: 'done', after: { incident: id, kind: row.kind } })
          await stores.work.show(`incident:${id}`)
        }
        const after = await stores.incidents.byId(id)
        if (!after) throw new Error(`Incident ${id} vanished.`)
        return { ok: true, value: await viewOf(stores, after) }
      }),
  }
}

/** What is wrong with a cluster concerns everybody; what is wrong with a job, its team. */
async function seenBy(stores: Stores, row: IncidentRow, teams: JobReach['teams']): Promise<boolean> {
  if (teams === 'all' || row.jobId === null) return true
  const job = await stores.jobs.byId(row.jobId)
  return job !== null && teams.includes(job.team.id)
}

async function viewOf(stores: Stores, row: IncidentRow): Promise<IncidentView> {
  const facts = row.facts as IncidentFacts
  const job = row.jobId ? await stores.jobs.byId(row.jobId) : null
  const cluster = row.clusterId ? await stores.clusters.byId(row.clusterId) : null
  const savepoint = facts.savepointId ? await stores.savepoints.byId(facts.savepointId) : null
  const { cause = null, savepointId: _, ...rest } = facts
  return {
    id: row.id,
    kind: row.kind as IncidentKind,
    subject: job
      ? { is: 'job', id: job.id, name: job.name }
      : { is: 'cluster', id: row.clusterId ?? '', name: cluster?.name ?? row.subject },
    environment: job?.environment ?? cluster?.environment ?? '',
    team: job?.team.name ?? null,
    generation: row.generation,
    version: row.version,
    openedAt: row.openedAt,
    acked: row.ackedAt !== null && row.ackedBy ? { by: row.ackedBy, at: row.ackedAt } : null,
    closed:
      row.closedAt === null
        ? null
        : { as: (row.closedAs ?? 'gone') as 'recovered' | 'stopped' | 'gone', at: row.closedAt },
    cause,
    savepoint: savepoint && { id: savepoint.id, at: savepoint.at, path: savepoint.path },
    facts: rest,
    sandbox: job?.cluster.sandbox ?? cluster?.sandbox ?? false,
  }
}

/** The gravest first: what is open about a subject, for its page. */
export async function openIncidentOf(stores: Stores, subject: string): Promise<IncidentView | null> {
  const open = await stores.incidents.openOf(subject)
  const [gravest] = open.toSorted((a, b) => graveness(a) - graveness(b))
  return gravest ? viewOf(stores, gravest) : null
}

function graveness({ kind }: IncidentRow): number {
  return ['job-failed', 'job-lost', 'restart-loop', 'no-checkpoint'].indexOf(kind)
}
