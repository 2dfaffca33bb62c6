import { describe, expect, it } from 'vitest'
import {
  type Line,
  type LineEvents,
  type Supervisor,
  supervise,
} from '../../../../src/bot/adapters/dingtalk/supervisor.ts'
import { silentLog } from '../../../../src/lib/log.ts'
import { type SteeredClock, steeredClock } from '../../../fakes/steered-clock.ts'
import { until } from '../../../support/until.ts'

interface Opened {
  events: LineEvents
  pings: number
  closed: boolean
}

interface World {
  supervisor: Supervisor
  clock: SteeredClock
  /** Every line that was asked for, refused ones without an end. */
  lines: Opened[]
  /** What happened, in order. */
  happened: string[]
  refuse(wanted: boolean): void
}

function world({ random = () => 0.5 }: { random?: () => number } = {}): World {
  const clock = steeredClock()
  const lines: Opened[] = []
  const happened: string[] = []
  let refusing = false
  const supervisor = supervise({
    clock,
    random,
    log: silentLog,
    async open(events): Promise<Line> {
      const line: Opened = { events, pings: 0, closed: false }
      const number = lines.push(line)
      happened.push(`open ${number}`)
      if (refusing) throw new Error('away')
      return {
        ping: () => void line.pings++,
        close() {
          line.closed = true
          happened.push(`close ${number}`)
        },
      }
    },
  })
  return {
    supervisor,
    clock,
    lines,
    happened,
    refuse: (wanted) => {
      refusing = wanted
    },
  }
}

/** Lets everything run that waits for no time. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

async function pass({ clock }: World, ms: number, step = ms): Promise<void> {
  for (let gone = 0; gone < ms; gone += step) {
    clock.pass(step)
    await settled()
  }
}

describe('the supervisor', () => {
  it('is connected after its start, and starts once', async () => {
    const { supervisor, lines, clock } = world()

    await supervisor.start()
    await supervisor.start()

    expect(supervisor.connection()).toEqual({ is: 'connected', since: clock.now() })
    expect(lines).toHaveLength(1)
  })

  it('opens the new line before it closes the one that is about to go', async () => {
    const w = world()
    await w.supervisor.start()

    await pass(w, 60_000, 20_000)
    w.lines[0]?.events.leaving()
    await settled()

    expect(w.happened).toEqual(['open 1', 'open 2', 'close 1'])
    expect(w.supervisor.connection().is).toBe('connected')
  })

  it('keeps the one that is about to go while no other can be had', async () => {
    const w = world()
    await w.supervisor.start()
    w.refuse(true)

    w.lines[0]?.events.leaving()
    await settled()
    expect(w.lines[0]?.closed).toBe(false)

    w.refuse(false)
    await pass(w, 5_000, 100)
    expect(w.lines[0]?.closed).toBe(true)
    expect(w.supervisor.connection().is).toBe('connected')
  })

  it('takes silence of 90 s for an end, after asking every 25 s', async () => {
    const w = world()
    await w.supervisor.start()

    await pass(w, 75_000, 25_000)
    expect([w.lines[0]?.pings, w.lines[0]?.closed]).toEqual([3, false])

    await pass(w, 30_000, 5_000)
    await pass(w, 2_000, 100)
    expect(w.lines[0]?.closed).toBe(true)
    expect(w.supervisor.connection().is).toBe('connected')
    expect(w.lines).toHaveLength(2)
  })

  it('keeps a line that says anything at all', async () => {
    const w = world()
    await w.supervisor.start()

    for (let i = 0; i < 20; i++) {
      await pass(w, 25_000)
      w.lines[0]?.events.alive()
    }

    expect(w.lines).toHaveLength(1)
  })

  it('waits longer from try to try, by a share that is drawn, and never longer than a minute', async () => {
    const shares = [0.5, 0.999, 0, 0.5]
    let drawn = 0
    const w = world({ random: () => shares[drawn++] ?? 0.5 })
    w.refuse(true)
    await w.supervisor.start()

    expect(w.supervisor.connection()).toMatchObject({ is: 'connecting', because: 'away' })
    for (const wait of [500, 1_998, 50, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      const before = w.lines.length
      await pass(w, wait - 1)
      expect(w.lines).toHaveLength(before)
      await pass(w, 1)
      expect(w.lines).toHaveLength(before + 1)
    }
  })

  it('backs off from lines that never last, also when each says that it goes', async () => {
    const w = world()
    await w.supervisor.start()

    for (let i = 0; i < 200; i++) {
      w.lines.at(-1)?.events.leaving()
      await pass(w, 100)
    }

    // 20 s: without backing off there would be 200.
    expect(w.lines.length).toBeLessThan(10)
  })

  it('forgets old failures once a line was good for 30 s', async () => {
    const w = world()
    w.refuse(true)
    await w.supervisor.start()
    await pass(w, 60_000, 500)
    w.refuse(false)
    await pass(w, 60_000, 500)
    await pass(w, 40_000, 20_000)

    const before = w.lines.length
    w.lines.at(-1)?.events.ended('closed-1006')
    await settled()
    await pass(w, 500)

    expect(w.lines).toHaveLength(before + 1)
  })

  it('hears what a line says of its end before its opening was done', async () => {
    const clock = steeredClock()
    let opened = 0
    const supervisor = supervise({
      clock,
      random: () => 0.5,
      log: silentLog,
      async open(events) {
        opened += 1
        if (opened === 1) events.ended('closed-1006')
        return { ping: () => {}, close: () => {} }
      },
    })
    await supervisor.start()
    await settled()
    clock.pass(500)
    await until(() => opened === 2)

    expect(supervisor.connection().is).toBe('connected')
  })

  it('stops at once, and closes its line', async () => {
    const w = world()
    await w.supervisor.start()

    await w.supervisor.stop()

    expect(w.supervisor.connection()).toEqual({ is: 'stopped' })
    expect(w.lines[0]?.closed).toBe(true)
    await pass(w, 300_000, 50_000)
    expect(w.lines).toHaveLength(1)
  })

  it('is not kept from stopping by a line that is being opened, and closes that one when it comes', async () => {
    let arrive: (line: Line) => void = () => {}
    let closed = false
    const supervisor = supervise({
      clock: steeredClock(),
      random: () => 0.5,
      log: silentLog,
      open: () => new Promise((resolve) => (arrive = resolve)),
    })
    const started = supervisor.start()

    await supervisor.stop()
    await started
    arrive({ ping: () => {}, close: () => (closed = true) })
    await settled()

    expect([supervisor.connection().is, closed]).toEqual(['stopped', true])
  })
})
