import { createHash } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import { mayComeAgain } from '../../lib/request-id.ts'
import type { By, Permit, Subject, Verb } from '../access/access.ts'
import type { JobReach } from '../access/job-reach.ts'
import { SLUICE } from '../access/sluice-member.ts'
import type { Done, OperationsApi } from '../platform.ts'
import type { Job } from './job.ts'
import type { Operation, OperationVerb, Order, Plan, RequestAnswer, RequestRefusal } from './operation.ts'
import { isOpen } from './operation.ts'
import {
  mergeKey,
  needsSecondPerson,
  type Planned,
  type PlanWorld,
  planEssence,
  planOrder,
  targetRelease,
} from './plan.ts'
import type { Release } from './release.ts'
import type { News, Stores, Transact } from './stores.ts'

export interface OperationsDependencies {
  transact: Transact
  read: Stores
  clock: Clock
  ids: Ids
  mightDo(by: By, verb: Verb, subject: Subject): boolean
  reach(by: By): JobReach
  onNews(listener: (news: News) => void): () => void
}

/** Who asks: a person with a permit, or Sluice itself by a job's restart policy. */
export type Requester = { memberId: string | null; name: string; via: string; requestId: string }

interface Request {
  jobId: string
  order: Order
  requester: Requester
  reason: string | null
  force: boolean
  /** Sluice's own restarts need nobody else: whoever set the policy was asked. */
  secondPerson: boolean
}

export function planDigest(plan: Plan): string {
  return createHash('sha256').update(planEssence(plan)).digest('hex')
}

/** Reads what planning looks at. The job is locked by the caller's transaction. */
export async function readPlanWorld(stores: Stores, job: Job, order: Order, now: number): Promise<PlanWorld> {
  const live = await stores.attempts.live(job.id)
  const former = order.verb === 'rollback' && order.to === null ? await formerRelease(stores, job) : null
  const target = targetRelease(order, job, former)
  const cluster = await stores.clusters.byId(job.cluster.id)
  const effective =
    job.effectiveRelease === null ? null : await stores.releases.byNumber(job.id, job.effectiveRelease)
  const aimedAt = target === null ? null : await stores.releases.byNumber(job.id, target)
  return {
    job,
    live,
    everRan: job.attempts > 0,
    effective,
    target: aimedAt,
    savepoints: await stores.savepoints.newest(job.id),
    readings: await stores.savepoints.readings(job.id),
    clusterSilentSince: cluster?.unreachableSince ?? null,
    flink: await flinkVersions(stores, effective, aimedAt),
    now,
  }
}

async function flinkVersions(
  stores: Stores,
  from: Release | null,
  to: Release | null,
): Promise<PlanWorld['flink']> {
  if (!from?.flinkVersion || !to?.flinkVersion || from.flinkVersion === to.flinkVersion) return null
  const before = await stores.flinkVersions.byName(from.flinkVersion)
  const after = await stores.flinkVersions.byName(to.flinkVersion)
  return before && after && { from: before.version, to: after.version }
}

/** The release that ran before the effective one; when none other ever ran, the number before it. */
async function formerRelease(stores: Stores, job: Job): Promise<number | null> {
  const ran = await stores.attempts.list(job.id, { limit: 50 })
  const other = ran.items.find(
    (attempt) => attempt.liveAt !== null && attempt.release !== job.effectiveRelease,
  )
  if (other) return other.release
  return job.effectiveRelease !== null && job.effectiveRelease > 1 ? job.effectiveRelease - 1 : null
}

