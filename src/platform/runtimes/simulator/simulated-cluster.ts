import type { Instant } from '../../../lib/clock.ts'
import { never } from '../../../lib/never.ts'
import type { FlinkState } from '../runtime.ts'
import * as texts from './error-texts.ts'
import {
  type Behaviour,
  checkpointsDue,
  counterAt,
  isOver,
  type SimulatedCheckpoint,
  type SimulatedJob,
  tasksTotal,
} from './simulated-job.ts'

/** How long the steps of a job take, in ms. */
export interface SimulatorDelays {
  /** Compiling and starting a program: how long a run call is open. */
  submit: number
  initialize: number
  deploy: number
  savepoint: number
  cancel: number
  /** Before a broken job is tried again. */
  restart: number
  /** Between the JobManager's process being there and its first good answer. */
  leaderElection: number
  /** How long TaskManagers hold slots for jobs that a new JobManager does not know. */
  giveBack: number
}

/** As a real cluster on a small machine. */
export const REAL_DELAYS: SimulatorDelays = {
  submit: 400,
  initialize: 150,
  deploy: 700,
  savepoint: 300,
  cancel: 200,
  restart: 1_000,
  leaderElection: 500,
  giveBack: 10_000,
}

/** For tests: things happen as soon as somebody looks. */
export const NO_DELAYS: SimulatorDelays = {
  submit: 0,
  initialize: 0,
  deploy: 0,
  savepoint: 0,
  cancel: 0,
  restart: 0,
  leaderElection: 0,
  giveBack: 0,
}

/** Where savepoints and checkpoints of simulated jobs are kept. */
export interface StateFiles {
  write(path: string, state: SavedState): void
  remove(path: string): void
  /** Null: there is nothing there. */
  read(path: string): SavedState | null
  /** The text of a file a job watches; null when it does not exist. */
  controlFile(path: string): string | null
  /** What Flink leaves in `jobmanager.archive.fs.dir` when a job ends. */
  archive(jobId: string, content: string): void
}

export interface SavedState {
  jobId: string
  checkpoint: number
  counter: number
  shape: string
}

export interface ClusterShape {
  version: string
  taskManagers: number
  slots: number
  delays: SimulatorDelays
  highAvailability: boolean
  checkpointDirectory: string
  savepointDirectory: string | null
  files: StateFiles
}

export type Trigger = { jobId: string; at: Instant; doneAt: Instant } & (
  | { is: 'savepoint'; directory: string | null; outcome: TriggerOutcome | null }
  | { is: 'stop'; directory: string | null; outcome: TriggerOutcome | null }
)
export type TriggerOutcome = { location: string } | { failure: string }

export interface Start {
  jobId: string
  behaviour: Behaviour
  parallelism: number
  restore: { path: string; allowNonRestored: boolean } | null
}

/** Flink keeps the results of savepoints for five minutes. */
const TRIGGER_LIFE_MS = 300_000
/** A standalone cluster waits this long for TaskManagers; after it, missing slots fail at once. */
const SLOT_WAIT_MS = 300_000
const MAX_FAILURES = 16
const MAX_LOG_LINES = 2_000

/**
 * A session cluster as a model: jobs, slots, checkpoints and time, without any I/O. Time is handed to every call, and
 * what would have happened by then happens first, so that ten thousand jobs need no timers.
 */
export class SimulatedCluster {
  readonly jobs = new Map<string, SimulatedJob>()
  readonly usedIds = new Set<string>()
  readonly triggers = new Map<string, Trigger>()
  readonly taskManagers = new Map<string, { slots: number }>()
  /** Counts changes, so that a listing can be kept until there is one. */
  revision = 0
  startedAt: Instant
  private nextDueAt = Number.POSITIVE_INFINITY
  private readonly watching = new Set<SimulatedJob>()
  /** Slots that are held for jobs of a JobManager that is gone. */
  private leftBehind: { taskManager: string; slots: number; until: Instant }[] = []
  private taskManagerCount = 0
  private savepointCount = 0
  readonly shape: ClusterShape

