import type { Proof, RuntimeCause, SubmitPlan, TaskCounts } from '../runtimes/runtime.ts'
import { flinkJobId } from '../runtimes/runtime.ts'
import { askOf, pauseFor, setJobState } from './end-attempt.ts'
import type { Attempt, AttemptProof } from './job.ts'
import type { NotDone } from './operation.ts'
import type { Release } from './release.ts'
import { freshPulse, type Run } from './run.ts'
import { newSavepoint, settledStateLeft } from './state-left.ts'
import type { StartStep } from './step.ts'

export interface StartOrder {
  /** Which of the two starts an operation may make. */
  as: 'start' | 'back'
  release: Release
  parallelism: number | null
  restore: { path: string; writer: number | null } | null
}

export type Started =
  | { up: true; attempt: Attempt; tasks: TaskCounts; restoredFrom: string | null }
  /** A bounded job that was through before we saw all its tasks run. */
  | { up: 'finished'; attempt: Attempt }
  /** `over`: the attempt is proved over, another may be started. */
  | { up: false; why: NotDone; cause: RuntimeCause | null; over: boolean; attempt: Attempt | null }

/** Restarts by Flink itself, before its tasks were ever all up, after which we call it not started. */
const RESTARTS_THAT_MEAN_NO = 3

/**
 * Has a release run as a new attempt: identity first, then the call, then belief only in what the cluster shows.
 * May be called again after a crash at any point; it goes on where it was.
 */
export async function startAttempt(run: Run, order: StartOrder): Promise<Started> {
  const opened = await openAttempt(run, order)
  if (!opened.ok) return { up: false, why: opened.why, cause: null, over: false, attempt: null }
  const { attempt } = opened
  if (attempt.state === 'over') return startedOver(run, attempt, null)
  const submitted = await submitAttempt(run, attempt, order)
  if (submitted !== 'given') return submitted
  return confirmAttempt(run, attempt, order)
}

async function openAttempt(
  run: Run,
  order: StartOrder,
): Promise<{ ok: true; attempt: Attempt } | { ok: false; why: NotDone }> {
  const step = run.step()[order.as]
  if (step) {
    const attempt = await run.read.attempts.byNumber(run.job.id, step.attempt)
    if (!attempt) throw new Error(`Attempt ${step.attempt} of ${run.job.name} was committed and is gone.`)
    return { ok: true, attempt }
  }
  if (await adoptStranded(run)) return { ok: false, why: 'already-runs' }

  // Numbers never repeat; one that is never used does no harm.
  let number = 0
  await run.save({}, async (stores) => {
    number = await stores.jobs.nextAttempt(run.job.id)
    return undefined
  })
  const reserved = await run.runtime.reserve({ jobUid: run.job.id, attempt: number })
  if (reserved.is === 'unknown') return { ok: false, why: 'cluster-silent' }
  const { identity } = reserved
  let opened: Attempt | null = null
  await run.save({}, async (stores) => {
    const now = run.clock.now()
    const id = run.ids.next('att')
    const { release, parallelism, restore } = order
    const draft = { id, jobId: run.job.id, number, release: release.number, parallelism, identity, at: now }
    const place = { clusterId: run.cluster.id, operationId: run.operation.id, fence: run.fence }
    const answer = await stores.attempts.open({ ...draft, ...place, restoredFrom: restore?.path ?? null })
    if (answer === 'another-lives') return undefined
    await stores.jobs.setState(
      run.job.id,
      { is: 'starting', attempt: number, deadline: now + run.deadlines.upMs },
      now,
    )
    opened = await stores.attempts.byNumber(run.job.id, number)
    stores.tell({ of: 'cluster', clusterId: run.cluster.id })
    return {
      [order.as]: { attempt: number, release: release.number, restore, since: now } satisfies StartStep,
    }
  })
  if (!opened) return { ok: false, why: 'already-runs' }
  await run.at('attempt.intended')
  return { ok: true, attempt: opened }
}

