import { createHash } from 'node:crypto'
import type { AttemptSight, Proof } from '../runtimes/runtime.ts'
import type { Attempt, JobState, Savepoint } from './job.ts'
import type { NotDone } from './operation.ts'
import { freshPulse, type Run } from './run.ts'
import { newSavepoint, type Place, settledStateLeft, stateLeft } from './state-left.ts'
import type { Step, Trigger } from './step.ts'

export type Ended =
  | { ok: true; savepoint: Savepoint | null }
  /** It was not ended: it runs on, or we cannot see it. */
  | { ok: false; why: NotDone; because: string; seen: 'alive' | 'unknown' }

/** Flink reads 5 minutes' worth of trigger ids; within that a repeat is the same operation. A margin for its clock. */
const SAME_TRIGGER_MS = 4 * 60_000

/** 32 hex digits that follow from the operation: whoever resumes it uses the same name. */
export function triggerIdOf(operationId: string, what: string): string {
  return createHash('sha256').update(`${operationId}:${what}`).digest('hex').slice(0, 32)
}

/** Ends the running attempt with a savepoint (or drains it), and believes it only with proof. */
export async function endWithSavepoint(run: Run, attempt: Attempt, drain: boolean): Promise<Ended> {
  const identity = attempt.identity
  if (!run.step().ending) {
    const order = { id: triggerIdOf(run.operation.id, 'end'), sentAt: run.clock.now() }
    await nameEnding(run, attempt, order)
  }
  await run.progress('stopping-with-savepoint')

  const ending = run.step().ending
  if (!ending) throw new Error('The trigger was saved a moment ago.')
  const deadline = ending.sentAt + run.deadlines.endMs
  let sent = false
  for (;;) {
    const sight = await run.runtime.triggered(identity, ending.id)
    if (sight.is === 'done') {
      await run.at('end.answered')
      return finishEnding(run, attempt, placeOf(run, sight.path))
    }
    if (sight.is === 'failed') return afterFailedEnding(run, attempt, sight.because)
    if (sight.is === 'forgotten' || sight.is === 'unknown') {
      const life = await askOf(run, attempt)
      if (life.is === 'over') return finishEnding(run, attempt, await lastSavepointOf(run, attempt))
      // Sending the same trigger again within its time is the same operation; later it would be a second savepoint.
      if (life.is === 'alive' && (!sent || run.clock.now() - ending.sentAt < SAME_TRIGGER_MS)) {
        const order = { triggerId: ending.id, directory: savepointDirectory(run), drain }
        const answer = await run.runtime.stop(identity, order)
        sent = true
        await run.at('end.sent')
        if (answer.is === 'refused') return afterFailedEnding(run, attempt, answer.because)
      }
    }
    if (run.clock.now() > deadline) return notInTime(run, attempt)
    await run.pause(pauseFor(run, ending.sentAt))
  }
}

/** Ends the running attempt at once, without a savepoint. */
export async function endPlainly(run: Run, attempt: Attempt): Promise<Ended> {
  const identity = attempt.identity
  if (!run.step().ending) {
    await nameEnding(run, attempt, { id: triggerIdOf(run.operation.id, 'cancel'), sentAt: run.clock.now() })
  }
  await run.progress('stopping')
  const since = run.step().ending?.sentAt ?? run.clock.now()
  const { place: before } = await stateLeft(run, attempt)
  for (;;) {
    const life = await askOf(run, attempt)
    if (life.is === 'over') {
      const left = await settledStateLeft(run, attempt, before)
      return { ok: true, savepoint: await closeEnded(run, attempt, life.proof, left) }
    }
    if (life.is === 'alive' && life.state !== 'CANCELLING') {
      await run.runtime.cancel(identity)
      await run.at('end.sent')
    }
    if (run.clock.now() > since + run.deadlines.endMs) return notInTime(run, attempt)
    await run.pause(pauseFor(run, since))
  }
}

export async function askOf(run: Run, attempt: Attempt): Promise<AttemptSight> {
  const first = await run.runtime.ask(attempt.identity, { born: attempt.born, pulse: null })
  if (first.is !== 'unknown' || first.why === 'unreachable') return first
  // Absent from the listing: only the cluster's own life can tell whether that means over.
  return run.runtime.ask(attempt.identity, { born: attempt.born, pulse: await freshPulse(run) })
}

