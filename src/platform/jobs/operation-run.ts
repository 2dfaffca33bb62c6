import { never } from '../../lib/never.ts'
import type { ClusterRoom, RuntimeCause } from '../runtimes/runtime.ts'
import { flinkJobId } from '../runtimes/runtime.ts'
import {
  askOf,
  type Ended,
  endPlainly,
  endWithSavepoint,
  pauseFor,
  savepointDirectory,
  triggerIdOf,
} from './end-attempt.ts'
import type { Attempt } from './job.ts'
import type { NotDone, NowTrue, Order, Outcome } from './operation.ts'
import type { Release } from './release.ts'
import { freshPulse, type Run } from './run.ts'
import {
  recordReading,
  type Started,
  type StartOrder,
  startAttempt,
  withdrawAttempt,
} from './start-attempt.ts'
import { newSavepoint } from './state-left.ts'

/** Carries an operation from wherever its step says it is to its outcome. */
export function carryOut(run: Run): Promise<Outcome> {
  const { order } = run.operation
  switch (order.verb) {
    case 'start':
    case 'restart':
    case 'rollback':
    case 'scale':
      return bringUp(run)
    case 'stop':
    case 'cancel':
      return bringDown(run, order)
    case 'savepoint':
      return takeSavepoint(run)
    case 'adopt':
      return adopt(run, order)
    default:
      return never(order)
  }
}

async function bringUp(run: Run): Promise<Outcome> {
  const release = await releaseOf(run, run.plan.toRelease)
  const live = await run.read.attempts.live(run.job.id)
  const untouched = !run.step().ending && !run.step().start
  if (untouched) {
    const obstacle = await preflight(run, release, live)
    if (obstacle) return obstacle
    if (await run.cancelAsked()) return notDone(run, 'cancelled', unchangedState(run, live))
  }
  if (live && !run.step().start && !run.step().ended) {
    if (run.step().former === null) await run.save({ former: live.number })
    const ended = await endFormer(run, live)
    if (!ended.ok) return notEnded(run, ended)
  }
  if (!run.step().back && !run.step().wentWrong) {
    const started = await startAttempt(run, await startOrder(run, release))
    if (started.up === 'finished') return finished(run, started.attempt)
    if (started.up) return up(run, started, release)
    const stays = await afterFailedStart(run, started, release)
    if (stays) return stays
  }
  return goBack(run)
}

/** What would make us fail after the running job was ended is looked at before. */
async function preflight(run: Run, release: Release, live: Attempt | null): Promise<Outcome | null> {
  await run.progress('checking')
  const unchanged = unchangedState(run, live)
  const noRoom = await whyNoRoom(run, live)
  if (noRoom) return notDone(run, noRoom, unchanged)
  if (live && release.number !== live.release) {
    const { name: jobName } = run.job
    const { program, flinkSettings } = release
    const plan = { jobName, program, parallelism: run.plan.parallelism, flinkSettings, restore: null }
    const check = await run.runtime.check(plan)
    if (check.is === 'bad') return notDone(run, 'refused-by-flink', unchanged, check.cause)
  }
  return null
}

function unchangedState(run: Run, live: Attempt | null): NowTrue {
  if (live) return 'running-as-before'
  return run.job.state.is === 'failed' ? 'failed' : 'stopped'
}

/**
 * One look does not tell that a cluster is full: the slots of a job that has just ended are given back a moment later,
 * and behind a new JobManager the TaskManagers come back one by one, still holding slots for jobs that it does not know.
 */
async function whyNoRoom(
  run: Run,
  live: Attempt | null,
): Promise<'cluster-silent' | 'no-room' | 'cancelled' | null> {
  const since = run.clock.now()
  for (;;) {
    const room = await roomSoon(run)
    if (!room) return 'cluster-silent'
    if (fits(run, room, live)) return null
    const waited = run.clock.now() - since
    if (waited > run.deadlines.roomMs && !(await isComingBack(run))) return 'no-room'
    if (await run.cancelAsked()) return 'cancelled'
    await run.pause(pauseFor(run, since))
  }
}

function fits(run: Run, room: ClusterRoom, live: Attempt | null): boolean {
  // YARN keeps what does not fit waiting, and says so.
  if (room.of === 'memory') return true
  const needed = run.plan.parallelism ?? 0
  const freed = live?.parallelism ?? 0
  // A starting cluster may show no slots for a moment, and Flink waits for them.
  return needed === 0 || room.slotsTotal === 0 || needed <= room.slotsFree + freed
}

