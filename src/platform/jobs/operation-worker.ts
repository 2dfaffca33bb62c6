import type { Runtime } from '../runtimes/runtime.ts'
import { afterOwnRestart } from '../watching/restart-by-policy.ts'
import type { NotDone, Operation, Outcome, Plan, RequestRefusal } from './operation.ts'
import { carryOut } from './operation-run.ts'
import { planDigest, readPlanWorld } from './operations.ts'
import { needsSecondPerson, planEssence, planOrder } from './plan.ts'
import { LetGo, type Run, type RunDependencies } from './run.ts'
import { FIRST_STEP, type Step } from './step.ts'
import type { ClusterRecord, HeldOperation, Stores } from './stores.ts'

export interface WorkerDependencies extends RunDependencies {
  runtimeOf(cluster: ClusterRecord): Runtime
  /** This process's own name on leases. */
  instance: string
  /** True when no other process can hold a lease: the embedded database. */
  alone: boolean
  ended(operation: Operation, outcome: Outcome | null): void
}

export interface OperationWorker {
  /** Works on the job's operations, one after another, until none is left or `signal` is aborted. */
  work(jobId: string, signal: AbortSignal): Promise<void>
  /** Puts operations that nobody holds any more back to work: after a crash, at start and now and then. */
  reclaim(): Promise<number>
}

const LEASE_MS = 15_000
const RENEW_MS = 5_000
const BUSY_CLUSTER_MS = 500
const FAULTS_THAT_END = 5

type Claim =
  | { is: 'nothing' }
  | { is: 'later' }
  | { is: 'asked-again' }
  | { is: 'held'; held: HeldOperation; plan: Plan }

