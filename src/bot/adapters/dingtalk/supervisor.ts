import { fullJitter } from '../../../lib/backoff.ts'
import type { Clock, Instant } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type { Connection } from '../adapter.ts'

/** A connection as it tells what becomes of it. */
export interface Line {
  ping(): void
  close(): void
}

export interface LineEvents {
  /** Anything at all came in. */
  alive(): void
  /** The other side goes away soon: another line is wanted before. */
  leaving(): void
  ended(because: string): void
}

export interface Supervised {
  /** Opens a line; rejects with a message that holds no secret. */
  open(events: LineEvents): Promise<Line>
  clock: Clock
  random: () => number
  log: Log
}

export interface Supervisor {
  /** Resolves when the first try ended, however it ended. */
  start(): Promise<void>
  stop(): Promise<void>
  connection(): Connection
}

type End = { is: 'ended'; because: string } | { is: 'leaving' } | { is: 'silent' } | { is: 'stopped' }

const PING_MS = 25_000
const SILENT_MS = 90_000
/** A line that lived this long was good: its end does not count as a failure. */
const STABLE_MS = 30_000
const BACKOFF = { base: 1_000, cap: 60_000 }
/** Jitter may come out as nothing, and the gateway is not to be asked in a loop. */
const LEAST_MS = 50

/** Keeps one line open for ever, and a new one before an old one that is about to go. */
export function supervise({ open, clock, random, log }: Supervised): Supervisor {
  const stopping = new AbortController()
  let state: Connection = { is: 'stopped' }
  let running: Promise<void> | null = null

  return { start, stop, connection: () => state }

  async function start(): Promise<void> {
    if (running) return
    state = { is: 'connecting', since: clock.now(), because: null }
    await new Promise<void>((tried) => {
      running = run(tried)
    })
  }

  async function stop(): Promise<void> {
    stopping.abort()
    await running
    state = { is: 'stopped' }
  }

  async function run(tried: () => void): Promise<void> {
    let failures = 0
    let former: Line | null = null
    while (!stopping.signal.aborted) {
      const opened = await attempt()
      if (opened) {
        former?.close()
        former = null
      }
      tried()
      if (!opened) failures += 1
      else {
        const end = await opened.end
        const stable = clock.now() - opened.at >= STABLE_MS
        failures = stable ? 0 : failures + 1
        tell(end)
        // Still open while the next one is fetched: nothing that is said meanwhile is missed.
        if (end.is === 'leaving') former = opened.line
        else opened.line.close()
        if (end.is === 'leaving' && failures <= 1) continue
      }
      await clock.sleep(pause(failures), stopping.signal)
    }
    former?.close()
    tried()
  }

  function pause(failures: number): number {
    return Math.max(LEAST_MS, fullJitter(Math.max(0, failures - 1), BACKOFF, random))
  }

  async function attempt(): Promise<{ line: Line; at: Instant; end: Promise<End> } | null> {
    const watched = watch()
    try {
      const line = await orStopped(opening(watched.events))
      if (!line) return null
      state = { is: 'connected', since: clock.now() }
      log.info({}, 'Connected to DingTalk')
      return { line, at: clock.now(), end: watched.until(line) }
    } catch (error) {
      watched.forget()
      const because = error instanceof Error ? error.message : 'unknown'
      state = { is: 'connecting', since: 'since' in state ? state.since : clock.now(), because }
      log.warn({ because }, 'DingTalk cannot be reached; trying again')
      return null
    }
  }

  /** One that comes after the stop is nobody's. */
  async function opening(events: LineEvents): Promise<Line> {
    const line = await open(events)
    if (stopping.signal.aborted) line.close()
    return line
  }

  /** Null as soon as we stop. */
  function orStopped<T>(work: Promise<T>): Promise<T | null> {
    return new Promise((resolve, reject) => {
      const stop = () => resolve(null)
      stopping.signal.addEventListener('abort', stop, { once: true })
      void work.then(resolve, reject).finally(() => stopping.signal.removeEventListener('abort', stop))
    })
  }

  /** What a line says, as one end. */
  function watch(): { events: LineEvents; until(line: Line): Promise<End>; forget(): void } {
    let last = clock.now()
    const over = new AbortController()
    let settle: (end: End) => void = () => {}
    const end = new Promise<End>((resolve) => {
      settle = (how) => {
        over.abort()
        stopping.signal.removeEventListener('abort', stopped)
        resolve(how)
      }
    })
    stopping.signal.addEventListener('abort', stopped, { once: true })

    function stopped(): void {
      settle({ is: 'stopped' })
    }

    async function listen(line: Line): Promise<void> {
      while (!over.signal.aborted) {
        await clock.sleep(PING_MS, over.signal)
        if (over.signal.aborted) return
        if (clock.now() - last > SILENT_MS) settle({ is: 'silent' })
        else line.ping()
      }
    }

    return {
      events: {
        alive: () => {
          last = clock.now()
        },
        leaving: () => settle({ is: 'leaving' }),
        ended: (because) => settle({ is: 'ended', because }),
      },
      until: (line) => {
        void listen(line)
        return end
      },
      forget: stopped,
    }
  }

  function tell(end: End): void {
    if (end.is === 'stopped') return
    const because = end.is === 'ended' ? end.because : end.is
    state = { is: 'connecting', since: clock.now(), because }
    log.info({ because }, 'The connection to DingTalk ended')
  }
}