/** Plans an order, decides whether a second person is needed, stores and queues it, all in one commit. */
export async function requestOperation(
  stores: Stores,
  { clock, ids }: { clock: Clock; ids: Ids },
  request: Request,
): Promise<RequestAnswer> {
  const { jobId, order, requester, reason, force } = request
  const now = clock.now()
  const job = await stores.jobs.lock(jobId)
  if (!job) throw new Error(`An operation was asked for on a job that does not exist: ${jobId}`)
  const audit = (decision: 'allowed' | 'refused', after?: unknown, because?: string) =>
    stores.audit.record({
      member: requester.memberId ? { id: requester.memberId as never, name: requester.name } : null,
      via: requester.via,
      verb: `job:${order.verb}`,
      subject: job.name,
      job,
      decision,
      because: because ?? reason,
      after,
      requestId: requester.requestId,
    })

  const key = mergeKey(order)
  // A request that is worked again after a crash asks for what it began then, even if that is over by now.
  const { requestId } = requester
  const begun = mayComeAgain(requestId) ? await stores.operations.ofRequest(jobId, key, requestId) : null
  const same = begun ?? (await stores.operations.openByMergeKey(jobId, key))
  if (same) {
    await audit('allowed', { operation: same.id }, 'joined an equal one that is open')
    return { ok: true, operation: same, joined: true }
  }
  if (force && !reason?.trim()) return { ok: false, why: { of: 'force-needs-reason' } }

  const planned = planOrder(order, await readPlanWorld(stores, job, order, now), force)
  const waitsBehind = await stores.operations.openOf(jobId)
  // Behind another operation the world will have changed; the plan is made again when its turn comes.
  if (!planned.ok && !(waitsBehind && planMayChange(planned.why))) {
    await audit('refused', undefined, planned.why.of)
    return { ok: false, why: planned.why }
  }

  const plan = planned.ok ? planned.plan : null
  const approvals = await stores.environments.approvals(job.environment)
  const secondPerson =
    request.secondPerson &&
    (plan ? needsSecondPerson(approvals.verbs, plan, job) : approvals.verbs.includes(`job:${order.verb}`))
  if (secondPerson && !planned.ok) return { ok: false, why: planned.why }

  const id = ids.next('op')
  await stores.operations.insert({
    id,
    jobId,
    order,
    mergeKey: key,
    state: secondPerson ? 'waiting-approval' : 'queued',
    plan,
    planDigest: plan ? planDigest(plan) : null,
    requester,
    via: requester.via,
    reason,
    force,
    requestId: requester.requestId,
    at: now,
  })
  if (secondPerson && plan) {
    const expiresMs = approvals.expiresMin * 60_000
    await stores.operations.openApproval(id, planDigest(plan), now + expiresMs)
    await stores.work.expireApproval(id, expiresMs)
  } else {
    await stores.work.runOperation(jobId)
  }
  await stores.work.show(`operation:${id}`)
  await audit('allowed', { operation: id, order, plan, secondPerson })
  const operation = await stores.operations.byId(id)
  if (!operation) throw new Error('The operation just stored is not there.')
  return { ok: true, operation, joined: false }
}

/** Refusals that an operation ahead in the queue may lift. */
function planMayChange(why: RequestRefusal): boolean {
  return (
    why.of === 'already-runs' ||
    why.of === 'not-running' ||
    why.of === 'same-parallelism' ||
    why.of === 'same-release'
  )
}

export function createOperations(dependencies: OperationsDependencies): OperationsApi {
  const { transact, read, clock, ids, mightDo, reach, onNews } = dependencies

  return {
    async request(permit, jobId, order, { reason, force }) {
      checkPermit(permit, jobId, order.verb)
      if (force && !mightDo(permit.by, 'job:force', permit.subject)) {
        return { ok: false, why: { of: 'force-not-allowed' } }
      }
      const { member, via, requestId } = permit.by
      const bySluice = member.id === SLUICE.id
      const memberId = bySluice ? null : member.id
      const requester = { memberId, name: member.displayName, via, requestId }
      return transact((stores) =>
        requestOperation(
          stores,
          { clock, ids },
          { jobId, order, requester, reason, force, secondPerson: !bySluice },
        ),
      )
    },
    byId: (id) => read.operations.byId(id),
    list: (by, { job, state, open, ...page }) =>
      read.operations.list(
        {
          ...reach(by),
          ...(job !== undefined && { jobId: job }),
          ...(state !== undefined && { state }),
          ...(open !== undefined && { open }),
        },
        page,
      ),
    openBy: async (memberId) =>
      (await read.operations.list({ teams: 'all', open: true, requestedBy: memberId }, { limit: 50 })).items,
    cancel: (permit, id) => transact((stores) => cancelOperation(stores, permit, id, clock.now())),
    approve: (permit, id, note) =>
      transact((stores) => approveOperation(stores, permit, id, note, clock.now())),
    reject: (permit, id, note) =>
      transact((stores) => rejectOperation(stores, permit, id, note, clock.now())),
    wait: (id, ms, signal) => waitForEnd({ read, clock, onNews }, id, ms, signal),
  }
}

