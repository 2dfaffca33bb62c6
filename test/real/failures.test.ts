import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Loss } from '../fakes/lossy-proxy.ts'
import type { IncidentOverRest, JobOverRest } from '../support/sluice-client.ts'
import { eventually } from './flink-rest.ts'
import { type SluiceOnFlink, sluiceOnFlink } from './sluice-on-flink.ts'

/**
 * What the outside world does to us, on a real Flink: answers that are lost, a cluster that speaks nonsense or not at
 * all, processes that die, people who act past us. The times after which we speak up are short here, so that nobody
 * waits for them.
 */
let sluice: SluiceOnFlink
beforeAll(async () => {
  sluice = await sluiceOnFlink('failures', {
    // As many as there are jobs when the JobManager is replaced: behind the new one all are held for a while.
    slots: 11,
    config: {
      'metrics.fetcher.update-interval': '500',
      'heartbeat.timeout': '8000',
      'heartbeat.interval': '2000',
    },
    // One cluster and few jobs go wrong in many ways here, and each is to be told.
    environment: { ALERT_FLAPPING: 'never' },
    deadlines: { silentMs: 20_000, upMs: 60_000 },
    watchRules: { silentMs: 3_000, stuckMs: 3_000, askAgainMs: 1_000, loopWindowMs: 20_000 },
  })
})
afterEach(() => sluice.proxy.clear())
afterAll(() => sluice?.close())

const jobIs = (name: string, is: string, withinMs = 60_000) =>
  eventually(
    () => sluice.client.job(name),
    (job) => job.state.is === is,
    withinMs,
  )

async function start(name: string): Promise<string> {
  expect(await sluice.client.run(name, { verb: 'start' })).toMatchObject({ state: 'done' })
  return liveId(name)
}

async function liveId(name: string): Promise<string> {
  const rows = await sluice.live.of(name)
  expect(rows).toHaveLength(1)
  return rows[0]?.jid ?? ''
}

const incidentsOf = async (name: string): Promise<IncidentOverRest[]> =>
  (await sluice.client.incidents()).filter(({ subject }) => subject.name === name)

const incidentOpen = (name: string, kind: string, withinMs = 60_000) =>
  eventually(
    () => incidentsOf(name),
    (all) => all.some((one) => one.kind === kind),
    withinMs,
  )

const incidentsClosed = (name: string) =>
  eventually(
    () => incidentsOf(name),
    (all) => all.length === 0,
  )

/** Sluice has looked at the cluster so often again. */
async function looks(times: number): Promise<void> {
  const count = () => sluice.proxy.seen.filter((each) => each === 'GET /jobs/overview').length
  const before = count()
  await eventually(
    async () => count(),
    (now) => now >= before + times,
  )
}

const counterOf = (id: string) =>
  eventually(
    () => sluice.flink.gauge(id, 'counter'),
    (value) => value !== null && value > 20,
  )

const startedFrom = (id: string) =>
  eventually(
    () => sluice.flink.gauge(id, 'startedFrom'),
    (value) => value !== null,
  )

const savepointsTakenBy = async (id: string): Promise<number> =>
  (await sluice.flink.call('GET', `/jobs/${id}/checkpoints`)).json.history.filter(
    (each: { is_savepoint: boolean }) => each.is_savepoint,
  ).length

const sentTo = (pattern: RegExp) => sluice.proxy.seen.filter((each) => pattern.test(each)).length

describe('answers that are lost after Flink acted', () => {
  const lost: Loss = { is: 'answer-lost' }

  it('start one job when the answer to the submit is lost', async () => {
    await sluice.job('lost-run')
    sluice.proxy.lose(/^POST .*\/run/, lost)

    const { outcome } = await sluice.client.run('lost-run', { verb: 'start' })

    expect(outcome).toMatchObject({ is: 'running', attempt: 1 })
    expect(await sluice.live.of('lost-run')).toHaveLength(1)
  })

  it('restart once, with one savepoint and its state, when the answers to stop and submit are lost', async () => {
    await sluice.job('lost-both')
    const first = await start('lost-both')
    const counted = (await counterOf(first)) ?? 0
    sluice.proxy.lose(/^POST .*\/stop/, lost, 2)
    sluice.proxy.lose(/^POST .*\/run/, lost, 2)

    const { outcome } = await sluice.client.run('lost-both', { verb: 'restart' })

    expect(outcome).toMatchObject({ is: 'running', attempt: 2 })
    expect(await savepointsTakenBy(first)).toBe(1)
    expect(await startedFrom(await liveId('lost-both'))).toBeGreaterThanOrEqual(counted)
  })

  it('take one savepoint when the answer to its trigger is lost', async () => {
    await sluice.job('lost-savepoint')
    const id = await start('lost-savepoint')
    sluice.proxy.lose(/^POST .*\/savepoints/, lost, 2)

    const { outcome } = await sluice.client.run('lost-savepoint', { verb: 'savepoint' })

    expect(outcome).toMatchObject({ is: 'savepoint-taken' })
    expect(await savepointsTakenBy(id)).toBe(1)
    expect(
      (await sluice.client.savepoints('lost-savepoint')).filter(({ origin }) => origin === 'savepoint'),
    ).toHaveLength(1)
  })

  it('cancel when the answer to the cancellation is lost', async () => {
    await sluice.job('lost-cancel')
    await start('lost-cancel')
    sluice.proxy.lose(/^PATCH /, lost)

    const { outcome } = await sluice.client.run('lost-cancel', { verb: 'cancel' })

    expect(outcome).toMatchObject({ is: 'stopped' })
    expect(await sluice.live.of('lost-cancel')).toEqual([])
  })

  it('never had two jobs of one alive', () => {
    expect(sluice.live.doubles).toEqual([])
  })
})