/** Quick while an answer is likely, slower when it takes its time. */
export function pauseFor(run: Run, since: number): number {
  const waited = run.clock.now() - since
  if (waited < 3_000) return 100
  return waited < 30_000 ? 500 : 2_000
}

export function savepointDirectory(run: Run): string | null {
  return run.cluster.savepointDir
}

async function nameEnding(run: Run, attempt: Attempt, ending: Trigger): Promise<void> {
  const deadline = ending.sentAt + run.deadlines.endMs
  await setJobState(run, { is: 'stopping', attempt: attempt.number, deadline }, { ending })
  await run.at('end.named')
}

/** Commits the job's state together with a step. */
export function setJobState(run: Run, state: JobState, change: Partial<Step> = {}): Promise<void> {
  return run.save(change, async (stores) => {
    await stores.jobs.setState(run.job.id, state, run.clock.now())
    return undefined
  })
}

/** The savepoint is there; now the attempt must be seen to be over before anything else happens. */
async function finishEnding(run: Run, attempt: Attempt, place: Place | null): Promise<Ended> {
  const since = run.clock.now()
  for (;;) {
    const life = await askOf(run, attempt)
    if (life.is === 'over') return { ok: true, savepoint: await closeEnded(run, attempt, life.proof, place) }
    if (run.clock.now() > since + run.deadlines.silentMs) return notInTime(run, attempt)
    await run.pause(pauseFor(run, since))
  }
}

async function closeEnded(
  run: Run,
  attempt: Attempt,
  proof: Proof,
  place: Place | null,
): Promise<Savepoint | null> {
  let kept: Savepoint | null = null
  await run.save({ ended: true }, async (stores) => {
    const now = run.clock.now()
    kept = place && (await stores.savepoints.add(newSavepoint(run, attempt, place)))
    await stores.attempts.close(attempt.id, proof, now)
    await stores.jobs.setState(run.job.id, { is: 'stopped', savepointId: kept?.id ?? null }, now)
    stores.tell({ of: 'cluster', clusterId: run.cluster.id })
    return kept ? { taken: { id: kept.id, path: kept.path, at: kept.at } } : undefined
  })
  await run.at('attempt.ended')
  return kept
}

async function afterFailedEnding(run: Run, attempt: Attempt, because: string): Promise<Ended> {
  const life = await askOf(run, attempt)
  if (life.is === 'over') {
    // Stopped by somebody else, or it failed while its savepoint was taken: it is over all the same.
    const left = await settledStateLeft(run, attempt)
    return { ok: true, savepoint: await closeEnded(run, attempt, life.proof, left) }
  }
  if (life.is === 'alive') {
    await setJobState(run, { is: 'running', attempt: attempt.number, tasks: life.tasks })
  }
  return { ok: false, why: 'savepoint-failed', because, seen: life.is === 'alive' ? 'alive' : 'unknown' }
}

async function notInTime(run: Run, attempt: Attempt): Promise<Ended> {
  const life = await askOf(run, attempt)
  const because = life.is === 'unknown' ? life.because : ''
  if (life.is === 'alive') return { ok: false, why: 'not-seen-in-time', because, seen: 'alive' }
  await setJobState(run, { is: 'lost', attempt: attempt.number, since: run.clock.now(), because })
  return { ok: false, why: 'cluster-silent', because, seen: 'unknown' }
}

/** The answer was lost but the job is over: what Flink (or the directory) still tells of its last savepoint. */
async function lastSavepointOf(run: Run, attempt: Attempt): Promise<Place | null> {
  const detail = await run.runtime.detail(attempt.identity, { pressure: false })
  const last = detail?.lastCheckpoint
  if (last?.isSavepoint && last.path)
    return { path: last.path, at: last.at, sizeBytes: last.sizeBytes, origin: 'stop' }
  return settledStateLeft(run, attempt)
}

function placeOf(run: Run, path: string): Place {
  return { path, at: run.clock.now(), sizeBytes: null, origin: 'stop' }
}
