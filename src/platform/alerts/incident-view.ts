import type { Instant } from '../../lib/clock.ts'
import type { Stores } from '../jobs/stores.ts'
import type { FlushContext } from './flushing.ts'
import type { IncidentView } from './incidents-api.ts'
import type { Life } from './life/incident-life.ts'
import { onCallOfTeam } from './oncall/duty.ts'
import type { IncidentRow } from './ports.ts'

type ViewStores = Pick<
  Stores,
  'operations' | 'jobs' | 'clusters' | 'savepoints' | 'groups' | 'onCall' | 'members' | 'teams'
>

export async function viewsOf(
  stores: ViewStores,
  context: FlushContext,
  rows: readonly IncidentRow[],
  now: Instant,
): Promise<readonly IncidentView[]> {
  return Promise.all(rows.map((row) => incidentView(stores, context, row, now)))
}

/** The gravest that is open about a job, for its page. */
export async function openIncidentOf(
  stores: ViewStores & Pick<Stores, 'incidents'>,
  context: FlushContext,
  jobId: string,
  now: Instant,
): Promise<IncidentView | null> {
  const [gravest] = await stores.incidents.openOfJob(jobId)
  return gravest ? incidentView(stores, context, gravest, now) : null
}

export async function incidentView(
  stores: ViewStores,
  context: FlushContext,
  row: IncidentRow,
  now: Instant,
): Promise<IncidentView> {
  const { gist, life } = row
  const { cause = null, savepointId, ...facts } = gist.facts
  const isOpen = life.state !== 'resolved'
  const [job, cluster, savepoint, operation] = await Promise.all([
    row.jobId === null ? null : stores.jobs.byId(row.jobId),
    row.clusterId === null ? null : stores.clusters.byId(row.clusterId),
    savepointId ? stores.savepoints.byId(savepointId) : null,
    row.jobId === null || !isOpen ? null : stores.operations.openOf(row.jobId),
  ])
  return {
    ...{ id: row.id, kind: row.kind, generation: row.generation, version: row.version },
    subject: subjectOf(row, { job, cluster }),
    ...{ labels: gist.labels, annotations: gist.annotations, cause, facts },
    environment: job?.environment ?? cluster?.environment ?? row.environment ?? '',
    team: job?.team.name ?? gist.labels.team ?? null,
    ...lifeView(life),
    onCall: await onCallNow(stores, row, now),
    alerts: { firing: gist.firing, held: gist.held, jobs: gist.jobs, flapping: gist.flapping },
    savepoint: savepoint && { id: savepoint.id, at: savepoint.at, path: savepoint.path },
    operation,
    sandbox: job?.cluster.sandbox ?? cluster?.sandbox ?? false,
    ...(await placesOf(stores, context, row)),
  }
}

function subjectOf(
  { kind, gist }: IncidentRow,
  {
    job,
    cluster,
  }: { job: { id: string; name: string } | null; cluster: { id: string; name: string } | null },
): IncidentView['subject'] {
  const { labels, annotations } = gist
  if (kind === 'outside' || kind === 'manual') {
    // Others' words say more than a job's name; the job is still the one to restart.
    if (kind === 'outside' && job && !annotations.summary) return { is: 'job', id: job.id, name: job.name }
    return { is: 'alerts', name: annotations.summary || labels.alertname || kind }
  }
  if (job) return { is: 'job', id: job.id, name: job.name }
  if (cluster && !labels.job) return { is: 'cluster', id: cluster.id, name: cluster.name }
  return { is: 'alerts', name: labels.job ?? labels.chat ?? labels.from ?? labels.alertname ?? kind }
}

function lifeView(life: Life) {
  const { state, tier, openedAt, acked, snoozedUntil, assignee, silenced, escalation, closed } = life
  return {
    ...{ state, tier, openedAt, snoozedUntil, silenced, assignee: assignee?.name ?? null },
    acked: acked && {
      ...{ by: acked.by, memberId: acked.memberId, at: acked.at, until: acked.until, onCall: acked.onCall },
      helpers: acked.helpers.map(({ name }) => name),
    },
    escalation: escalation && {
      ...{ chain: escalation.chain, step: escalation.next, nextAt: escalation.nextAt },
    },
    closed: closed && { as: closed.as, at: closed.at, by: closed.by },
    mergedInto: closed?.into ?? null,
  }
}

async function onCallNow(
  stores: ViewStores,
  { teamId, life }: IncidentRow,
  now: Instant,
): Promise<IncidentView['onCall']> {
  if (teamId === null || life.state === 'resolved') return []
  const members = await stores.members.byNames(await onCallOfTeam(stores, teamId, now))
  return members.map(({ id, displayName }) => ({ memberId: id, name: displayName }))
}

/** Where its receiver shows cards; what has none goes to the team. */
async function placesOf(
  { groups }: ViewStores,
  { routing }: FlushContext,
  { subject }: IncidentRow,
): Promise<Pick<IncidentView, 'toTeam' | 'chats'>> {
  const toTeam = { toTeam: true, chats: [] }
  if (!subject.startsWith('group:')) return toTeam
  const group = await groups.byId(subject.slice('group:'.length))
  const receiver = group && routing().receiver(group.receiver)
  return receiver ? { toTeam: receiver.toTeam, chats: receiver.chats } : toTeam
}