export function createOperationWorker(dependencies: WorkerDependencies): OperationWorker {
  const { transact, read, clock, log, probe, instance, alone } = dependencies
  const inHand = new Set<string>()
  const askedMeanwhile = new Set<string>()

  async function work(jobId: string, signal: AbortSignal): Promise<void> {
    if (inHand.has(jobId)) {
      askedMeanwhile.add(jobId)
      return
    }
    inHand.add(jobId)
    try {
      do {
        askedMeanwhile.delete(jobId)
        await workOffAll(jobId, signal)
      } while (askedMeanwhile.has(jobId) && !signal.aborted)
    } finally {
      inHand.delete(jobId)
    }
  }

  async function workOffAll(jobId: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const claim = await transact((stores) => claimNext(stores, jobId))
      if (claim.is === 'nothing') return
      if (claim.is === 'later') return transact((stores) => stores.work.runOperation(jobId, BUSY_CLUSTER_MS))
      if (claim.is === 'held') await perform(claim.held, claim.plan, signal)
    }
  }

  async function claimNext(stores: Stores, jobId: string): Promise<Claim> {
    const job = await stores.jobs.lock(jobId)
    if (!job) return { is: 'nothing' }
    const now = clock.now()
    const next = await stores.operations.next(jobId, now)
    if (!next) return { is: 'nothing' }
    if (heldElsewhere(next, now)) return { is: 'nothing' }
    const cluster = await stores.clusters.byId(job.cluster.id)
    if (!cluster) throw new Error(`The cluster of ${job.name} is not there.`)
    if (
      next.state === 'queued' &&
      (await stores.operations.runningOn(cluster.id, now)) >= cluster.parallelOperations
    ) {
      return { is: 'later' }
    }
    const held = await stores.operations.claim(next.id, instance, now + LEASE_MS, now)
    const { operation } = held
    // Begun before: its plan stands, what it told the outside cannot be unsaid.
    if (next.state === 'running' && operation.plan) return { is: 'held', held, plan: operation.plan }

    const planned = planOrder(
      operation.order,
      await readPlanWorld(stores, job, operation.order, now),
      operation.force,
    )
    if (!planned.ok) {
      await endOperation(stores, held, 'refused', {
        is: 'not-done',
        why: notDoneOf(planned.why),
        now: nowOf(job.state.is),
        cause: null,
        release: job.effectiveRelease,
      })
      return { is: 'asked-again' }
    }
    const approved = operation.approval?.state === 'approved'
    const changed = !operation.plan || planEssence(operation.plan) !== planEssence(planned.plan)
    const approvals = await stores.environments.approvals(job.environment)
    const byPerson = operation.requester.memberId !== null
    if (changed && byPerson && needsSecondPerson(approvals.verbs, planned.plan, job)) {
      await askAgain(stores, operation, planned.plan, now + approvals.expiresMin * 60_000)
      await stores.work.expireApproval(operation.id, approvals.expiresMin * 60_000)
      log.info({ operation: operation.id, approved }, 'The plan changed; asking for approval again')
      return { is: 'asked-again' }
    }
    await stores.operations.save(operation.id, held.fence, {
      plan: planned.plan,
      planDigest: planDigest(planned.plan),
      step: FIRST_STEP,
    })
    await stores.alarms.lookAgain(jobId, now)
    stores.tell({ of: 'cluster', clusterId: cluster.id })
    return { is: 'held', held, plan: planned.plan }
  }

  function heldElsewhere(
    next: { state: string; leasedBy: string | null; leaseUntil: number | null },
    now: number,
  ): boolean {
    if (next.state !== 'running' || alone) return false
    return next.leasedBy !== instance && next.leaseUntil !== null && next.leaseUntil > now
  }

  async function perform(held: HeldOperation, plan: Plan, signal: AbortSignal): Promise<void> {
    const { operation, fence } = held
    const lost = new AbortController()
    const renewing = keepLease(operation.id, fence, lost)
    const both = AbortSignal.any([signal, lost.signal])
    try {
      const run = await openRun(held, plan, both)
      await probe('operation.claimed', operation.job.name)
      const outcome = await carryOut(run)
      await probe('operation.ending', operation.job.name)
      const state =
        outcome.is === 'not-done' ? (outcome.why === 'cancelled' ? 'cancelled' : 'failed') : 'done'
      await transact((stores) => endOperation(stores, { operation, fence }, state, outcome))
      await probe('operation.ended', operation.job.name)
      dependencies.ended(operation, outcome)
    } catch (error) {
      if (error instanceof LetGo || both.aborted) {
        if (!lost.signal.aborted) await transact((stores) => stores.operations.release(operation.id, fence))
        return
      }
      await afterFault(held, error)
    } finally {
      clearInterval(renewing)
    }
  }

  /** Our own mistakes are tried again a few times, then said: an operation must not stay open for ever. */
  async function afterFault({ operation, fence }: HeldOperation, error: unknown): Promise<never | undefined> {
    const held = await read.operations.held(operation.id)
    const faults = (held?.step.faults ?? 0) + 1
    log.error(
      { error, operation: operation.id, job: operation.job.name, faults },
      'An operation met a fault of ours',
    )
    if (!held || faults < FAULTS_THAT_END) {
      if (held)
        await transact((stores) =>
          stores.operations.save(operation.id, fence, { step: { ...held.step, faults } }),
        )
      throw error
    }
    const outcome: Outcome = { is: 'not-done', why: 'our-fault', now: 'unclear', cause: null, release: null }
    await transact((stores) => endOperation(stores, { operation, fence }, 'failed', outcome))
    return undefined
  }

  function keepLease(id: string, fence: number, lost: AbortController): NodeJS.Timeout {
    const timer = setInterval(() => {
      read.operations
        .renew(id, fence, clock.now() + LEASE_MS)
        .then((kept) => kept || lost.abort())
        .catch((error: unknown) => log.warn({ error, operation: id }, 'A lease could not be renewed'))
    }, RENEW_MS)
    timer.unref()
    return timer
  }

  async function openRun(held: HeldOperation, plan: Plan, signal: AbortSignal): Promise<Run> {
    const { operation, fence } = held
    const job = await read.jobs.byId(operation.job.id)
    const cluster = job && (await read.clusters.byId(job.cluster.id))
    if (!job || !cluster) throw new Error(`The job or cluster of operation ${operation.id} is not there.`)
    let step: Step = held.step
    let shown = ''
    const stopIfLetGo = () => {
      if (signal.aborted) throw new LetGo('let go')
    }
    return {
      ...dependencies,
      operation,
      plan,
      job,
      cluster,
      runtime: dependencies.runtimeOf(cluster),
      fence,
      startedAt: operation.startedAt ?? clock.now(),
      signal,
      step: () => step,
      async save(change, more) {
        stopIfLetGo()
        step = await transact(async (stores) => {
          const next = { ...step, ...change, ...(await more?.(stores)) }
          if (!(await stores.operations.save(operation.id, fence, { step: next })))
            throw new LetGo('fenced off')
          return next
        })
      },
      async progress(phase, tasks = null) {
        stopIfLetGo()
        const now = JSON.stringify([phase, tasks])
        if (now === shown) return
        shown = now
        await transact(async (stores) => {
          const progress = { phase, since: clock.now(), tasks }
          if (!(await stores.operations.save(operation.id, fence, { progress })))
            throw new LetGo('fenced off')
          await showProgress(stores, operation)
        })
      },
      at: async (point) => probe(point, job.name),
      async pause(ms) {
        stopIfLetGo()
        await clock.sleep(ms, signal)
        stopIfLetGo()
      },
      cancelAsked: async () => (await read.operations.byId(operation.id))?.cancelAskedBy != null,
    }
  }

  async function endOperation(
    stores: Stores,
    { operation, fence }: Pick<HeldOperation, 'operation' | 'fence'>,
    state: 'done' | 'failed' | 'refused' | 'cancelled',
    outcome: Outcome,
  ): Promise<void> {
    const now = clock.now()
    if (!(await stores.operations.end(operation.id, fence, state, outcome, now)))
      throw new LetGo('fenced off')
    const job = await stores.jobs.byId(operation.job.id)
    const { requester, via, requestId } = operation
    const member =
      requester.memberId === null ? null : { id: requester.memberId as never, name: requester.name }
    const entry = {
      member,
      via,
      verb: `job:${operation.order.verb}`,
      subject: operation.job.name,
      job,
      requestId,
    }
    await stores.audit.record({
      ...entry,
      decision: state === 'cancelled' ? 'done' : state,
      after: { operation: operation.id, outcome, state: job?.state },
    })
    if (job && (state === 'failed' || state === 'refused'))
      await afterOwnRestart(stores, { operation, job, at: now })
    await tellEnd(stores, operation, { state, now })
    await stores.alarms.lookAgain(operation.job.id, now)
    // After whatever locks alerts and groups: incidents come last.
    await showProgress(stores, operation)
    stores.tell({ of: 'operation', operationId: operation.id, ended: true })
    stores.tell({ of: 'job', jobId: operation.job.id })
    if (job) stores.tell({ of: 'cluster', clusterId: job.cluster.id })
  }

  async function reclaim(): Promise<number> {
    const abandoned = await read.operations.abandoned(clock.now(), alone ? instance : null)
    for (const { jobId } of abandoned) {
      if (!inHand.has(jobId)) await transact((stores) => stores.work.runOperation(jobId))
    }
    return abandoned.length
  }

  return { work, reclaim }
}