  constructor(shape: ClusterShape, now: Instant) {
    this.shape = shape
    this.startedAt = now
    for (let i = 0; i < shape.taskManagers; i++) this.addTaskManager(now)
  }

  // --- time -------------------------------------------------------------------------------------------------------

  /** Lets everything happen that is due. */
  advance(now: Instant): void {
    for (const job of this.watching) this.watchControlFile(job, now)
    this.settleTriggers(now)
    this.giveBack(now)
    while (this.nextDueAt <= now) {
      const due = [...this.jobs.values()].filter((job) => job.dueAt <= now).sort((a, b) => a.dueAt - b.dueAt)
      for (const job of due) this.step(job)
      this.nextDueAt = this.earliestDue()
    }
  }

  private earliestDue(): Instant {
    let earliest = Number.POSITIVE_INFINITY
    for (const job of this.jobs.values()) if (job.dueAt < earliest) earliest = job.dueAt
    return earliest
  }

  private step(job: SimulatedJob): void {
    const at = job.dueAt
    switch (job.phase) {
      case 'initializing':
        this.enter(job, { phase: 'created', state: 'CREATED', at, due: at })
        break
      case 'created':
      case 'restarting':
        this.enter(job, { phase: 'waiting', state: 'RUNNING', at, due: at })
        break
      case 'waiting':
        this.tryDeploy(job, at)
        break
      case 'deploying':
        this.comeUp(job, at)
        break
      case 'cancelling':
        this.end(job, 'CANCELED', at)
        break
      case 'up':
      case 'over':
        job.dueAt = Number.POSITIVE_INFINITY
        break
      default:
        never(job.phase)
    }
  }

  private enter(
    job: SimulatedJob,
    to: { phase: SimulatedJob['phase']; state: FlinkState; at: Instant; due: Instant },
  ): void {
    job.phase = to.phase
    job.dueAt = to.due
    if (to.due < this.nextDueAt) this.nextDueAt = to.due
    if (job.state !== to.state) {
      job.reached[to.state] = to.at
      this.write(
        to.at,
        `Job ${job.behaviour.name} (${job.id}) switched from state ${job.state} to ${to.state}.`,
      )
    }
    job.state = to.state
    this.touched(job, to.at)
  }

  /** The JobManager's log. */
  readonly log: string[] = []

  private write(at: Instant, text: string): void {
    const stamp = new Date(at).toISOString().replace('T', ' ').replace('.', ',').replace('Z', '')
    this.log.push(`${stamp} INFO  org.apache.flink.runtime.executiongraph.ExecutionGraph       [] - ${text}`)
    if (this.log.length > MAX_LOG_LINES * 2) this.log.splice(0, this.log.length - MAX_LOG_LINES)
  }

  private touched(job: SimulatedJob, at: Instant): void {
    job.changedAt = at
    job.row = null
    this.revision++
  }

  // --- a job's life -----------------------------------------------------------------------------------------------

  start(order: Start, now: Instant): SimulatedJob {
    this.usedIds.add(order.jobId)
    const job = newJob(order, now)
    this.jobs.set(job.id, job)
    this.enter(job, {
      phase: 'initializing',
      state: 'INITIALIZING',
      at: now,
      due: now + this.shape.delays.initialize,
    })
    job.reached.INITIALIZING = now
    if (order.behaviour.breakWhen !== null) this.watching.add(job)
    const problem = this.restore(job, order, now)
    if (problem) this.failNow(job, { stack: problem, task: null }, now)
    return job
  }

  private restore(job: SimulatedJob, { restore }: Start, now: Instant): string | null {
    if (!restore) return null
    const saved = this.shape.files.read(restore.path)
    if (!saved) return texts.savepointMissing(restore.path)
    if (saved.shape !== job.behaviour.shape && !restore.allowNonRestored)
      return texts.stateUnmappable(restore.path)
    const counter = saved.shape === job.behaviour.shape ? saved.counter : 0
    job.counter = counter
    job.startedFrom = counter
    job.nextCheckpointId = saved.checkpoint + 1
    job.restored = {
      id: saved.checkpoint,
      at: now,
      restoredAt: now,
      counter,
      path: restore.path,
      // Flink says so of whatever a submit names, retained checkpoints included.
      isSavepoint: true,
    }
    return null
  }