async function isComingBack(run: Run): Promise<boolean> {
  const pulse = await freshPulse(run)
  if (pulse === null || pulse.replacedAt === null) return false
  return run.clock.now() - pulse.replacedAt < run.deadlines.comingBackMs
}

/** A leader election, or one bad answer, is not silence. */
async function roomSoon(run: Run): Promise<ClusterRoom | null> {
  const since = run.clock.now()
  for (;;) {
    const room = await run.runtime.room()
    if (room || run.clock.now() - since > run.deadlines.silentMs) return room
    await run.pause(pauseFor(run, since))
  }
}

async function endFormer(run: Run, live: Attempt): Promise<Ended> {
  if (run.operation.force && run.job.state.is === 'lost') return endByForce(run, live)
  return run.plan.stop === 'plain'
    ? endPlainly(run, live)
    : endWithSavepoint(run, live, run.plan.stop === 'drain')
}

/** A person vouches for an attempt that no runtime can tell of any more; the audit keeps their word. */
async function endByForce(run: Run, live: Attempt): Promise<Ended> {
  const life = await askOf(run, live)
  if (life.is === 'alive') return endWithSavepoint(run, live, false)
  const proof = {
    kind: 'forced',
    by: run.operation.requester.name,
    reason: run.operation.reason ?? '',
  } as const
  await run.save({ ended: true }, async (stores) => {
    await stores.attempts.close(live.id, life.is === 'over' ? life.proof : proof, run.clock.now())
    return undefined
  })
  return { ok: true, savepoint: null }
}

async function startOrder(run: Run, release: Release): Promise<StartOrder> {
  return { as: 'start', release, parallelism: run.plan.parallelism, restore: await restoreOf(run) }
}

async function restoreOf(run: Run): Promise<StartOrder['restore']> {
  const { restore } = run.plan
  switch (restore?.is) {
    case 'savepoint':
      return { path: restore.path, writer: restore.release }
    case 'taken-now':
    case 'newest-checkpoint': {
      const { former } = run.step()
      const before = former === null ? null : await run.read.attempts.byNumber(run.job.id, former)
      return before && leftBy(run, before)
    }
    default:
      return null
  }
}

/** What the former attempt left; when it left nothing newer, what it had begun from: never nothing instead of that. */
async function leftBy(run: Run, former: Attempt): Promise<StartOrder['restore']> {
  const { taken } = run.step()
  if (taken) return { path: taken.path, writer: former.release }
  if (former.restoredFrom === null) return null
  const savepoints = await run.read.savepoints.newest(run.job.id)
  const writer = savepoints.find(({ path }) => path === former.restoredFrom)?.release ?? null
  return { path: former.restoredFrom, writer }
}

async function up(run: Run, started: Extract<Started, { up: true }>, release: Release): Promise<Outcome> {
  const { attempt, tasks, restoredFrom } = started
  await run.save({}, async (stores) => {
    const state = { is: 'running', attempt: attempt.number, tasks } as const
    await stores.jobs.setState(run.job.id, state, run.clock.now(), {
      desired: 'running',
      effectiveRelease: release.number,
    })
    await stores.alarms.settle({ jobId: run.job.id }, { as: 'recovered', at: run.clock.now() })
    return undefined
  })
  const seen = { running: tasks.running + tasks.finished, total: tasks.total }
  const { parallelism } = run.plan
  return {
    is: 'running',
    release: release.number,
    attempt: attempt.number,
    tookMs: tookMs(run),
    restoredFrom,
    tasks: seen,
    parallelism,
  }
}

async function finished(run: Run, attempt: Attempt): Promise<Outcome> {
  await run.save({}, async (stores) => {
    const state = { is: 'ended', attempt: attempt.number, as: 'FINISHED', outside: false } as const
    await stores.jobs.setState(run.job.id, state, run.clock.now(), {
      desired: 'stopped',
      effectiveRelease: attempt.release,
    })
    return undefined
  })
  return { is: 'finished', release: attempt.release, attempt: attempt.number, tookMs: tookMs(run) }
}

