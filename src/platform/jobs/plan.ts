import type { Instant } from '../../lib/clock.ts'
import { never } from '../../lib/never.ts'
import type { Attempt, Job, Savepoint } from './job.ts'
import type {
  Alternative,
  Order,
  Plan,
  PlanWarning,
  RequestRefusal,
  RestoreChoice,
  StartFrom,
} from './operation.ts'
import type { Release } from './release.ts'
import { releaseChanges } from './release-diff.ts'

/** What was found out by trying: did a release read the state that another wrote? */
export interface Reading {
  writer: number
  reader: number
  outcome: 'read' | 'refused'
  because: string | null
}

/** Everything planning looks at, read in one transaction with the job locked. */
export interface PlanWorld {
  job: Job
  /** The attempt that is not over; null: none. */
  live: Attempt | null
  everRan: boolean
  effective: Release | null
  /** The release the order aims at; null: there is no such release. */
  target: Release | null
  /** Newest first. */
  savepoints: readonly Savepoint[]
  readings: readonly Reading[]
  clusterSilentSince: Instant | null
  /** Flink versions of the two releases, where both are known; state is not promised to survive a new major one. */
  flink: { from: string; to: string } | null
  now: Instant
}

export type Planned = { ok: true; plan: Plan } | { ok: false; why: RequestRefusal }

/** The number of the release an order aims at; null: none could be meant. `former`: what ran before the effective one. */
export function targetRelease(order: Order, job: Job, former: number | null): number | null {
  const current = job.effectiveRelease ?? (job.releases > 0 ? job.releases : null)
  switch (order.verb) {
    case 'start':
    case 'restart':
    case 'adopt':
      return order.release ?? current
    case 'rollback':
      return order.to ?? former
    case 'stop':
    case 'savepoint':
    case 'scale':
    case 'cancel':
      return current
    default:
      return never(order)
  }
}

/** Decides what exactly will be done for an order, or why it cannot be. Pure: the same world gives the same plan. */
export function planOrder(order: Order, world: PlanWorld, force: boolean): Planned {
  const obstacle = obstacleTo(order, world, force)
  if (obstacle) return { ok: false, why: obstacle }
  switch (order.verb) {
    case 'start':
    case 'restart':
    case 'rollback':
    case 'scale':
      return planBringUp(order, world, force)
    case 'stop':
      return planned(world, order, { stop: order.how, restore: null })
    case 'cancel':
      return planned(world, order, { stop: 'plain', restore: null })
    case 'savepoint':
    case 'adopt':
      return planned(world, order, { stop: null, restore: null })
    default:
      return never(order)
  }
}

type BringUp = Extract<Order, { verb: 'start' | 'restart' | 'rollback' | 'scale' }>

function obstacleTo(order: Order, { job, live, target }: PlanWorld, force: boolean): RequestRefusal | null {
  if (job.archivedAt !== null) return { of: 'archived' }
  if (job.releases === 0) return { of: 'no-release' }
  if (job.state.is === 'lost' && !force) {
    return { of: 'lost', since: job.state.since, because: job.state.because }
  }
  if (order.verb === 'adopt' || order.verb === 'start') {
    if (live) return { of: 'already-runs', release: live.release }
  } else if (!live && order.verb !== 'rollback' && order.verb !== 'restart') {
    return { of: 'not-running', state: job.state.is }
  }
  if (order.verb === 'rollback' && order.to === null && !target) return { of: 'no-former-release' }
  if (!target) return { of: 'unknown-release', asked: askedRelease(order), newest: job.releases }
  if (order.verb === 'rollback' && target.number === job.effectiveRelease) {
    return { of: 'same-release', release: target.number }
  }
  if (order.verb === 'scale' && order.parallelism === runsWith(live, target)) {
    return { of: 'same-parallelism', parallelism: order.parallelism }
  }
  return null
}