  private tryDeploy(job: SimulatedJob, now: Instant): void {
    const givesUpAt = this.startedAt + SLOT_WAIT_MS
    if (this.takeSlots(job)) {
      const due = now + this.shape.delays.deploy
      this.enter(job, { phase: 'deploying', state: 'RUNNING', at: now, due })
    } else if (now < givesUpAt) {
      this.wait(job, { now, until: givesUpAt })
    } else if (this.checkpoints(job)) {
      this.note(job, { stack: texts.noResources(), task: null }, now)
      this.wait(job, { now, until: Number.POSITIVE_INFINITY })
    } else {
      this.failNow(job, { stack: texts.suppressed(texts.noResources()), task: null }, now)
    }
  }

  private wait(job: SimulatedJob, { now, until }: { now: Instant; until: Instant }): void {
    job.dueAt = until
    this.touched(job, now)
  }

  /** Flink takes what is free while it waits for the rest. */
  private takeSlots(job: SimulatedJob): boolean {
    for (const [id, taskManager] of this.taskManagers) {
      const missing = job.parallelism - held(job)
      const free = taskManager.slots - this.usedOn(id)
      const taken = Math.min(missing, free)
      if (taken > 0) {
        job.slots.set(id, (job.slots.get(id) ?? 0) + taken)
        this.used.set(id, this.usedOn(id) + taken)
      }
    }
    return held(job) >= job.parallelism
  }

  private readonly used = new Map<string, number>()

  usedOn(taskManager: string): number {
    return this.used.get(taskManager) ?? 0
  }

  private freeSlots(job: SimulatedJob, now: Instant): void {
    for (const [id, count] of job.slots) this.untake(id, count)
    job.slots.clear()
    this.wakeWaiting(now)
  }

  private untake(taskManager: string, slots: number): void {
    this.used.set(taskManager, Math.max(0, this.usedOn(taskManager) - slots))
  }

  private wakeWaiting(now: Instant): void {
    for (const job of this.jobs.values()) if (job.phase === 'waiting') this.due(job, now)
  }

  private giveBack(now: Instant): void {
    const due = this.leftBehind.filter(({ until }) => until <= now)
    if (due.length === 0) return
    this.leftBehind = this.leftBehind.filter(({ until }) => until > now)
    for (const { taskManager, slots } of due) this.untake(taskManager, slots)
    this.wakeWaiting(now)
  }

  private due(job: SimulatedJob, at: Instant): void {
    job.dueAt = at
    if (at < this.nextDueAt) this.nextDueAt = at
  }

  private comeUp(job: SimulatedJob, at: Instant): void {
    job.upSince = at
    job.checkpointsSeen = 0
    this.enter(job, { phase: 'up', state: 'RUNNING', at, due: Number.POSITIVE_INFINITY })
    const breaks = job.behaviour.breakNow
      ? texts.taskFailure('this job was told to break at once')
      : job.broken
    if (breaks !== null) this.fail(job, breaks, at)
  }

  private watchControlFile(job: SimulatedJob, now: Instant): void {
    if (job.phase !== 'up' || job.behaviour.breakWhen === null) return
    const text = this.shape.files.controlFile(job.behaviour.breakWhen)
    if (text === null) return
    this.fail(
      job,
      texts.taskFailure(text.trim() || `this job was told to break by ${job.behaviour.breakWhen}`),
      now,
    )
  }

  private checkpoints(job: SimulatedJob): boolean {
    return job.behaviour.checkpointIntervalMs > 0 && job.behaviour.restarts
  }

