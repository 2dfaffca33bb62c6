import { fullJitter } from '../../lib/backoff.ts'
import type { Clock, Instant } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { News, Stores, Transact } from '../jobs/stores.ts'

/** One kind of thing that becomes due. */
export interface Timer {
  name: string
  /** Does one or some that are due and that nobody else does; false: there are no more. */
  once(stores: Stores, now: Instant): Promise<boolean>
  /** So many at a time; left out: one after the other. */
  lanes?: number
  /** What could not be done is left for later, so that the others are done. */
  putOff?(stores: Stores, id: string, until: Instant): Promise<void>
  /** When the next one is due; null: none waits. */
  nextDue(read: Stores): Promise<Instant | null>
}

/** Something to be looked after now and then, by one process of several or by each: it must not matter. */
export interface Chore {
  name: string
  everyMs: number
  run(now: Instant): Promise<void>
}

/** One of what is due could not be done. */
export class StuckError extends Error {
  readonly id: string

  constructor(id: string, cause: unknown) {
    super(`${id} could not be done`, { cause })
    this.id = id
  }
}

export interface AlarmClockDependencies {
  transact: Transact
  read: Stores
  clock: Clock
  log: Log
  random: () => number
  onNews(listener: (news: News) => void): () => void
  timers: readonly Timer[]
  chores: readonly Chore[]
}

export interface AlarmClock {
  start(): void
  stop(): Promise<void>
}

// What another process made due earlier is told to us; looking covers what was told while a connection was broken.
const LOOK_EVERY_MS = 1_000
const BACKOFF = { base: 200, cap: 5_000 }

/**
 * Every timer of alerting is a column of a row. Whoever comes first takes a row that is due, locked until what follows
 * from it is committed: with any number of processes, and whenever one dies, each is done once and none is forgotten.
 */
export function createAlarmClock(dependencies: AlarmClockDependencies): AlarmClock {
  const { timers, chores, clock, onNews } = dependencies
  const stopping = new AbortController()
  const loops: Promise<void>[] = []
  const wakers = new Set<() => void>()
  let stopNews = () => {}

  return {
    start() {
      stopNews = onNews((news) => {
        if (news.of === 'alerts' && news.changed === 'due') for (const wake of wakers) wake()
      })
      // A signal of its own for each: Node takes many listeners on one for a leak.
      const signal = () => AbortSignal.any([stopping.signal])
      for (const timer of timers) loops.push(ring(dependencies, timer, { signal: signal(), wakers }))
      for (const chore of chores) loops.push(repeat(dependencies, chore, signal()))
    },
    async stop() {
      stopping.abort()
      stopNews()
      for (const wake of wakers) wake()
      await Promise.race([Promise.all(loops), clock.sleep(10_000)])
    },
  }
}

async function ring(
  dependencies: AlarmClockDependencies,
  timer: Timer,
  { signal, wakers }: { signal: AbortSignal; wakers: Set<() => void> },
): Promise<void> {
  const { clock, log, random, read } = dependencies
  let nap = new AbortController()
  let woken = false
  wakers.add(() => {
    woken = true
    nap.abort()
  })
  for (let failures = 0; !signal.aborted; ) {
    woken = false
    try {
      await drain(dependencies, timer, signal)
      const due = await timer.nextDue(read)
      failures = 0
      if (woken || signal.aborted) continue
      nap = new AbortController()
      const wait = due === null ? LOOK_EVERY_MS : Math.min(Math.max(due - clock.now(), 5), LOOK_EVERY_MS)
      await clock.sleep(wait, nap.signal)
    } catch (error) {
      log.error({ error, timer: timer.name }, 'What is due in alerting could not be done; trying again')
      await clock.sleep(fullJitter(failures++, BACKOFF, random), signal)
    }
  }
}

async function drain(dependencies: AlarmClockDependencies, timer: Timer, signal: AbortSignal): Promise<void> {
  const lane = async () => {
    while (!signal.aborted && (await next(dependencies, timer))) {}
  }
  await Promise.all(Array.from({ length: timer.lanes ?? 1 }, lane))
}

const STUCK_MS = 30_000

/** One commit. What fails by itself is put off; whatever else fails is tried again by the caller. */
async function next({ transact, clock, log }: AlarmClockDependencies, timer: Timer): Promise<boolean> {
  try {
    return await transact((stores) => timer.once(stores, clock.now()))
  } catch (error) {
    if (!(error instanceof StuckError) || !timer.putOff) throw error
    const { id, cause } = error
    log.error({ error: cause, timer: timer.name, id }, 'Something due in alerting failed and is put off')
    await transact((stores) => timer.putOff?.(stores, id, clock.now() + STUCK_MS) ?? Promise.resolve())
    return true
  }
}

async function repeat(
  { clock, log, random }: AlarmClockDependencies,
  { name, everyMs, run }: Chore,
  signal: AbortSignal,
): Promise<void> {
  // Processes that begin together would look together for ever.
  await clock.sleep(Math.floor(random() * Math.min(everyMs, 1_000)), signal)
  while (!signal.aborted) {
    await run(clock.now()).catch((error: unknown) =>
      log.warn({ error, chore: name }, 'Something of alerting could not be looked after'),
    )
    await clock.sleep(everyMs, signal)
  }
}
