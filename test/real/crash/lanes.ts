import type { ProbePoint } from '../../../src/platform/jobs/probe.ts'

/** One operation that a crash meets: where exactly, and what must be true in the end as if it had not. */
export interface CrashStep {
  verb: string
  order: Readonly<Record<string, unknown>>
  /** Null: wherever it happens to be when another job's point is reached. */
  at: { point: ProbePoint; pass: number } | null
  outcome: 'running' | 'stopped' | 'savepoint-taken' | 'adopted' | 'back'
}

/** A job, and what is done to it one round after another. */
export interface Lane {
  job: string
  cluster: 'session-a' | 'session-b'
  begins: 'new' | 'running'
  steps: readonly CrashStep[]
}

const START: ProbePoint[] = [
  'operation.claimed',
  'attempt.intended',
  'attempt.submitting',
  'attempt.submitted',
  'attempt.confirmed',
  'operation.ending',
  'operation.ended',
]
const STOP: ProbePoint[] = [
  'operation.claimed',
  'end.named',
  'end.sent',
  'end.answered',
  'attempt.ended',
  'operation.ending',
  'operation.ended',
]
/** What ends the running attempt and starts another. */
const SWAP: ProbePoint[] = [...STOP.slice(0, 5), ...START.slice(1)]
const SAVEPOINT: ProbePoint[] = [
  'operation.claimed',
  'savepoint.named',
  'savepoint.sent',
  'savepoint.recorded',
  'operation.ending',
  'operation.ended',
]
const CANCEL: ProbePoint[] = [
  'operation.claimed',
  'end.named',
  'end.sent',
  'attempt.ended',
  'operation.ending',
  'operation.ended',
]
const ADOPT: ProbePoint[] = ['operation.claimed', 'attempt.intended', 'operation.ending', 'operation.ended']
/** A restart that has to go back passes the points of a start twice. */
const BACK: [ProbePoint, number][] = [
  ['end.sent', 1],
  ['attempt.ended', 1],
  ['attempt.submitting', 1],
  ['attempt.submitted', 1],
  ['back.begun', 1],
  ['attempt.intended', 2],
  ['attempt.submitting', 2],
  ['attempt.submitted', 2],
  ['attempt.confirmed', 1],
  ['operation.ending', 1],
  ['operation.ended', 1],
]

type StepOf = (point: ProbePoint | null, round: number) => CrashStep

const step =
  (verb: string, outcome: CrashStep['outcome'], more: Record<string, unknown> = {}): StepOf =>
  (point) => ({ verb, order: { verb, ...more }, at: point && { point, pass: 1 }, outcome })

const start = step('start', 'running')
const stop = step('stop', 'stopped')
const cancel = step('cancel', 'stopped')
const restart = step('restart', 'running')
const plainRestart = step('restart', 'running', { how: 'plain' })
const savepoint = step('savepoint', 'savepoint-taken')
/** Whoever asks fills in the stranger's id. */
const adopt = step('adopt', 'adopted')
const rollback: StepOf = (point, round) => step('rollback', 'running', { to: 2 - (round % 2) })(point, round)
const scale: StepOf = (point, round) =>
  step('scale', 'running', { parallelism: 2 - (round % 2) })(point, round)
/** Whoever asks fills in a savepoint whose files are gone: Flink refuses the new release. */
const back = ([point, pass]: [ProbePoint, number]): CrashStep => ({
  ...step('restart', 'back', { release: 2 })(point, 0),
  at: { point, pass },
})

const inTurns = (ups: CrashStep[], downs: CrashStep[]) =>
  ups.flatMap((up, index) => [up, ...(downs[index] ? [downs[index]] : [])])
const at = (of: StepOf, points: readonly ProbePoint[]) => points.map((point, round) => of(point, round))

/**
 * The last rounds: one job has the process killed at once, the others are wherever they are. And the next process is
 * killed as well, while it goes on with what the first left.
 */
export const SHARP: readonly { job: string; point: ProbePoint; again: ProbePoint }[] = [
  { job: 'restarted', point: 'end.sent', again: 'attempt.ended' },
  { job: 'rolled-back', point: 'attempt.submitted', again: 'attempt.confirmed' },
  { job: 'scaled', point: 'attempt.submitting', again: 'attempt.submitted' },
]
export const HELD_ROUNDS = SWAP.length
export const ROUNDS = HELD_ROUNDS + SHARP.length

const sharp = (job: string, of: StepOf) =>
  SHARP.map((each, index) => of(each.job === job ? each.point : null, HELD_ROUNDS + index))

export const LANES: readonly Lane[] = [
  {
    job: 'on-and-off',
    cluster: 'session-a',
    begins: 'new',
    steps: inTurns(at(start, START.slice(0, 4)), at(stop, STOP.slice(0, 4))),
  },
  {
    job: 'off-and-on',
    cluster: 'session-a',
    begins: 'running',
    steps: [
      ...inTurns(at(stop, STOP.slice(4)), at(start, START.slice(4))),
      ...inTurns(at(cancel, CANCEL.slice(4)), at(start, ['attempt.submitted', 'attempt.submitting'])),
    ],
  },
  {
    job: 'restarted',
    cluster: 'session-a',
    begins: 'running',
    steps: [...at(restart, SWAP), ...sharp('restarted', plainRestart)],
  },
  {
    job: 'rolled-back',
    cluster: 'session-a',
    begins: 'running',
    steps: [...at(rollback, SWAP), ...sharp('rolled-back', rollback)],
  },
  {
    job: 'scaled',
    cluster: 'session-b',
    begins: 'running',
    steps: [...at(scale, SWAP), ...sharp('scaled', scale)],
  },
  {
    job: 'saved',
    cluster: 'session-b',
    begins: 'running',
    steps: [
      ...at(savepoint, SAVEPOINT),
      ...at(plainRestart, ['end.named', 'end.sent', 'attempt.ended', 'attempt.submitted']),
      savepoint('savepoint.sent', 0),
      ...sharp('saved', savepoint),
    ],
  },
  {
    job: 'adopted',
    cluster: 'session-b',
    begins: 'new',
    steps: inTurns(at(adopt, ADOPT), at(cancel, CANCEL.slice(0, 4))),
  },
  {
    job: 'sent-back',
    cluster: 'session-b',
    begins: 'running',
    steps: [...BACK.map(back), ...sharp('sent-back', restart)],
  },
]

/** Every point that an operation of a kind passes, as `verb point`. */
export const PASSED: readonly string[] = [
  ...START.map((point) => `start ${point}`),
  ...STOP.map((point) => `stop ${point}`),
  ...['restart', 'rollback', 'scale'].flatMap((verb) => SWAP.map((point) => `${verb} ${point}`)),
  ...SAVEPOINT.map((point) => `savepoint ${point}`),
  ...CANCEL.map((point) => `cancel ${point}`),
  ...ADOPT.map((point) => `adopt ${point}`),
  ...BACK.map(([point]) => `restart ${point}`),
]
