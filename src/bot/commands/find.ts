import type { ClusterView, Job, Operation, Subject, TeamId } from '../../platform/platform.ts'
import { card, says } from '../cards/build.ts'
import type { MemberTurn, Reply, Target } from './command.ts'

export function jobSubject(job: Job): Subject {
  return { of: 'team', team: job.team.id, environment: job.environment, job: { id: job.id, name: job.name } }
}

export function platformSubject(what: string): Subject {
  return { of: 'platform', what }
}

/** Finders: what a command is about, by its argument. */
export async function findJob(turn: MemberTurn, { job }: { job: string }): Promise<Target<Job>> {
  const found = await turn.platform.jobs.find(job)
  if (found.ok) return { ok: true, subject: jobSubject(found.value), found: found.value }
  return { ok: false, unknown: { arg: 'job', title: turn.voice.t.say.unknownJob(job), near: found.near } }
}

export interface FoundOperation {
  operation: Operation
  job: Job
}

/** The operation, and its job as it is now. */
export async function findOperation(
  turn: MemberTurn,
  { operation: id }: { operation: string },
): Promise<Target<FoundOperation>> {
  const { t } = turn.voice
  const operation = await turn.platform.operations.byId(id)
  const job = operation && (await turn.platform.jobs.find(operation.job.name))
  if (operation && job?.ok) {
    return { ok: true, subject: jobSubject(job.value), found: { operation, job: job.value } }
  }
  const list = says(t.button.history, '/op list')
  return { ok: false, reply: refusal(card('warning', t.operation.unknown(id), { buttons: [list] })) }
}

export async function findCluster(
  turn: MemberTurn,
  { cluster }: { cluster: string },
): Promise<Target<ClusterView>> {
  const found = await turn.platform.clusters.find(cluster)
  if (found.ok) return { ok: true, subject: platformSubject('clusters'), found: found.value }
  const title = turn.voice.t.say.unknownCluster(cluster)
  return { ok: false, unknown: { arg: 'cluster', title, near: found.near } }
}

/** The team by name, as what the permission is asked for. */
export async function findTeam(
  turn: MemberTurn,
  { team }: { team: string },
): Promise<Target<{ id: string; name: string }>> {
  const found = await turn.platform.access.team(team)
  if (!found.ok) {
    return { ok: false, unknown: { arg: 'team', title: turn.voice.t.team.unknown(team), near: found.near } }
  }
  const { id, name } = found.value
  // The platform gave this id out as a team's.
  const subject: Subject = { of: 'team', team: id as TeamId, environment: null, job: null }
  return { ok: true, subject, found: { id, name } }
}

export function onPlatform(what: string): () => Promise<Target<null>> {
  return async () => ({ ok: true, subject: platformSubject(what), found: null })
}

function refusal(drawn: Reply['card']): Reply {
  return { card: drawn }
}