/**
 * Before anything is submitted, the cluster is asked for what carries our identity. An attempt that we hold for over
 * and that lives is taken back instead of being joined by a second.
 */
async function adoptStranded(run: Run): Promise<boolean> {
  const sight = await run.runtime.observe()
  if (sight.is !== 'seen') return false
  for (const listed of sight.jobs) {
    if (listed.endedAt !== null) continue
    const attempt = await run.read.attempts.byFlinkJobId(flinkJobId(listed.flinkJobId))
    if (attempt?.jobId !== run.job.id || attempt.state !== 'over') continue
    run.log.error({ job: run.job.name, flinkJobId: listed.flinkJobId }, 'An attempt held for over is alive')
    await run.save({}, async (stores) => {
      await stores.attempts.reopen(attempt.id, run.clock.now())
      const { number } = attempt
      await stores.jobs.setState(
        run.job.id,
        { is: 'running', attempt: number, tasks: listed.tasks },
        run.clock.now(),
      )
      return undefined
    })
    return true
  }
  return false
}

async function submitAttempt(run: Run, attempt: Attempt, order: StartOrder): Promise<'given' | Started> {
  await run.progress('submitting')
  const identity = attempt.identity
  const since = run.step()[order.as]?.since ?? run.clock.now()
  let resumed = attempt.state !== 'intended'
  let silentSince: number | null = null
  for (;;) {
    if (resumed) {
      // The call may have been made: what it did is asked, never guessed.
      const life = await askOf(run, attempt)
      if (life.is === 'alive') break
      if (life.is === 'over') return startedOver(run, attempt, life.proof)
      if (life.why === 'unreachable') {
        silentSince ??= run.clock.now()
        if (run.clock.now() - silentSince > run.deadlines.silentMs) return notSeen(run, attempt)
        await run.progress('asking-runtime')
        await run.pause(pauseFor(run, silentSince))
        continue
      }
    }
    silentSince = null
    if (run.clock.now() - since > run.deadlines.submitMs) return notSeen(run, attempt)
    await markSubmitting(run, attempt)
    const answer = await run.runtime.submit(identity, submitPlan(run, order))
    await run.at('attempt.submitted')
    if (answer.is === 'accepted' || answer.is === 'already-there') break
    if (answer.is === 'refused') return refusedAttempt(run, attempt, { answer, order })
    resumed = true
    await run.pause(pauseFor(run, since))
  }
  await run.save({}, async (stores) => {
    if (attempt.state !== 'live')
      await stores.attempts.move(attempt.id, run.fence, { is: 'live', at: run.clock.now() })
    return undefined
  })
  return 'given'
}

async function markSubmitting(run: Run, attempt: Attempt): Promise<void> {
  if (attempt.state === 'live') return
  const pulse = await freshPulse(run)
  await run.save({}, async (stores) => {
    const moved = await stores.attempts.move(attempt.id, run.fence, {
      is: 'submitting',
      born: pulse?.generation ?? null,
    })
    if (!moved) throw new Error(`Attempt ${attempt.number} of ${run.job.name} belongs to a newer worker.`)
    return undefined
  })
  await run.at('attempt.submitting')
}

function submitPlan(run: Run, { release, parallelism, restore }: StartOrder): SubmitPlan {
  return {
    jobName: run.job.name,
    program: release.program,
    parallelism,
    flinkSettings: release.flinkSettings,
    flinkVersion: release.flinkVersion,
    // Always NO_CLAIM: state that a rollback may need again must not be deleted by who starts from it.
    restore: restore && { path: restore.path, claim: 'no-claim', allowNonRestored: run.operation.force },
  }
}

async function refusedAttempt(
  run: Run,
  attempt: Attempt,
  { answer, order }: { answer: { because: string; cause: RuntimeCause | null }; order: StartOrder },
): Promise<Started> {
  const life = await askOf(run, attempt)
  const proof: AttemptProof = life.is === 'over' ? life.proof : { kind: 'never-submitted' }
  if (life.is === 'alive') return confirmAttempt(run, attempt, order)
  const cause = answer.cause ?? {
    exception: '',
    message: answer.because,
    at: null,
    task: null,
    stack: answer.because,
  }
  return closeFailed(run, attempt, { proof, cause })
}