  /** A task threw: with checkpoints the job is tried again from the last one, without them it has failed. */
  fail(job: SimulatedJob, stack: string, now: Instant): void {
    if (isOver(job)) return
    this.catchUp(job, now)
    const task = 'count -> Sink: print (1/1)'
    if (this.checkpoints(job)) {
      this.note(job, { stack, task }, now)
      this.restart(job, now)
    } else {
      this.failNow(job, { stack: texts.suppressed(stack), task }, now)
    }
  }

  private restart(job: SimulatedJob, now: Instant): void {
    const back = latestOf(job) ?? job.restored
    job.counter = back?.counter ?? 0
    job.startedFrom = job.counter
    if (back) job.restored = { ...back, restoredAt: now }
    // Never at once: a job that breaks for ever would be tried for ever within one look.
    const wait = Math.min(60_000, Math.max(1, this.shape.delays.restart) * 1.5 ** Math.min(job.restarts, 40))
    job.restarts++
    this.freeSlots(job, now)
    this.enter(job, { phase: 'restarting', state: 'RESTARTING', at: now, due: now + wait })
  }

  private failNow(job: SimulatedJob, failure: { stack: string; task: string | null }, now: Instant): void {
    this.note(job, failure, now)
    this.end(job, 'FAILED', now)
  }

  private note(job: SimulatedJob, failure: { stack: string; task: string | null }, at: Instant): void {
    job.failures.unshift({ ...failure, at })
    this.write(at, `${failure.task ?? job.behaviour.name} failed.\n${failure.stack}`)
    job.failures.length = Math.min(job.failures.length, MAX_FAILURES)
  }

  end(job: SimulatedJob, state: 'FAILED' | 'CANCELED' | 'FINISHED', at: Instant): void {
    this.catchUp(job, at)
    job.counter = counterAt(job, at)
    job.endedAt = at
    this.freeSlots(job, at)
    this.watching.delete(job)
    this.enter(job, { phase: 'over', state, at, due: Number.POSITIVE_INFINITY })
    this.onEnd(job)
  }

  /** Set by the server, which knows the shapes that an archive holds. */
  onEnd: (job: SimulatedJob) => void = () => {}

  cancel(id: string, now: Instant): 'accepted' | 'unknown' | 'conflict' {
    const job = this.jobs.get(id)
    if (!job) return 'unknown'
    if (job.state === 'CANCELED') return 'accepted'
    if (isOver(job)) return 'conflict'
    this.catchUp(job, now)
    job.counter = counterAt(job, now)
    this.enter(job, {
      phase: 'cancelling',
      state: 'CANCELLING',
      at: now,
      due: now + this.shape.delays.cancel,
    })
    return 'accepted'
  }

  // --- checkpoints and savepoints ---------------------------------------------------------------------------------

  /** Writes down the periodic checkpoints that have been taken by now. */
  catchUp(job: SimulatedJob, now: Instant): void {
    const due = checkpointsDue(job, now)
    const missing = due - job.checkpointsSeen
    if (missing <= 0) return
    const at = job.upSince + due * job.behaviour.checkpointIntervalMs
    const id = job.nextCheckpointId + missing - 1
    const path = `file:${this.shape.checkpointDirectory}/${job.id}/chk-${id}`
    job.checkpointsSeen = due
    job.completed += missing
    job.nextCheckpointId = id + 1
    if (job.latest?.path) this.shape.files.remove(job.latest.path)
    job.latest = { id, at, counter: counterAt(job, at), path, isSavepoint: false }
    this.save(job, job.latest)
  }

  private save(job: SimulatedJob, checkpoint: SimulatedCheckpoint): void {
    if (checkpoint.path === null) return
    this.shape.files.write(checkpoint.path, {
      jobId: job.id,
      checkpoint: checkpoint.id,
      counter: checkpoint.counter,
      shape: job.behaviour.shape,
    })
  }