/** Null: the former release can and should be started again. */
async function afterFailedStart(
  run: Run,
  started: Extract<Started, { up: false }>,
  release: Release,
): Promise<Outcome | null> {
  const { why, cause, over, attempt } = started
  if (why === 'state-not-readable') {
    const restore = await restoreOf(run)
    const because = cause ? `${cause.exception}: ${cause.message}` : null
    if (restore)
      await recordReading(run, {
        writer: restore.writer,
        reader: release.number,
        outcome: 'refused',
        because,
      })
  }
  if (why === 'already-runs') return notDone(run, why, 'running-as-before', cause)
  if (why === 'cluster-silent') return notDone(run, why, 'unclear', cause)
  const wayBack = await hasWayBack(run, release)
  if (!over && attempt) {
    // Left alone Flink goes on trying, which is right for a release that ran before; one that does not come up, or
    // came up without its state, must not stay.
    if (!wayBack && why !== 'restore-not-seen' && why !== 'cancelled') {
      await keepTrying(run, attempt, release)
      return notDone(run, why, 'still-trying', cause)
    }
    if (!(await withdrawAttempt(run, attempt, cause))) return notDone(run, why, 'unclear', cause)
  }
  if (!wayBack || why === 'cancelled')
    return notDone(run, why, why === 'cancelled' ? 'stopped' : 'failed', cause)
  await run.save({ wentWrong: { why, cause } })
  return null
}

async function keepTrying(run: Run, attempt: Attempt, release: Release): Promise<void> {
  await run.save({}, async (stores) => {
    const state = { is: 'recovering', attempt: attempt.number, flink: 'RESTARTING', tasks: NO_TASKS } as const
    await stores.jobs.setState(run.job.id, state, run.clock.now(), {
      desired: 'running',
      effectiveRelease: release.number,
    })
    return undefined
  })
}

const NO_TASKS = { total: 0, running: 0, finished: 0, failed: 0 }

/** There is a way back when this operation itself ended another release (or parallelism) and has its state. */
async function hasWayBack(run: Run, release: Release): Promise<boolean> {
  const { former } = run.step()
  if (former === null) return false
  const before = await run.read.attempts.byNumber(run.job.id, former)
  if (!before) return false
  return before.release !== release.number || before.parallelism !== run.plan.parallelism
}

async function goBack(run: Run): Promise<Outcome> {
  const { former, wentWrong } = run.step()
  const why = (wentWrong?.why ?? 'did-not-start') as NotDone
  const cause = (wentWrong?.cause ?? null) as RuntimeCause | null
  const before = former === null ? null : await run.read.attempts.byNumber(run.job.id, former)
  if (!before) return notDone(run, why, 'failed', cause)
  await run.progress('going-back')
  await run.at('back.begun')
  const release = await releaseOf(run, before.release)
  const restore = await leftBy(run, before)
  const started = await startAttempt(run, { as: 'back', release, parallelism: before.parallelism, restore })
  if (started.up === true) {
    await up(run, started, release)
    return notDone(run, why, 'running-former-release', cause, release.number)
  }
  const now: NowTrue = started.up === false && !started.over ? 'unclear' : 'failed'
  return notDone(run, why, now, cause, release.number)
}

async function bringDown(run: Run, order: Extract<Order, { verb: 'stop' | 'cancel' }>): Promise<Outcome> {
  const live = await run.read.attempts.live(run.job.id)
  if (live) {
    const plain = order.verb === 'cancel' || order.how === 'plain'
    const ended = plain
      ? await endPlainly(run, live)
      : await endWithSavepoint(run, live, order.how === 'drain')
    if (!ended.ok) return notEnded(run, ended)
  } else if (!run.step().ended) {
    return notDone(run, 'nothing-runs', 'stopped')
  }
  const { taken } = run.step()
  await run.save({}, async (stores) => {
    const state = { is: 'stopped', savepointId: taken?.id ?? null } as const
    await stores.jobs.setState(run.job.id, state, run.clock.now(), { desired: 'stopped' })
    await stores.alarms.settle({ jobId: run.job.id }, { as: 'stopped', at: run.clock.now() })
    return undefined
  })
  return { is: 'stopped', savepoint: taken && { id: taken.id, path: taken.path }, tookMs: tookMs(run) }
}

async function takeSavepoint(run: Run): Promise<Outcome> {
  const recorded = run.step().taken
  if (recorded) return { is: 'savepoint-taken', savepoint: recorded, tookMs: tookMs(run) }
  const live = await run.read.attempts.live(run.job.id)
  if (!live) return notDone(run, 'nothing-runs', 'stopped')
  if (!run.step().saving) {
    await run.save({ saving: { id: triggerIdOf(run.operation.id, 'savepoint'), sentAt: run.clock.now() } })
    await run.at('savepoint.named')
  }
  await run.progress('taking-savepoint')
  const saving = run.step().saving
  if (!saving) throw new Error('The trigger was saved a moment ago.')
  const identity = live.identity
  let sent = false
  for (;;) {
    const sight = await run.runtime.triggered(identity, saving.id)
    if (sight.is === 'done') return savepointTaken(run, live, sight.path)
    if (sight.is === 'failed')
      return notDone(run, 'savepoint-failed', 'running-as-before', plainCause(sight.because))
    if (sight.is === 'forgotten' && !sent) {
      const answer = await run.runtime.savepoint(identity, {
        triggerId: saving.id,
        directory: savepointDirectory(run),
      })
      sent = answer.is === 'triggered'
      await run.at('savepoint.sent')
      if (answer.is === 'refused')
        return notDone(run, 'savepoint-failed', 'running-as-before', plainCause(answer.because))
    }
    if (run.clock.now() > saving.sentAt + run.deadlines.savepointMs)
      return notDone(run, 'not-seen-in-time', 'running-as-before')
    if (!sent && run.clock.now() > saving.sentAt + run.deadlines.silentMs)
      return notDone(run, 'cluster-silent', 'unclear')
    await run.pause(pauseFor(run, saving.sentAt))
  }
}

