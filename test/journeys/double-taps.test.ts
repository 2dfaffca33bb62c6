import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, openApp } from '../../src/app.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { silentLog } from '../../src/lib/log.ts'
import { isOver } from '../../src/platform/runtimes/simulator/simulated-job.ts'
import { type Simulator, startSimulator } from '../../src/platform/runtimes/simulator/simulator.http.ts'
import { withSecret } from '../../src/settings.file.ts'
import { parseSettings } from '../../src/settings.ts'
import { doubleTaps } from '../support/double-taps.ts'
import { hastyClock } from '../support/operating.ts'
import { addPerson, makeJobs, operate, START } from '../support/running-jobs.ts'

const TAPS = 60
const JOBS = 4
// Long enough that an operation does not end between two taps made at once.
const DELAYS = { submit: 5, initialize: 5, deploy: 10, savepoint: 30, cancel: 5 }

describe('a button tapped twice at once, by two people or by one', () => {
  let home: string
  let simulator: Simulator
  let app: App

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'sluice-taps-'))
    simulator = await startSimulator({ clock: systemClock, slots: 16, delays: DELAYS })
    const environment = { SLUICE_HOME: home, PORT: '0', WATCH_INTERVAL: '10m' }
    const settings = withSecret(parseSettings({ environment, file: null, cwd: home }), randomIds)
    const database = { is: 'embedded', directory: 'memory' } as const
    app = await openApp({ settings: { ...settings, database }, log: silentLog, clock: hastyClock })
    await app.listen()
  })
  afterAll(async () => {
    await app.stop()
    await simulator.stop()
    rmSync(home, { recursive: true, force: true })
  })

  it('does each thing once, and no job ever runs twice', async () => {
    const jobs = await makeJobs(app.core, { addresses: [simulator.address], jobs: JOBS })
    for (const job of jobs) await operate(app.core, job, START)
    const people = [await addPerson(app.core, 'lin'), await addPerson(app.core, 'wei')] as const

    const { counted } = await doubleTaps({ app, people, jobs }, TAPS)
    const { joined, ...rest } = counted

    expect(rest).toEqual({
      operations: TAPS,
      done: TAPS,
      restarts: TAPS / 2,
      attempts: TAPS / 2,
      liveAttempts: JOBS,
    })
    // One in three is tapped by two people on a card of their own each: the second joins, unless its card is stale by then.
    expect(joined).toBeGreaterThan(0)
    expect(joined).toBeLessThanOrEqual(TAPS / 3)
    expect(simulator.cluster.usedIds.size).toBe(JOBS + TAPS / 2)
    expect([...simulator.cluster.jobs.values()].filter((job) => !isOver(job))).toHaveLength(JOBS)
  }, 120_000)
})
