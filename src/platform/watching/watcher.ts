import { fullJitter } from '../../lib/backoff.ts'
import type { Leases } from '../coordination/leases.ts'
import type { ClusterRecord, LiveAttempt, News } from '../jobs/stores.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { type ClusterMemory, NOTHING_SEEN, reduce } from './reducer.ts'
import { act, type WatchActionsDependencies, type Watching } from './watch-actions.ts'

export interface WatcherDependencies extends Omit<WatchActionsDependencies, 'later'> {
  runtimeOf(cluster: ClusterRecord): Runtime
  leases: Leases
  intervalMs: number
  random: () => number
  onNews(listener: (news: News) => void): () => void
  polled(cluster: string, ms: number, ok: boolean): void
}

export interface Watcher {
  start(): void
  stop(): Promise<void>
  /** Clusters of ours by name, and how long ago the last look at each ended. */
  lastLooks(): readonly { cluster: string; ms: number }[]
}

/** Clusters come and go: how often the list is read again besides being told. */
const LIST_MS = 10_000
/** Our picture of a cluster's attempts is told to be stale; this is the backstop when the telling was lost. */
const REFRESH_MS = 60_000
/** Slots, version and life signs: facts that move slowly. */
const ROOM_MS = 60_000
const SILENT_BACKOFF = { base: 1_000, cap: 15_000 }
/** A watcher that died is missed for this long; one that lives prolongs it with every pass. */
const LEASE_MS = 20_000

/** One loop per cluster, so that a slow one never delays another; one listing per loop, whatever runs on it. */
export function createWatcher(dependencies: WatcherDependencies): Watcher {
  const { read, clock, log, onNews } = dependencies
  const stopping = new AbortController()
  const laterTasks = new Set<Promise<void>>()
  const loops = new Map<string, Loop>()
  let supervising: Promise<void> = Promise.resolve()
  let stopNews = () => {}

  function start(): void {
    stopNews = onNews((news) => news.of === 'cluster' && loops.get(news.clusterId)?.stale())
    supervising = supervise()
  }

  async function supervise(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await followClusters()
      } catch (error) {
        log.warn({ error }, 'The list of clusters could not be read')
      }
      await clock.sleep(LIST_MS, stopping.signal)
    }
  }

  async function followClusters(): Promise<void> {
    const clusters = (await read.clusters.all()).filter((cluster) => cluster.removedAt === null)
    const wanted = new Map(clusters.map((cluster) => [cluster.id, cluster]))
    for (const [id, loop] of loops) {
      if (wanted.has(id)) continue
      loop.end.abort()
      loops.delete(id)
    }
    for (const cluster of clusters) if (!loops.has(cluster.id)) loops.set(cluster.id, begin(cluster))
  }

  function begin(cluster: ClusterRecord): Loop {
    const end = new AbortController()
    const picture: Picture = { live: [], readAt: Number.NEGATIVE_INFINITY, lookedAt: null }
    const signal = AbortSignal.any([stopping.signal, end.signal])
    const done = watchCluster({ ...dependencies, later }, cluster, { picture, signal })
    const stale = () => {
      picture.readAt = Number.NEGATIVE_INFINITY
    }
    return { cluster: cluster.name, picture, done, end, stale }
  }

  function later(task: () => Promise<void>): void {
    const running = task()
      .catch((error: unknown) => log.warn({ error }, 'Something that a watcher put off could not be done'))
      .finally(() => laterTasks.delete(running))
    laterTasks.add(running)
  }

  async function stop(): Promise<void> {
    stopping.abort()
    stopNews()
    await supervising
    await Promise.all([...loops.values()].map((loop) => loop.done))
    await Promise.all(laterTasks)
  }

  function lastLooks(): readonly { cluster: string; ms: number }[] {
    return [...loops.values()].flatMap(({ cluster, picture: { lookedAt } }) =>
      lookedAt === null ? [] : [{ cluster, ms: clock.now() - lookedAt }],
    )
  }

  return { start, stop, lastLooks }
}