async function savepointTaken(run: Run, live: Attempt, path: string): Promise<Outcome> {
  await run.save({}, async (stores) => {
    const place = { path, at: run.clock.now(), sizeBytes: null, origin: 'savepoint' } as const
    const { id, at } = await stores.savepoints.add(newSavepoint(run, live, place))
    return { taken: { id, path, at } }
  })
  await run.at('savepoint.recorded')
  const { taken } = run.step()
  if (!taken) throw new Error('The savepoint was saved a moment ago.')
  return { is: 'savepoint-taken', savepoint: { id: taken.id, path }, tookMs: tookMs(run) }
}

/** Takes over a job that somebody started without us: it gets an attempt under its own Flink job id. */
async function adopt(run: Run, order: Extract<Order, { verb: 'adopt' }>): Promise<Outcome> {
  const release = await releaseOf(run, run.plan.toRelease)
  // On YARN an application that we did not start does not carry our tags, and is not seen.
  if (run.cluster.kind !== 'session') return notDone(run, 'not-found-on-cluster', 'stopped')
  const sight = await run.runtime.observe()
  if (sight.is !== 'seen') return notDone(run, 'cluster-silent', 'stopped')
  const stranger = sight.jobs.find((job) => job.flinkJobId === order.flinkJobId && job.endedAt === null)
  if (!stranger) return notDone(run, 'not-found-on-cluster', 'stopped')
  if (!run.step().start) {
    await run.save({}, async (stores) => {
      const number = await stores.jobs.nextAttempt(run.job.id)
      const identity = { on: 'session', flinkJobId: flinkJobId(order.flinkJobId) } as const
      const now = run.clock.now()
      const id = run.ids.next('att')
      const place = { clusterId: run.cluster.id, operationId: run.operation.id, fence: run.fence }
      const draft = {
        id,
        jobId: run.job.id,
        number,
        release: release.number,
        parallelism: release.parallelism,
      }
      await stores.attempts.open({ ...draft, ...place, identity, restoredFrom: null, at: now })
      await stores.attempts.move(id, run.fence, { is: 'live', at: now })
      return { start: { attempt: number, release: release.number, restore: null, since: now } }
    })
    await run.at('attempt.intended')
  }
  const attempt = run.step().start?.attempt ?? 0
  await run.save({}, async (stores) => {
    const state = { is: 'running', attempt, tasks: stranger.tasks } as const
    await stores.jobs.setState(run.job.id, state, run.clock.now(), {
      desired: 'running',
      effectiveRelease: release.number,
    })
    stores.tell({ of: 'cluster', clusterId: run.cluster.id })
    return undefined
  })
  return { is: 'adopted', attempt, release: release.number }
}

function notEnded(run: Run, ended: Extract<Ended, { ok: false }>): Outcome {
  const now: NowTrue = ended.seen === 'alive' ? 'running-as-before' : 'unclear'
  return notDone(run, ended.why, now, ended.because ? plainCause(ended.because) : null)
}

function plainCause(message: string): RuntimeCause {
  return { exception: '', message, at: null, task: null, stack: message }
}

function notDone(
  run: Run,
  why: NotDone,
  now: NowTrue,
  cause: RuntimeCause | null = null,
  release: number | null = null,
): Outcome {
  return { is: 'not-done', why, now, cause, release: release ?? run.job.effectiveRelease }
}

function tookMs(run: Run): number {
  return run.clock.now() - run.startedAt
}

async function releaseOf(run: Run, number: number | null): Promise<Release> {
  const release = number === null ? null : await run.read.releases.byNumber(run.job.id, number)
  if (!release) throw new Error(`Release ${number} of ${run.job.name} is not there.`)
  return release
}
