import type { Instant } from '../../lib/clock.ts'
import type { Page, PageAsk } from '../paging.ts'
import type { Tx } from '../storage/database.prisma.ts'

/** Something to be done later, and surely. As data: it outlives the process that asked for it. */
export type Work =
  /** Take the job's next step: the oldest open operation of the job that may run. */
  | { kind: 'run-operation'; jobId: string }
  /** Draw the cards that follow this subject anew. */
  | { kind: 'show'; subject: string }
  | { kind: 'expire-approval'; operationId: string }
  /** Restart a failed job as its policy says, if its generation is still this one. */
  | { kind: 'restart-by-policy'; jobId: string; generation: number }
  /** Tell somebody, or a program, what a notice says. */
  | { kind: 'tell'; noticeId: string }

export type WorkKind = Work['kind']
export type WorkOf<K extends WorkKind> = Extract<Work, { kind: K }>

export interface KindSettings {
  /** How many entries of this kind one process works on at once. */
  parallel: number
  /** How often an entry is tried before it is dead and waits for a person. A process that died over it counts. */
  tries: number
}

export const WORK_KINDS = {
  // Mostly waiting for Flink. Tried long: an operation given up by the queue would stay open.
  'run-operation': { parallel: 40, tries: 40 },
  show: { parallel: 8, tries: 12 },
  'expire-approval': { parallel: 4, tries: 20 },
  'restart-by-policy': { parallel: 4, tries: 20 },
  // Programs that do not answer are tried for an hour.
  tell: { parallel: 16, tries: 70 },
} as const satisfies Record<WorkKind, KindSettings>

export interface WorkContext {
  /** Aborted when the process is about to stop: end at a safe place, by throwing if need be, and it is handed back. */
  signal: AbortSignal
  /** 1 the first time. */
  try: number
}

/**
 * A handler may be called again for the same entry, even while an earlier call in a process that was believed dead
 * goes on, and must end the same.
 */
export type Handlers = { [K in WorkKind]: (work: WorkOf<K>, context: WorkContext) => Promise<void> }

export interface SendOptions {
  /** Not before this many ms have passed. */
  after?: number
  /**
   * While an entry of the same kind and key waits for its first try, no second one is added; the earlier time of the
   * two counts. Whatever the sender's transaction wrote is seen by the entry that stays.
   */
  key?: string
  /**
   * Entries of one kind with the same value run one after the other, in the order they were sent. One that is tried
   * again holds up those behind it; one that is dead does not. One sent with `after` takes its place when it is due.
   */
  orderBy?: string
}

export interface KindDepth {
  kind: WorkKind
  /** Waiting, due or not, including those to be tried again. */
  waiting: number
  running: number
  dead: number
  /** How long the oldest one that is due has waited; null: none is due. */
  oldestMs: number | null
}

export interface DeadWork {
  id: string
  work: Work
  /** What the last try said. */
  error: string
  tries: number
  at: Instant
}

/** The durable queue. */
export interface WorkQueue {
  /** Is done once `tx` has committed, and never when it has not. */
  send(tx: Tx, work: Work, options?: SendOptions): Promise<void>
  /** Several at once, by keys that nobody has used before: a key that waits already would be left out. */
  sendNew(tx: Tx, all: readonly { work: Work; key: string }[]): Promise<void>
  /** Begins to work. Entries that a dead process had begun are taken up again. */
  start(handlers: Handlers): Promise<void>
  /** Takes nothing new, lets what runs finish, and hands the rest back within the deadline, to be fetched at once. */
  stop(deadlineMs: number): Promise<void>
  depth(): Promise<readonly KindDepth[]>
  /** The newest first. */
  dead(ask: PageAsk): Promise<Page<DeadWork>>
  /** Tries a dead entry again, from its first try. */
  replay(id: string): Promise<'replayed' | 'unknown'>
}
