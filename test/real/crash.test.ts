import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../support/postgres.ts'
import { LANES, PASSED } from './crash/lanes.ts'
import { type Story, type Told, tellCrashes } from './crash/story.ts'
import { type Takeover, tellTakeover } from './crash/two-servers.ts'
import { type FlinkWorld, flinkWorld } from './flink-world.ts'

/**
 * kill -9 of the whole server at every point of every operation, on a real Flink. Held points: each operation of a
 * round waits at its own point, and one kill takes them all; sharp ones: the process dies the moment one is reached.
 */
let world: FlinkWorld
beforeAll(async () => {
  const config = { 'metrics.fetcher.update-interval': '500', 'state.checkpoints.num-retained': '2' }
  world = await flinkWorld('crash', { slots: 12, config })
})
afterAll(() => world?.close())

describe('a server that is killed at every point of every operation', () => {
  let story: Story
  beforeAll(async () => {
    story = await tellCrashes(world)
  }, 900_000)
  afterAll(() => story && print(story))

  const aliveAfter = ({ step }: Told) => (step.outcome === 'stopped' ? 0 : 1)

  it('was killed at every point that an operation passes', () => {
    const missed = PASSED.filter((each) => !story.killedAt.includes(each))
    expect(missed).toEqual([])
  })

  it('never has two Flink jobs of one job alive, at any moment', () => {
    expect(story.live.doubles).toEqual([])
    expect(story.live.samples).toBeGreaterThan(story.kills * 10)
  })

  it('has one Flink job for each job that runs and none for each that is stopped', () => {
    const wrong = story.told.filter((each) => each.alive !== aliveAfter(each))
    expect(wrong).toEqual([])
  })

  it('loses no operation and leaves none stuck', () => {
    expect(story.told.length).toBe(LANES.reduce((sum, { steps }) => sum + steps.length, 0))
    expect(story.openAtEnd).toEqual([])
    expect(story.deadWork).toEqual([])
    expect(story.faults).toEqual([])
  })

  it('ends every operation as if it had not been killed', () => {
    const wrong = story.told.filter(({ step, ended }) =>
      step.outcome === 'back'
        ? ended.outcome?.now !== 'running-former-release'
        : ended.state !== 'done' || ended.outcome?.is !== step.outcome,
    )
    expect(wrong).toEqual([])
  })

  it('has one entry of the request and one of the end in the audit, for every operation', () => {
    const wrong = story.told.filter(({ endings, requests }) => endings !== 1 || requests !== 1)
    expect(wrong).toEqual([])
  })

  it('never takes the state of a job behind what was saved', () => {
    expect(story.lostState).toEqual([])
    expect(story.restores).toBeGreaterThan(20)
  })
})

const missing = postgresMissing()

describe.skipIf(missing !== null)(
  `two servers on one PostgreSQL, one of which is killed${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let postgres: PrivatePostgres
    let takeover: Takeover
    beforeAll(async () => {
      postgres = await startPostgres()
      takeover = await tellTakeover(world, await postgres.emptyDatabase())
    })
    afterAll(() => postgres?.stop())

    it('leaves operations to the server that holds them while it lives', () => {
      expect(takeover.early).toEqual([])
    })

    it('has the other go on with all of them within the time of a lease', () => {
      // A lease of 15 s, and a look every 5 s at what nobody holds.
      expect(Math.max(...takeover.takenOverMs)).toBeLessThan(22_000)
      console.log(`taken over after ${takeover.takenOverMs.map((ms) => (ms / 1000).toFixed(1)).join(', ')} s`)
    })

    it('ends every operation once, with one Flink job for each', () => {
      expect(takeover.ended.map(({ outcome }) => outcome?.is)).toEqual(takeover.ended.map(() => 'running'))
      expect(takeover.alive).toEqual(takeover.ended.map(() => 1))
      expect(takeover.endings).toEqual(takeover.ended.map(() => 1))
      expect(takeover.live.doubles).toEqual([])
      expect(takeover.live.samples).toBeGreaterThan(20)
      expect(takeover.faults).toEqual([])
    })
  },
)

function print({ told, kills, killedAt, live, restores }: Story): void {
  const times = told.map(({ tookMs }) => tookMs).sort((a, b) => a - b)
  const seconds = (part: number) =>
    ((times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0) / 1000).toFixed(1)
  console.log(
    [
      `${kills} kills of the server, ${told.length} operations met by them`,
      `${killedAt.length} of them at an exact point (${new Set(killedAt).size} different verb and point)`,
      `${live.samples} looks at Flink, ${live.doubles.length} with two jobs of one alive`,
      `${restores} restores checked by Flink's own word and by the counter`,
      `from asking to the end, kill and start anew included: median ${seconds(0.5)} s, longest ${seconds(1)} s`,
    ].join('\n'),
  )
}