/** On its own cards, and on those of what is open about its job. */
async function showProgress(
  { work, incidents }: Pick<Stores, 'work' | 'incidents'>,
  { id, job }: Operation,
): Promise<void> {
  await work.show(`operation:${id}`)
  for (const incident of await incidents.touchOfJob(job.id)) await work.show(`incident:${incident}`)
}

/** What was asked for and not done is an alert, until something asked for on that job is done. */
async function tellEnd(
  { alarms }: Stores,
  { id, job, order }: Operation,
  { state, now }: { state: 'done' | 'failed' | 'refused' | 'cancelled'; now: number },
): Promise<void> {
  const kinds = ['operation-failed', 'savepoint-failed'] as const
  if (state === 'done') await alarms.settle({ jobId: job.id }, { as: 'recovered', at: now, kinds })
  if (state !== 'failed') return
  const kind = order.verb === 'savepoint' ? 'savepoint-failed' : 'operation-failed'
  await alarms.raise({ kind, about: { is: 'job', id: job.id }, facts: { about: id }, at: now })
}

async function askAgain(stores: Stores, operation: Operation, plan: Plan, expiresAt: number): Promise<void> {
  await stores.operations.replan(operation.id, plan, planDigest(plan))
  await stores.operations.openApproval(operation.id, planDigest(plan), expiresAt)
  await stores.operations.setState(operation.id, 'waiting-approval', null)
  await stores.work.show(`operation:${operation.id}`)
}

function notDoneOf(why: RequestRefusal): NotDone {
  switch (why.of) {
    case 'already-runs':
    case 'same-release':
    case 'same-parallelism':
      return 'already-runs'
    case 'not-running':
      return 'nothing-runs'
    case 'state-not-readable':
      return 'state-not-readable'
    case 'lost':
      return 'cluster-silent'
    default:
      return 'plan-changed'
  }
}

function nowOf(state: string): Extract<Outcome, { is: 'not-done' }>['now'] {
  if (state === 'running' || state === 'recovering') return 'running-as-before'
  if (state === 'lost' || state === 'starting' || state === 'stopping') return 'unclear'
  return state === 'failed' ? 'failed' : 'stopped'
}