describe('a cluster that does not answer as it should, for a while', () => {
  it.each<{ how: string; loss: Loss; times?: number }>([
    {
      how: 'is electing a leader',
      loss: {
        is: 'answered',
        status: 503,
        body: '{"errors":["Service temporarily unavailable due to an ongoing leader election. Please refresh."]}',
      },
    },
    {
      how: 'answers garbage',
      loss: { is: 'answered', status: 200, body: '<html>gateway</html>', type: 'text/html' },
    },
    { how: 'answers half a JSON', loss: { is: 'answered', status: 200, body: '{"jobs":[{"jid":"' } },
    {
      how: 'answers 500 to everything',
      loss: { is: 'answered', status: 500, body: '{"errors":["Internal server error."]}' },
    },
    { how: 'is slow', loss: { is: 'late', ms: 1_500 }, times: 12 },
    { how: 'loses every answer', loss: { is: 'answer-lost' } },
  ])('still restarts once and with state when it $how', async ({ how, loss, times = 25 }) => {
    const name = `when-it-${how.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`
    await sluice.job(name)
    const first = await start(name)
    const counted = (await counterOf(first)) ?? 0
    const before = sluice.proxy.seen.length
    sluice.proxy.lose(/./, loss, times)

    const { outcome } = await sluice.client.run(name, { verb: 'restart' })

    expect(sluice.proxy.seen.length - before).toBeGreaterThan(times)
    expect(outcome).toMatchObject({ is: 'running', attempt: 2 })
    expect(await startedFrom(await liveId(name))).toBeGreaterThanOrEqual(counted)
    expect(sluice.live.doubles).toEqual([])
  })

  it('is an incident when it is out of reach, in which nothing is restarted, and closes when it is back', async () => {
    await sluice.job('unreached', { restartPolicy: POLICY })
    const id = await start('unreached')
    const submits = sentTo(/\/run/)
    await sluice.proxy.refuse()
    await incidentOpen('session-a', 'cluster-silent')
    const during = await sluice.client.job('unreached')
    await sluice.proxy.allow()
    await incidentsClosed('session-a')
    await looks(5)

    expect(during.state.is).toBe('running')
    expect(await sluice.client.job('unreached')).toMatchObject({ attempts: 1, state: { is: 'running' } })
    expect(await liveId('unreached')).toBe(id)
    expect(sentTo(/\/run/)).toBe(submits)
    expect(await incidentsOf('unreached')).toEqual([])
  })
})

const POLICY = { is: 'on-failure', limit: 2, windowMs: 600_000, backoffMs: 500, backoffCapMs: 1_000 }