/** Up means: every task runs, seen twice, and the state we asked for is the state Flink says it restored. */
async function confirmAttempt(run: Run, attempt: Attempt, order: StartOrder): Promise<Started> {
  const since = run.clock.now()
  let seenUp = 0
  let silentSince: number | null = null
  for (;;) {
    const life = await askOf(run, attempt)
    if (life.is === 'over') return startedOver(run, attempt, life.proof)
    if (life.is === 'unknown') {
      silentSince ??= run.clock.now()
      if (run.clock.now() - silentSince > run.deadlines.silentMs) return notSeen(run, attempt)
      await run.progress('asking-runtime')
    } else {
      silentSince = null
      const { tasks, state } = life
      seenUp =
        state === 'RUNNING' && tasks.total > 0 && tasks.running + tasks.finished === tasks.total
          ? seenUp + 1
          : 0
      if (seenUp >= 2) return confirmState(run, attempt, { order, tasks })
      await run.progress('waiting-for-tasks', { running: tasks.running + tasks.finished, total: tasks.total })
      const stuck = await whyNotComing(run, attempt, since)
      if (stuck) return stuck
    }
    if (await run.cancelAsked()) return cancelStart(run, attempt)
    await run.pause(pauseFor(run, since))
  }
}

async function whyNotComing(run: Run, attempt: Attempt, since: number): Promise<Started | null> {
  const waited = run.clock.now() - since
  if (waited < 2_000) return null
  const detail = await run.runtime.detail(attempt.identity, { pressure: false })
  const late = waited > run.deadlines.upMs
  if ((detail?.restarts ?? 0) < RESTARTS_THAT_MEAN_NO && !late) return null
  const [cause = null] = await run.runtime.causes(attempt.identity)
  return { up: false, why: notDoneFor(cause, 'did-not-start'), cause, over: false, attempt }
}

async function confirmState(
  run: Run,
  attempt: Attempt,
  { order, tasks }: { order: StartOrder; tasks: TaskCounts },
): Promise<Started> {
  await run.at('attempt.confirmed')
  if (!order.restore) return { up: true, attempt, tasks, restoredFrom: null }
  const { path, writer } = order.restore
  if (!(await restoreSeen(run, attempt))) {
    return { up: false, why: 'restore-not-seen', cause: null, over: false, attempt }
  }
  await recordReading(run, { writer, reader: order.release.number, outcome: 'read', because: null })
  return { up: true, attempt, tasks, restoredFrom: path }
}

/**
 * Flink serves a job's checkpoints from a view up to 3 s old. Somebody who looked while the job was starting leaves one
 * without the restore behind, so a single look without it proves nothing: this is several views, and a bad answer or two.
 */
const RESTORE_WITHIN_MS = 15_000

async function restoreSeen(run: Run, attempt: Attempt): Promise<boolean> {
  const since = run.clock.now()
  for (;;) {
    const detail = await run.runtime.detail(attempt.identity, { pressure: false })
    if (detail?.restored) return true
    if (run.clock.now() - since > RESTORE_WITHIN_MS) return false
    await run.pause(pauseFor(run, since))
  }
}

async function startedOver(run: Run, attempt: Attempt, proof: Proof | null): Promise<Started> {
  if (proof && 'state' in proof && proof.state === 'FINISHED') return closeFinished(run, attempt, proof)
  const cause = await causeSoon(run, attempt)
  return closeFailed(run, attempt, { proof: proof ?? attempt.proof ?? { kind: 'never-submitted' }, cause })
}

/** Flink serves its exceptions from a view up to 3 s old. */
const CAUSE_WITHIN_MS = 5_000

async function causeSoon(run: Run, attempt: Attempt): Promise<RuntimeCause | null> {
  const since = run.clock.now()
  for (;;) {
    const [cause] = await run.runtime.causes(attempt.identity)
    if (cause) return cause
    if (run.clock.now() - since > CAUSE_WITHIN_MS) return null
    await run.pause(500)
  }
}

