import { fullJitter } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import { type Handlers, WORK_KINDS, type Work, type WorkContext, type WorkKind } from './work.ts'

/** An entry that is ours to work on, until it is done, failed or handed back. */
export interface Claimed {
  id: string
  /** Proves that it is still ours: after somebody else took it over, our word no longer counts. */
  claim: string
  work: Work
  try: number
  ordered: boolean
}

export interface Claim {
  items: readonly Claimed[]
  /** When the next entry becomes due that was not when we took these, in ms; null: none waits. */
  nextDueIn: number | null
}

/** Where entries lie, as the dispatcher sees it. */
export interface WorkShelf {
  /** Takes what is due, at most so many of each kind. */
  claim(room: ReadonlyMap<WorkKind, number>): Promise<Claim>
  done(item: Claimed): Promise<void>
  /** `again`: in so many ms; null: it is dead. */
  failed(item: Claimed, why: { error: string; again: number | null }): Promise<void>
  /** As if never begun. */
  handBack(items: readonly Claimed[]): Promise<void>
}

export interface DispatcherDependencies {
  shelf: WorkShelf
  clock: Clock
  random: () => number
  log: Log
  backoff: Backoff
}

export interface Backoff {
  base: number
  cap: number
}

export interface Dispatcher {
  /** There may be something to do. */
  wake(): void
  stop(deadlineMs: number): Promise<void>
}

// Wake-ups arrive within milliseconds; looking now and then covers those that were lost with a connection.
const LOOK_EVERY = 2_000
// A stop waits for a claim under way, however short its deadline: what was claimed must be handed back.
const CLAIM_PATIENCE = 2_000
const SHELF_BACKOFF = { base: 200, cap: 5_000 }

/** Takes entries off the shelf as they become due and hands each to its handler. */
export function startDispatcher(handlers: Handlers, dependencies: DispatcherDependencies): Dispatcher {
  const { shelf, clock, random, log, backoff } = dependencies
  const running = new Map<Claimed, Promise<void>>()
  const stopping = new AbortController()
  const givenUp = new AbortController()
  let woken = false
  let nap = new AbortController()

  function wake(): void {
    woken = true
    nap.abort()
  }

  async function loop(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      woken = false
      try {
        const { items, nextDueIn } = await shelf.claim(room())
        // The stop came while we asked.
        if (stopping.signal.aborted) return await shelf.handBack(items)
        for (const item of items) running.set(item, workOn(item))
        if (items.length === 0) await rest(nextDueIn)
        failures = 0
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'The work queue could not be read; trying again')
        await clock.sleep(fullJitter(failures++, SHELF_BACKOFF, random), stopping.signal)
      }
    }
  }

  async function rest(nextDue: number | null): Promise<void> {
    if (woken || stopping.signal.aborted) return
    nap = new AbortController()
    await clock.sleep(Math.min(nextDue ?? LOOK_EVERY, LOOK_EVERY), nap.signal)
  }

  function room(): Map<WorkKind, number> {
    const free = new Map<WorkKind, number>()
    for (const [kind, { parallel }] of Object.entries(WORK_KINDS) as [WorkKind, { parallel: number }][]) {
      const busy = [...running.keys()].filter(({ work }) => work.kind === kind).length
      if (busy < parallel) free.set(kind, parallel - busy)
    }
    return free
  }

  async function workOn(item: Claimed): Promise<void> {
    const outcome = await callHandler(item)
    await insist(() => settle(item, outcome))
    running.delete(item)
    wake()
  }

  async function callHandler(item: Claimed): Promise<{ error: unknown } | 'done'> {
    try {
      await call(handlers, item.work, { signal: stopping.signal, try: item.try })
      return 'done'
    } catch (error) {
      return { error }
    }
  }

  function settle(item: Claimed, outcome: { error: unknown } | 'done'): Promise<void> {
    if (outcome === 'done') return shelf.done(item)
    if (stopping.signal.aborted) return shelf.handBack([item])
    const error = messageOf(outcome.error)
    const isLast = item.try >= WORK_KINDS[item.work.kind].tries
    const fields = { kind: item.work.kind, id: item.id, try: item.try, error }
    if (isLast) log.error(fields, 'Work failed for the last time; it waits for a person (/work list)')
    else log.warn(fields, 'Work failed; it will be tried again')
    return shelf.failed(item, { error, again: isLast ? null : fullJitter(item.try, backoff, random) })
  }

  /** An entry whose end cannot be written would stay ours for ever: so we go on until it can. */
  async function insist(write: () => Promise<void>): Promise<void> {
    for (let failures = 0; !givenUp.signal.aborted; failures++) {
      try {
        return await write()
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'The end of work could not be written; trying again')
        await clock.sleep(fullJitter(failures, SHELF_BACKOFF, random), givenUp.signal)
      }
    }
  }

  async function stop(deadlineMs: number): Promise<void> {
    stopping.abort()
    nap.abort()
    await Promise.race([looping, clock.sleep(CLAIM_PATIENCE)])
    await Promise.race([Promise.all(running.values()), clock.sleep(deadlineMs, givenUp.signal)])
    const left = [...running.keys()]
    givenUp.abort()
    await shelf.handBack(left).catch((error: unknown) => {
      log.warn(
        { error: messageOf(error), count: left.length },
        'Work could not be handed back; it is taken over later',
      )
    })
  }

  const looping = loop()
  return { wake, stop }
}

function call(handlers: Handlers, work: Work, context: WorkContext): Promise<void> {
  // The handler is found by the very kind of the work; TypeScript cannot see that the two belong together.
  const handler = handlers[work.kind] as (work: Work, context: WorkContext) => Promise<void>
  return handler(work, context)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