function planBringUp(order: BringUp, world: PlanWorld, force: boolean): Planned {
  const { live, target } = world
  if (!target) throw new Error('planBringUp is called with a target release.')
  const choice = chooseRestore(order, target.number, world, force)
  if (!choice.ok) return choice
  const stop = live ? (order.verb === 'restart' ? order.how : 'savepoint') : null
  return planned(world, order, { stop, restore: choice.restore, writer: choice.writer })
}

function planned(
  world: PlanWorld,
  order: Order,
  {
    stop,
    restore,
    writer = null,
  }: { stop: Plan['stop']; restore: RestoreChoice | null; writer?: number | null },
): Planned {
  const { job, live, effective, target } = world
  const starts =
    order.verb === 'start' || order.verb === 'restart' || order.verb === 'rollback' || order.verb === 'scale'
  const changes =
    starts && effective && target && effective.number !== target.number
      ? releaseChanges(effective, target)
      : []
  const plan: Plan = {
    verb: order.verb,
    fromRelease: live?.release ?? job.effectiveRelease,
    toRelease: starts || order.verb === 'adopt' ? (target?.number ?? null) : null,
    parallelism: order.verb === 'scale' ? order.parallelism : (target?.parallelism ?? null),
    stop,
    restore,
    changes,
    warnings: [],
    attempts: job.attempts,
  }
  return { ok: true, plan: { ...plan, warnings: warningsOf(plan, world, writer) } }
}

type Choice = { ok: true; restore: RestoreChoice; writer: number | null } | { ok: false; why: RequestRefusal }

function chooseRestore(order: BringUp, reader: number, world: PlanWorld, force: boolean): Choice {
  const from: StartFrom = order.verb === 'scale' ? { is: 'latest' } : order.from
  if (from.is === 'none') return { ok: true, restore: { is: 'nothing' }, writer: null }
  if (from.is === 'savepoint') return chooseNamed(from.id, reader, world, force)
  if (world.live) return chooseFromRunning(order, world.live.release, reader, world, force)

  const usable = world.savepoints.filter((savepoint) => savepoint.presence !== 'gone')
  const readable = usable.find(
    (savepoint) => force || canRead(world.readings, savepoint.release, reader) !== 'no',
  )
  if (readable) return { ok: true, restore: named(readable), writer: readable.release }
  const newest = usable[0]
  if (newest) return { ok: false, why: notReadable(newest.release, reader, world) }
  return { ok: true, restore: { is: 'nothing' }, writer: null }
}

function chooseFromRunning(
  order: BringUp,
  writer: number,
  reader: number,
  world: PlanWorld,
  force: boolean,
): Choice {
  if (!force && canRead(world.readings, writer, reader) === 'no') {
    return { ok: false, why: notReadable(writer, reader, world) }
  }
  const plain = order.verb === 'restart' && order.how === 'plain'
  return { ok: true, restore: plain ? { is: 'newest-checkpoint' } : { is: 'taken-now' }, writer }
}

function chooseNamed(id: string, reader: number, world: PlanWorld, force: boolean): Choice {
  const savepoint = world.savepoints.find((candidate) => candidate.id === id || candidate.path === id)
  if (!savepoint) return { ok: false, why: { of: 'unknown-savepoint', asked: id } }
  if (savepoint.presence === 'gone') return { ok: false, why: { of: 'savepoint-gone', path: savepoint.path } }
  if (!force && canRead(world.readings, savepoint.release, reader) === 'no') {
    return { ok: false, why: notReadable(savepoint.release, reader, world) }
  }
  return { ok: true, restore: named(savepoint), writer: savepoint.release }
}

function named(savepoint: Savepoint): RestoreChoice {
  const { id, path, at, origin, release } = savepoint
  return { is: 'savepoint', id, path, at, origin, release }
}

/** A release reads what it wrote itself; for others Flink is the judge, and we remember its verdicts. */
export function canRead(
  readings: readonly Reading[],
  writer: number | null,
  reader: number,
): 'yes' | 'no' | 'untried' {
  if (writer === reader) return 'yes'
  const verdict = readings.find((reading) => reading.writer === writer && reading.reader === reader)
  if (!verdict) return 'untried'
  return verdict.outcome === 'read' ? 'yes' : 'no'
}