function checkPermit(permit: Permit, jobId: string, verb: OperationVerb): void {
  const { subject } = permit
  if (permit.verb === `job:${verb}` && subject.of === 'team' && subject.job?.id === jobId) return
  throw new Error(`A permit for ${permit.verb} was used for job:${verb} on ${jobId}.`)
}

async function lockedOperation(
  stores: Stores,
  permit: Permit,
  id: string,
): Promise<{ operation: Operation; job: Job }> {
  const first = await stores.operations.byId(id)
  const job = first && (await stores.jobs.lock(first.job.id))
  const operation = job && (await stores.operations.byId(id))
  if (!operation || !job) throw new Error(`There is no operation ${id}.`)
  if (permit.subject.of !== 'team' || permit.subject.job?.id !== job.id) {
    throw new Error(`A permit for another job was used on operation ${id}.`)
  }
  return { operation, job }
}

async function reread(stores: Stores, id: string): Promise<{ ok: true; value: Operation }> {
  const value = await stores.operations.byId(id)
  if (!value) throw new Error(`Operation ${id} vanished.`)
  return { ok: true, value }
}

function recordOn(
  stores: Stores,
  permit: Permit,
  job: Job,
  entry: { verb: string; decision: string; because?: string | null; after?: unknown },
): Promise<void> {
  const { by } = permit
  return stores.audit.record({
    member: by.member,
    via: by.via,
    subject: job.name,
    job,
    requestId: by.requestId,
    ...entry,
  })
}

async function cancelOperation(
  stores: Stores,
  permit: Permit<'operation:cancel'>,
  id: string,
  now: number,
): Promise<Done<Operation, 'ended' | 'too-late'>> {
  const { operation, job } = await lockedOperation(stores, permit, id)
  if (!isOpen(operation.state)) return { ok: false, why: 'ended' }
  if (operation.state === 'running') {
    const held = await stores.operations.held(id)
    // Once Flink was told to end the former attempt there is no way back but forward.
    if (held?.step.ending && !held.step.start) return { ok: false, why: 'too-late' }
    await stores.operations.askCancel(id, permit.by.member.displayName)
  } else {
    await stores.operations.setState(id, 'cancelled', now)
    await stores.work.runOperation(job.id)
    stores.tell({ of: 'operation', operationId: id, ended: true })
  }
  await stores.work.show(`operation:${id}`)
  await recordOn(stores, permit, job, {
    verb: 'operation:cancel',
    decision: 'done',
    after: { operation: id },
  })
  return reread(stores, id)
}

type Decidable =
  | { ok: true; operation: Operation; job: Job }
  | { ok: false; why: 'own-request' | 'decided' | 'expired' }

async function decidable(
  stores: Stores,
  permit: Permit<'approval:decide'>,
  id: string,
  now: number,
): Promise<Decidable> {
  const { operation, job } = await lockedOperation(stores, permit, id)
  if (operation.state !== 'waiting-approval' || operation.approval?.state !== 'open') {
    return { ok: false, why: operation.approval?.state === 'expired' ? 'expired' : 'decided' }
  }
  if (now >= operation.approval.expiresAt) return { ok: false, why: 'expired' }
  if (operation.requester.memberId === permit.by.member.id) {
    await recordOn(stores, permit, job, {
      verb: 'approval:decide',
      decision: 'refused',
      because: 'own request',
      after: { operation: id },
    })
    return { ok: false, why: 'own-request' }
  }
  return { ok: true, operation, job }
}