  /** The same trigger id is the same operation, for five minutes. */
  trigger(
    order: { id: string; jobId: string; is: 'savepoint' | 'stop'; directory: string | null },
    now: Instant,
  ): void {
    this.settleTriggers(now)
    const key = `${order.jobId}/${order.id}`
    if (this.triggers.has(key)) return
    const { jobId, is, directory } = order
    this.triggers.set(key, {
      is,
      jobId,
      directory,
      at: now,
      doneAt: now + this.shape.delays.savepoint,
      outcome: null,
    })
    this.settleTriggers(now)
  }

  triggered(jobId: string, id: string): Trigger | null {
    return this.triggers.get(`${jobId}/${id}`) ?? null
  }

  private settleTriggers(now: Instant): void {
    for (const [key, trigger] of this.triggers) {
      if (trigger.outcome === null && trigger.doneAt <= now) trigger.outcome = this.takeSavepoint(trigger)
      if (now > trigger.at + TRIGGER_LIFE_MS) this.triggers.delete(key)
    }
  }

  private takeSavepoint(trigger: Trigger): TriggerOutcome {
    const job = this.jobs.get(trigger.jobId)
    const directory = trigger.directory ?? this.shape.savepointDirectory
    if (!job || isOver(job)) return { failure: texts.jobNotFound(trigger.jobId) }
    if (directory === null) return { failure: texts.noSavepointDirectory() }
    if (job.phase !== 'up') return { failure: texts.notAllTasksRunning() }
    const at = trigger.doneAt
    this.catchUp(job, at)
    const path = `file:${directory.replace(/^file:\/*/, '/').replace(/\/+$/, '')}/${this.savepointName(job)}`
    const savepoint = { id: job.nextCheckpointId++, at, counter: counterAt(job, at), path, isSavepoint: true }
    try {
      this.save(job, savepoint)
    } catch {
      return { failure: texts.savepointUnwritable() }
    }
    job.completed++
    job.latestSavepoint = savepoint
    if (trigger.is === 'stop') this.end(job, 'FINISHED', at)
    return { location: path }
  }

  private savepointName(job: SimulatedJob): string {
    this.savepointCount++
    const life = Math.floor(this.startedAt).toString(16).slice(-6).padStart(6, '0')
    return `savepoint-${job.id.slice(0, 6)}-${life}${this.savepointCount.toString(16).padStart(6, '0')}`
  }

  // --- TaskManagers and JobManager --------------------------------------------------------------------------------

  addTaskManager(now: Instant): string {
    const id = `127.0.0.1:${40_000 + this.taskManagerCount}-${(0xabc000 + this.taskManagerCount).toString(16)}`
    this.taskManagerCount++
    this.taskManagers.set(id, { slots: this.shape.slots })
    this.wakeWaiting(now)
    return id
  }

  /** Its tasks are gone with it; the jobs that had some are tried again on what is left. */
  killTaskManager(id: string, now: Instant): void {
    this.taskManagers.delete(id)
    this.used.delete(id)
    this.leftBehind = this.leftBehind.filter(({ taskManager }) => taskManager !== id)
    for (const job of this.jobs.values()) {
      if (!job.slots.delete(id) || isOver(job)) continue
      this.fail(job, texts.taskManagerLost(id), now)
    }
  }

  /** Up to 1.14 only the ids of live jobs are refused; later all that this JobManager has seen. */
  refuses(id: string): boolean {
    const job = this.jobs.get(id)
    if (job && !isOver(job)) return true
    return this.usedIds.has(id) && !/^1\.1[0-4]\./.test(this.shape.version)
  }

  /** Without HA a new JobManager knows no job, no trigger and no used id. */
  replaceJobManager(now: Instant): void {
    for (const job of this.jobs.values()) this.catchUp(job, now)
    this.startedAt = now
    this.triggers.clear()
    const alive = [...this.jobs.values()].filter((job) => !isOver(job))
    for (const job of alive) this.leaveBehind(job, now)
    this.giveBack(now)
    this.jobs.clear()
    this.usedIds.clear()
    this.watching.clear()
    this.nextDueAt = Number.POSITIVE_INFINITY
    this.revision++
    if (this.shape.highAvailability) for (const job of alive) this.recover(job, now)
  }