describe('a job that ends without us', () => {
  it('is told as ended outside and not restarted when somebody cancels it in Flink', async () => {
    await sluice.job('cancelled-outside', { restartPolicy: POLICY })
    const id = await start('cancelled-outside')

    await sluice.flink.call('PATCH', `/jobs/${id}?mode=cancel`)
    const ended = await jobIs('cancelled-outside', 'ended')
    await looks(6)

    expect(ended).toMatchObject({ desired: 'stopped', state: { as: 'CANCELED', outside: true } })
    expect(await incidentsOf('cancelled-outside')).toMatchObject([{ kind: 'job-ended-outside' }])
    expect(await sluice.client.job('cancelled-outside')).toMatchObject({
      attempts: 1,
      state: { is: 'ended' },
    })
    expect(await sluice.live.of('cancelled-outside')).toEqual([])
  })

  const breakFile = () => join(sluice.world.directories.savepoints, '..', 'break')
  const fragile = () => ['--restarts', 'none', '--break-when', breakFile()]
  const breakIt = () => writeFile(breakFile(), 'broken on purpose')
  const mendIt = () => rm(breakFile(), { force: true })

  const attemptIs = (name: string, is: string, attempts: number): Promise<JobOverRest> =>
    eventually(
      () => sluice.client.job(name),
      (job) => job.state.is === is && job.attempts === attempts,
    )

  it('is restarted once per failure with its state, as its policy says, until the limit', async () => {
    // Long enough that it is mended before its restart.
    const patient = { ...POLICY, backoffMs: 4_000, backoffCapMs: 4_000 }
    await sluice.job('fragile', { args: fragile(), restartPolicy: patient })
    await start('fragile')
    const from: number[] = []
    for (const attempt of [1, 2]) {
      const id = await liveId('fragile')
      await eventually(
        () => checkpointsOf(id),
        (completed) => completed > 1,
      )
      await breakIt()
      await incidentOpen('fragile', 'job-failed')
      await mendIt()
      await attemptIs('fragile', 'running', attempt + 1)
      from.push((await startedFrom(await liveId('fragile'))) ?? 0)
      await incidentsClosed('fragile')
    }
    await breakIt()
    const given = await attemptIs('fragile', 'failed', 3)
    await mendIt()
    await looks(6)

    expect(given.state.cause).not.toBeUndefined()
    expect(from[0]).toBeGreaterThan(0)
    expect(from[1]).toBeGreaterThan(from[0] ?? 0)
    expect(await sluice.client.job('fragile')).toMatchObject({ attempts: 3, state: { is: 'failed' } })
    expect(await incidentsOf('fragile')).toMatchObject([{ kind: 'job-failed', facts: { gaveUp: true } }])
    expect(sluice.live.doubles).toEqual([])
  })

  it('is tried again up to the limit when its restart fails as well, and then given up', async () => {
    await sluice.job('broken', { args: fragile(), restartPolicy: POLICY })
    await start('broken')
    await counterOf(await liveId('broken'))
    await breakIt()

    // A restart that never came up is an alert of its own, next to the job's.
    const told = await eventually(
      () => incidentsOf('broken'),
      (all) => all.some(({ facts }) => facts.gaveUp === true),
    )
    await looks(6)
    await mendIt()

    expect(told.filter(({ facts }) => facts.gaveUp === true)).toMatchObject([{ kind: 'job-failed' }])
    expect(await sluice.client.job('broken')).toMatchObject({ attempts: 3, state: { is: 'failed' } })
    expect((await sluice.client.openOperations()).length).toBe(0)
  })
})

describe('processes of Flink that die', () => {
  it('proves a job over when its JobManager was replaced, and brings it back from its newest checkpoint', async () => {
    await sluice.job('orphan')
    const id = await start('orphan')
    await eventually(
      () => checkpointsOf(id),
      (completed) => completed > 2,
    )
    await sluice.world.kill('jobmanager')
    await sluice.world.bringBack()
    await jobIs('orphan', 'failed', 120_000)
    const incidents = await incidentsOf('orphan')
    const attempts = await attemptsOf('orphan')

    const { outcome } = await sluice.client.run('orphan', { verb: 'restart' })

    expect(incidents).toMatchObject([
      { kind: 'job-failed', cause: { message: expect.stringContaining('JobManager was replaced') } },
    ])
    expect(attempts).toMatchObject([{ state: 'over', proof: { kind: 'jobmanager-replaced' } }])
    expect(outcome).toMatchObject({ is: 'running', attempt: 2 })
    expect(await startedFrom(await liveId('orphan'))).toBeGreaterThan(0)
    await incidentsClosed('orphan')
  })

  it('has the jobs whose policy says so back by itself after the JobManager was replaced', async () => {
    const back = await eventually(
      () => sluice.client.job('unreached'),
      ({ state, attempts }) => state.is === 'running' && attempts === 2,
    )

    expect(back.desired).toBe('running')
    expect(await startedFrom(await liveId('unreached'))).toBeGreaterThan(0)
    expect(await sluice.live.of('cancelled-outside')).toEqual([])
  })

  it('lets a job recover by itself when a TaskManager is replaced, and the incident closes', async () => {
    await sluice.job('survivor')
    const id = await start('survivor')
    await sluice.world.kill('taskmanager')
    await jobIs('survivor', 'recovering')
    await incidentOpen('survivor', 'restart-loop')

    await sluice.world.bringBack()
    await jobIs('survivor', 'running')

    await incidentsClosed('survivor')
    expect(await liveId('survivor')).toBe(id)
    expect(await sluice.client.job('survivor')).toMatchObject({ attempts: 1 })
  })

  it('met no fault of ours in all this', () => {
    expect(sluice.faults).toEqual([])
    expect(sluice.live.doubles).toEqual([])
  })
})

async function checkpointsOf(id: string): Promise<number> {
  return (await sluice.flink.call('GET', `/jobs/${id}/checkpoints`)).json.counts.completed
}

async function attemptsOf(name: string) {
  const job = await sluice.client.job(name)
  return (await sluice.app.core.stores.read.attempts.list(job.id, {})).items
}