async function approveOperation(
  stores: Stores,
  permit: Permit<'approval:decide'>,
  id: string,
  note: string | null,
  now: number,
): Promise<Done<Operation, 'own-request' | 'decided' | 'expired' | 'plan-changed'>> {
  const found = await decidable(stores, permit, id, now)
  if (!found.ok) return found
  const { operation, job } = found
  const planned = planOrder(
    operation.order,
    await readPlanWorld(stores, job, operation.order, now),
    operation.force,
  )
  if (changedSince(operation, planned)) {
    if (planned.ok) await stores.operations.replan(id, planned.plan, planDigest(planned.plan))
    else await stores.operations.setState(id, 'refused', now)
    await stores.work.show(`operation:${id}`)
    await recordOn(stores, permit, job, {
      verb: 'approval:decide',
      decision: 'refused',
      because: 'the plan changed',
      after: { operation: id },
    })
    return { ok: false, why: 'plan-changed' }
  }
  const by = { id: permit.by.member.id, name: permit.by.member.displayName }
  await stores.operations.decideApproval(id, 'approved', by, note, now)
  await stores.operations.setState(id, 'queued', null)
  await stores.work.runOperation(job.id)
  await stores.work.show(`operation:${id}`)
  await recordOn(stores, permit, job, {
    verb: 'approval:decide',
    decision: 'done',
    because: note,
    after: { operation: id, plan: operation.plan },
  })
  return reread(stores, id)
}

function changedSince(operation: Operation, planned: Planned): boolean {
  return !planned.ok || !operation.plan || planEssence(planned.plan) !== planEssence(operation.plan)
}

async function rejectOperation(
  stores: Stores,
  permit: Permit<'approval:decide'>,
  id: string,
  note: string | null,
  now: number,
): Promise<Done<Operation, 'own-request' | 'decided' | 'expired'>> {
  const found = await decidable(stores, permit, id, now)
  if (!found.ok) return found
  const by = { id: permit.by.member.id, name: permit.by.member.displayName }
  await stores.operations.decideApproval(id, 'rejected', by, note, now)
  await endWithoutRunning(stores, id, 'refused', now)
  await recordOn(stores, permit, found.job, {
    verb: 'approval:decide',
    decision: 'done',
    because: note,
    after: { operation: id },
  })
  return reread(stores, id)
}

/** The handler behind the queue's `expire-approval`. Runs twice without harm. */
export async function expireApproval(stores: Stores, operationId: string, now: number): Promise<void> {
  const operation = await stores.operations.byId(operationId)
  if (operation?.state !== 'waiting-approval' || !operation.approval) return
  const left = operation.approval.expiresAt - now
  // Asked again meanwhile: the new question has its own time.
  if (left > 0) return stores.work.expireApproval(operationId, left)
  await stores.operations.decideApproval(operationId, 'expired', null, null, now)
  await endWithoutRunning(stores, operationId, 'refused', now)
}

async function endWithoutRunning(
  stores: Stores,
  id: string,
  state: 'refused' | 'cancelled',
  now: number,
): Promise<void> {
  await stores.operations.setState(id, state, now)
  await stores.work.show(`operation:${id}`)
  stores.tell({ of: 'operation', operationId: id, ended: true })
}

async function waitForEnd(
  { read, clock, onNews }: Pick<OperationsDependencies, 'read' | 'clock' | 'onNews'>,
  id: string,
  ms: number,
  signal?: AbortSignal,
): Promise<Operation | null> {
  const until = clock.now() + ms
  for (;;) {
    const changed = new AbortController()
    const stop = onNews(
      (news) => news.of === 'operation' && news.operationId === id && news.ended && changed.abort(),
    )
    try {
      const operation = await read.operations.byId(id)
      const left = until - clock.now()
      if (!operation || !isOpen(operation.state) || left <= 0 || signal?.aborted) return operation
      // News can be lost while a connection is down, so look again now and then.
      await clock.sleep(Math.min(left, 5_000), AbortSignal.any([changed.signal, ...(signal ? [signal] : [])]))
    } finally {
      stop()
    }
  }
}