function notReadable(writer: number | null, reader: number, world: PlanWorld): RequestRefusal {
  const verdict = world.readings.find((reading) => reading.writer === writer && reading.reader === reader)
  return {
    of: 'state-not-readable',
    reader,
    writer,
    because: verdict?.because ?? '',
    alternatives: alternativesTo(reader, writer, world),
  }
}

function alternativesTo(
  reader: number,
  writer: number | null,
  { readings, savepoints, job }: PlanWorld,
): Alternative[] {
  const readers = readings
    .filter(
      (reading) =>
        reading.writer === writer && reading.outcome === 'read' && reading.reader !== job.effectiveRelease,
    )
    .map((reading): Alternative => ({ of: 'rollback', to: reading.reader }))
  const own = savepoints.find((savepoint) => savepoint.release === reader && savepoint.presence !== 'gone')
  return [
    ...readers.slice(0, 2),
    ...(own ? [{ of: 'start-from', release: reader, savepointId: own.id, at: own.at } as const] : []),
    { of: 'start-without-state', release: reader },
  ]
}

function warningsOf(plan: Plan, world: PlanWorld, writer: number | null): PlanWarning[] {
  const { restore, toRelease } = plan
  const warnings: PlanWarning[] = []
  if (world.clusterSilentSince !== null)
    warnings.push({ of: 'cluster-silent', since: world.clusterSilentSince })
  if (restore?.is === 'savepoint')
    warnings.push({ of: 'replays', sinceMs: Math.max(0, world.now - restore.at) })
  if (restore?.is === 'nothing' && world.everRan) warnings.push({ of: 'no-state' })
  if (
    restore &&
    restore.is !== 'nothing' &&
    toRelease !== null &&
    canRead(world.readings, writer, toRelease) === 'untried'
  ) {
    warnings.push({ of: 'state-not-proved', writer, reader: toRelease })
  }
  const { flink } = world
  if (flink && restore && restore.is !== 'nothing' && majorOf(flink.from) !== majorOf(flink.to)) {
    warnings.push({ of: 'flink-major-changed', ...flink })
  }
  if (changedSql(world) && restore && restore.is !== 'nothing') warnings.push({ of: 'sql-changed' })
  return warnings
}

function majorOf(version: string): string {
  return version.split('.')[0] ?? version
}

function changedSql({ effective, target }: PlanWorld): boolean {
  if (effective?.program.is !== 'sql' || target?.program.is !== 'sql') return false
  return effective.program.script !== target.program.script
}

function askedRelease(order: Order): number {
  if (order.verb === 'rollback') return order.to ?? 0
  return 'release' in order ? (order.release ?? 0) : 0
}

function runsWith(live: Attempt | null, target: Release): number | null {
  return live?.parallelism ?? target.parallelism
}

/**
 * What approval is bound to: everything that changes what will happen, nothing that only ages. Two plans with equal
 * essence do the same.
 */
export function planEssence(plan: Plan): string {
  const { verb, fromRelease, toRelease, parallelism, stop, restore, changes, attempts } = plan
  const state = restore?.is === 'savepoint' ? restore.path : (restore?.is ?? null)
  return JSON.stringify({ verb, fromRelease, toRelease, parallelism, stop, state, changes, attempts })
}

/** Equal open orders are one operation: two people tapping Restart cause one restart. */
export function mergeKey(order: Order): string {
  return JSON.stringify(order, Object.keys(order).sort().concat(['is', 'id']))
}

/** Does this plan need a second person, by the environment's list of verbs? A start does only for a release that is new. */
export function needsSecondPerson(verbs: readonly string[], plan: Plan, job: Job): boolean {
  if (!verbs.includes(`job:${plan.verb}`)) return false
  if (plan.verb !== 'start') return true
  return job.effectiveRelease === null || plan.toRelease !== job.effectiveRelease
}