interface Loop {
  cluster: string
  picture: Picture
  done: Promise<void>
  end: AbortController
  stale: () => void
}

interface Picture {
  live: readonly LiveAttempt[]
  readAt: number
  /** When the last look ended; null: it is another process's to look, or nobody has looked yet. */
  lookedAt: number | null
}

async function watchCluster(
  dependencies: WatcherDependencies & Pick<Watching, 'later'>,
  first: ClusterRecord,
  { picture, signal }: { picture: Picture; signal: AbortSignal },
): Promise<void> {
  const { clock, log, random, intervalMs, leases } = dependencies
  let memory: ClusterMemory = NOTHING_SEEN
  let silent = 0
  let roomAt = 0
  // Loops that begin together would ask together for ever.
  await clock.sleep(Math.floor(random() * Math.min(intervalMs, 500)), signal)
  while (!signal.aborted) {
    const began = clock.now()
    let wait = intervalMs
    try {
      if ((await leases.take(`watch:${first.id}`, Math.max(LEASE_MS, 3 * intervalMs))) !== null) {
        const cluster = (await dependencies.read.clusters.byId(first.id)) ?? first
        const watching = { ...dependencies, cluster, runtime: dependencies.runtimeOf(cluster) }
        memory = await pass(watching, dependencies, memory, picture)
        picture.lookedAt = clock.now()
        silent = memory.silentSince === null ? 0 : silent + 1
        if (silent > 0) wait = Math.max(intervalMs, fullJitter(silent, SILENT_BACKOFF, random))
        if (silent === 0 && clock.now() - roomAt > ROOM_MS) {
          roomAt = clock.now()
          await readRoom(watching)
        }
      } else {
        memory = NOTHING_SEEN
        picture.lookedAt = null
      }
    } catch (error) {
      log.error({ error, cluster: first.name }, 'What a cluster showed could not be written down')
    }
    // What a pass took is part of the interval; a cluster so slow that it takes all of it is left in peace for half.
    await clock.sleep(Math.max(wait / 2, wait - (clock.now() - began)), signal)
  }
  await leases.giveUp(`watch:${first.id}`)
}

async function pass(
  watching: Watching,
  { polled, intervalMs }: Pick<WatcherDependencies, 'polled' | 'intervalMs'>,
  memory: ClusterMemory,
  picture: Picture,
): Promise<ClusterMemory> {
  const { clock, read, cluster, runtime, rules, log } = watching
  // The picture is older than the listing: an attempt begun in between is looked at next time, and one that ended in
  // between is found so by whoever writes.
  if (clock.now() - picture.readAt > Math.max(REFRESH_MS, intervalMs)) {
    // Noted before the read, so that news arriving during it makes the picture stale again.
    picture.readAt = clock.now()
    picture.live = await read.attempts.onCluster(cluster.id)
  }
  const began = clock.now()
  const sight = await runtime.observe()
  polled(cluster.name, clock.now() - began, sight.is === 'seen')
  const { memory: next, events } = reduce(memory, { sight, live: picture.live, now: clock.now(), rules })
  if (memory === NOTHING_SEEN && sight.is === 'seen') await firstContact(watching)
  for (const event of events) {
    picture.readAt = Number.NEGATIVE_INFINITY
    try {
      await act(watching, event)
    } catch (error) {
      log.error(
        { error, cluster: cluster.name, event: event.of },
        'What a watcher saw could not be written down',
      )
      return memory
    }
  }
  return next
}

async function firstContact(watching: Watching): Promise<void> {
  const { read, cluster, clock } = watching
  await read.clusters.saveReach(cluster.id, { is: 'reachable', at: clock.now() })
}

async function readRoom({ runtime, read, cluster }: Watching): Promise<void> {
  const room = await runtime.room()
  if (room) await read.clusters.saveRoom(cluster.id, room)
  const pulse = await runtime.pulse(cluster.pulse)
  if (pulse) await read.clusters.savePulse(cluster.id, pulse)
}
