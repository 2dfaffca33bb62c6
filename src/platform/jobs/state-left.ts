import type { Attempt } from './job.ts'
import type { Run } from './run.ts'
import type { NewSavepoint } from './stores.ts'

/** Where state was left, and how it came about. */
export interface Place {
  path: string
  at: number
  sizeBytes: number | null
  origin: 'stop' | 'savepoint' | 'checkpoint'
}

/** What a look at an attempt's state needs. */
type Looking = Pick<Run, 'runtime' | 'cluster' | 'clock'>

/** What an attempt left to start from; `sure` is false while Flink's own answer may still be an old one. */
export interface StateLeft {
  place: Place | null
  sure: boolean
}

/**
 * A JobManager answers about checkpoints from a cache that is up to 3 s old (`web.refresh-interval`), so in the moment
 * after a job's end it may name a checkpoint that a newer one has replaced, and Flink has deleted it.
 */
const FLINK_CACHE_MS = 3_500

/**
 * The newest checkpoint of an attempt: what a plain end, or a crash, leaves to start from. The disk knows best; what was
 * `known` before counts where Flink has forgotten the job since.
 */
export async function stateLeft(
  run: Looking,
  attempt: Attempt,
  known: Place | null = null,
): Promise<StateLeft> {
  const { runtime, cluster } = run
  const told = (await placeTold(run, attempt)) ?? known
  const retained = await runtime.newestRetained(attempt.identity, cluster.checkpointDir)
  if (!retained) {
    const seen = told ? await runtime.stateExists(told.path) : 'there'
    return { place: seen === 'gone' ? null : told, sure: seen !== 'unknown' }
  }
  if (told?.path === retained.path) return { place: told, sure: true }
  // A savepoint lies elsewhere; one that is younger than every checkpoint is the newest state.
  if (told?.origin === 'savepoint' && told.at > retained.at) return { place: told, sure: true }
  return { place: { ...retained, sizeBytes: null, origin: 'checkpoint' }, sure: true }
}

/** The same of an attempt that is over; waits until what Flink tells cannot be old any more where only Flink can tell. */
export async function settledStateLeft(
  run: Looking,
  attempt: Attempt,
  known: Place | null = null,
): Promise<Place | null> {
  const first = await stateLeft(run, attempt, known)
  if (first.sure) return first.place
  await run.clock.sleep(FLINK_CACHE_MS)
  return (await stateLeft(run, attempt, first.place)).place
}

async function placeTold({ runtime }: Looking, attempt: Attempt): Promise<Place | null> {
  const detail = await runtime.detail(attempt.identity, { pressure: false })
  const last = detail?.lastCheckpoint
  if (!last?.path) return null
  const { path, at, sizeBytes, isSavepoint } = last
  return { path, at, sizeBytes, origin: isSavepoint ? 'savepoint' : 'checkpoint' }
}

export function newSavepoint(
  run: { ids: Run['ids']; job: Pick<Run['job'], 'id'> },
  attempt: Attempt,
  place: Place,
): NewSavepoint {
  const { id: attemptId, release } = attempt
  return { id: run.ids.next('sp'), jobId: run.job.id, attemptId, release, ...place }
}