async function closeFinished(run: Run, attempt: Attempt, proof: Proof): Promise<Started> {
  await run.save({}, async (stores) => {
    const now = run.clock.now()
    await stores.attempts.close(attempt.id, proof, now)
    await stores.jobs.setState(
      run.job.id,
      { is: 'ended', attempt: attempt.number, as: 'FINISHED', outside: false },
      now,
    )
    stores.tell({ of: 'cluster', clusterId: run.cluster.id })
    return undefined
  })
  return { up: 'finished', attempt }
}

async function closeFailed(
  run: Run,
  attempt: Attempt,
  { proof, cause }: { proof: AttemptProof; cause: RuntimeCause | null },
): Promise<Started> {
  const why = notDoneFor(cause, attempt.state === 'live' ? 'failed-after-start' : 'refused-by-flink')
  const left = proof.kind === 'never-submitted' ? null : await settledStateLeft(run, attempt)
  await run.save({}, async (stores) => {
    const now = run.clock.now()
    await stores.attempts.close(attempt.id, proof, now)
    await stores.jobs.setState(run.job.id, { is: 'failed', attempt: attempt.number, cause }, now)
    if (left) await stores.savepoints.add(newSavepoint(run, attempt, left))
    stores.tell({ of: 'cluster', clusterId: run.cluster.id })
    return undefined
  })
  return { up: false, why, cause, over: true, attempt }
}

/** It may run or not; nothing more is started on this job until watching has seen it. */
async function notSeen(run: Run, attempt: Attempt): Promise<Started> {
  await setJobState(run, {
    is: 'lost',
    attempt: attempt.number,
    since: run.clock.now(),
    because: 'no answer',
  })
  return { up: false, why: 'cluster-silent', cause: null, over: false, attempt }
}

/** Ends an attempt that did not come up, so that another may be started. False: it could not be proved over. */
export async function withdrawAttempt(
  run: Run,
  attempt: Attempt,
  cause: RuntimeCause | null,
): Promise<boolean> {
  const since = run.clock.now()
  for (;;) {
    const life = await askOf(run, attempt)
    if (life.is === 'over') {
      await closeFailed(run, attempt, { proof: life.proof, cause })
      return true
    }
    if (life.is === 'alive' && life.state !== 'CANCELLING') await run.runtime.cancel(attempt.identity)
    if (run.clock.now() - since > run.deadlines.silentMs) return false
    await run.pause(pauseFor(run, since))
  }
}

async function cancelStart(run: Run, attempt: Attempt): Promise<Started> {
  const over = await withdrawAttempt(run, attempt, null)
  return { up: false, why: 'cancelled', cause: null, over, attempt }
}

export async function recordReading(
  run: Run,
  reading: { writer: number | null; reader: number; outcome: 'read' | 'refused'; because: string | null },
): Promise<void> {
  const { writer } = reading
  if (writer === null) return
  await run.save({}, async (stores) => {
    await stores.savepoints.recordReading(run.job.id, { ...reading, writer, at: run.clock.now() })
    return undefined
  })
}

const STATE_NOT_READABLE =
  /Cannot map checkpoint\/savepoint state|There is no operator for the state|StateMigrationException|state migration|Error while getting state|new state serializer|[Mm]ax parallelism .* (cannot|mismatch)/
const NO_ROOM = /NoResourceAvailableException|Could not acquire the minimum required resources/

/** What a failure means to the person who asked; the texts are Flink's own (seen on 1.16 to 2.3). */
export function notDoneFor(cause: RuntimeCause | null, otherwise: NotDone): NotDone {
  if (!cause) return otherwise
  const text = `${cause.exception}: ${cause.message}\n${cause.stack}`
  if (STATE_NOT_READABLE.test(text)) return 'state-not-readable'
  if (NO_ROOM.test(text)) return 'no-room'
  return otherwise
}