  /**
   * Nobody tells a TaskManager that a JobManager died: it holds the slots until it misses it, unless the job comes back
   * for them.
   */
  private leaveBehind(job: SimulatedJob, now: Instant): void {
    const until = this.shape.highAvailability ? now : now + this.shape.delays.giveBack
    for (const [taskManager, slots] of job.slots) this.leftBehind.push({ taskManager, slots, until })
    job.slots.clear()
  }

  private recover(job: SimulatedJob, now: Instant): void {
    const back = latestOf(job) ?? job.restored
    job.counter = back?.counter ?? 0
    job.startedFrom = job.counter
    if (back) job.restored = { ...back, restoredAt: now }
    this.jobs.set(job.id, job)
    this.usedIds.add(job.id)
    if (job.behaviour.breakWhen !== null) this.watching.add(job)
    this.enter(job, {
      phase: 'initializing',
      state: 'INITIALIZING',
      at: now,
      due: now + this.shape.delays.initialize,
    })
  }

  /** Flink drops ended jobs from its listing after an hour, and keeps refusing their ids. */
  forgetEnded(): void {
    for (const [id, job] of this.jobs) if (isOver(job)) this.jobs.delete(id)
    this.revision++
  }

  counterOf(job: SimulatedJob, now: Instant): number {
    return counterAt(job, now)
  }

  slotsTotal(): number {
    let total = 0
    for (const { slots } of this.taskManagers.values()) total += slots
    return total
  }

  slotsFree(): number {
    let used = 0
    for (const id of this.taskManagers.keys()) used += this.usedOn(id)
    return this.slotsTotal() - used
  }
}

export function newJob({ jobId, behaviour, parallelism }: Start, now: Instant): SimulatedJob {
  return {
    id: jobId,
    behaviour,
    parallelism,
    state: 'INITIALIZING',
    phase: 'initializing',
    startedAt: now,
    endedAt: -1,
    changedAt: now,
    reached: {},
    dueAt: Number.POSITIVE_INFINITY,
    slots: new Map(),
    counter: 0,
    startedFrom: 0,
    upSince: now,
    checkpointsSeen: 0,
    nextCheckpointId: 1,
    completed: 0,
    latest: null,
    latestSavepoint: null,
    restored: null,
    restarts: 0,
    failures: [],
    broken: null,
    row: null,
  }
}

function held(job: SimulatedJob): number {
  let slots = 0
  for (const count of job.slots.values()) slots += count
  return slots
}

function latestOf(job: SimulatedJob): SimulatedCheckpoint | null {
  if (job.latest && job.latestSavepoint)
    return job.latest.id > job.latestSavepoint.id ? job.latest : job.latestSavepoint
  return job.latest ?? job.latestSavepoint
}

/** How many tasks stand where, in the listing's words. */
export function taskCounts(job: SimulatedJob): Record<string, number> {
  const total = tasksTotal(job)
  const by = (place: string) => ({ ...NO_TASKS, total, [place]: total })
  if (job.phase === 'over') return { ...NO_TASKS, ...by(TERMINAL_TASKS[job.state] ?? 'canceled') }
  return by(TASKS_IN[job.phase])
}

const NO_TASKS = {
  running: 0,
  canceling: 0,
  canceled: 0,
  total: 0,
  created: 0,
  scheduled: 0,
  deploying: 0,
  reconciling: 0,
  finished: 0,
  initializing: 0,
  failed: 0,
}

const TERMINAL_TASKS: Partial<Record<FlinkState, string>> = {
  FINISHED: 'finished',
  CANCELED: 'canceled',
  FAILED: 'failed',
}

const TASKS_IN: Record<Exclude<SimulatedJob['phase'], 'over'>, string> = {
  initializing: 'created',
  created: 'created',
  waiting: 'scheduled',
  deploying: 'deploying',
  up: 'running',
  restarting: 'canceled',
  cancelling: 'canceling',
}
