import type { Instant } from '../../lib/clock.ts'

/**
 * How far an operation is, in what it has told the outside world. Every name in here was committed before the first
 * call that used it, so that whoever resumes can ask what became of it instead of doing it again.
 */
export interface Step {
  /** The attempt that ran when the operation began; null: none. */
  former: number | null
  /** How the former attempt is being ended. */
  ending: Trigger | null
  /** Set when it was proved over. */
  ended: boolean
  /** A savepoint triggered without ending the job. */
  saving: Trigger | null
  /** The savepoint this operation took. */
  taken: { id: string; path: string; at: Instant } | null
  start: StartStep | null
  /** The way back, when the new release did not come up. */
  back: StartStep | null
  /** Why we go back; kept for the outcome. */
  wentWrong: { why: string; cause: unknown } | null
  /** How often our own code failed on it. */
  faults: number
}

export interface Trigger {
  id: string
  sentAt: Instant
}

export interface StartStep {
  attempt: number
  release: number
  restore: { path: string; writer: number | null } | null
  since: Instant
}

export const FIRST_STEP: Step = {
  former: null,
  ending: null,
  ended: false,
  saving: null,
  taken: null,
  start: null,
  back: null,
  wentWrong: null,
  faults: 0,
}
