import type { Clock, Instant } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { AlertFacts } from '../alerts/alert.ts'
import type { AttemptProof, Job } from '../jobs/job.ts'
import type { Operation } from '../jobs/operation.ts'
import { requestOperation } from '../jobs/operations.ts'
import type { Stores } from '../jobs/stores.ts'
import { nextRestart } from './restart-policy.ts'

/** How Sluice's own restarts are known among all operations. */
const BY_POLICY = { name: 'Sluice', via: 'sluice', reason: 'restart policy' } as const

export function isByPolicy({ requester, via, reason }: Operation): boolean {
  return requester.memberId === null && via === BY_POLICY.via && reason === BY_POLICY.reason
}

/**
 * A job has failed, or a restart by its policy did not help: another is put in the queue or given up, and the card
 * of the incident says which. The job's failed state is already written.
 */
export async function followPolicy(
  stores: Stores,
  { job, at, facts }: { job: Job; at: Instant; facts: AlertFacts },
): Promise<void> {
  const decision = nextRestart(job.restartPolicy, await failuresOf(stores, job.id), at)
  if (decision.do === 'restart') {
    const after = await stores.jobs.byId(job.id)
    await stores.work.restartByPolicy(job.id, after?.generation ?? 0, decision.afterMs)
  }
  const plan =
    decision.do === 'restart'
      ? { willRestartAt: at + decision.afterMs }
      : { gaveUp: decision.do === 'give-up' }
  const about = { is: 'job', id: job.id } as const
  await stores.alarms.raise({ kind: 'job-failed', about, facts: { ...facts, ...plan }, at })
}

/** An operation has ended: when it was a restart by policy and the job has still failed, the policy goes on. */
export async function afterOwnRestart(
  stores: Stores,
  { operation, job, at }: { operation: Operation; job: Job; at: Instant },
): Promise<void> {
  if (!isByPolicy(operation) || job.state.is !== 'failed' || job.desired !== 'running') return
  const { cause } = job.state
  await followPolicy(stores, { job, at, facts: cause ? { cause } : {} })
}

/** The handler behind the queue's `restart-by-policy`. Only if nothing has happened to the job since it failed. */
export async function restartByPolicy(
  stores: Stores,
  { clock, ids }: { clock: Clock; ids: Ids },
  { jobId, generation }: { jobId: string; generation: number },
): Promise<void> {
  const job = await stores.jobs.lock(jobId)
  if (job?.generation !== generation || job.state.is !== 'failed' || job.desired !== 'running') return
  const answer = await requestOperation(
    stores,
    { clock, ids },
    {
      jobId,
      order: { verb: 'restart', release: null, how: 'plain', from: { is: 'latest' } },
      requester: { memberId: null, name: BY_POLICY.name, via: BY_POLICY.via, requestId: ids.next('req') },
      reason: BY_POLICY.reason,
      force: false,
      secondPerson: false,
    },
  )
  // What refuses a restart (no state that it can read, archived) is not lifted by time.
  if (answer.ok) return
  const about = { is: 'job', id: jobId } as const
  await stores.alarms.raise({ kind: 'job-failed', about, facts: { gaveUp: true }, at: clock.now() })
}

/** When it failed: each attempt that did, and each restart of ours that did not come to an attempt that failed. */
async function failuresOf(stores: Stores, jobId: string): Promise<Instant[]> {
  const { items: attempts } = await stores.attempts.list(jobId, { limit: 100 })
  const failed = attempts.filter(({ proof }) => proof !== null && saysFailure(proof))
  const counted = new Set(failed.map(({ operationId }) => operationId))
  const { items: operations } = await stores.operations.list({ teams: 'all', jobId }, { limit: 100 })
  const inVain = operations.filter(
    (each) =>
      isByPolicy(each) && (each.state === 'failed' || each.state === 'refused') && !counted.has(each.id),
  )
  return [...failed.map(({ overAt }) => overAt), ...inVain.map(({ endedAt }) => endedAt)].flatMap((at) =>
    at === null ? [] : [at],
  )
}

function saysFailure(proof: AttemptProof): boolean {
  if ('state' in proof) return proof.state === 'FAILED'
  return proof.kind === 'jobmanager-replaced' || proof.kind === 'resource-manager-replaced'
}
