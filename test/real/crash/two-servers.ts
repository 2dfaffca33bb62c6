import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProbePoint } from '../../../src/platform/jobs/probe.ts'
import { type CrashingServer, startCrashingServer } from '../../support/crashing.ts'
import { type OperationOverRest, type SluiceClient, sluiceClient } from '../../support/sluice-client.ts'
import { until } from '../../support/until.ts'
import type { FlinkWorld } from '../flink-world.ts'
import { type LiveJobs, watchLiveJobs } from '../live-jobs.ts'

/** Restarts that stand at different points when their server dies. */
const HELD: readonly { job: string; point: ProbePoint }[] = [
  { job: 'left-claimed', point: 'operation.claimed' },
  { job: 'left-stopping', point: 'end.sent' },
  { job: 'left-stopped', point: 'attempt.ended' },
  { job: 'left-submitted', point: 'attempt.submitted' },
]

export interface Takeover {
  ended: readonly OperationOverRest[]
  alive: readonly number[]
  endings: readonly number[]
  live: Pick<LiveJobs, 'samples' | 'doubles'>
  /** What the second server did to these operations while the first one held them. */
  early: readonly string[]
  /** From the death of the first to the first point that the second passed, per job. */
  takenOverMs: readonly number[]
  faults: readonly string[]
}

/** Two servers on one PostgreSQL: the one that works on operations is killed, and the other goes on. */
export async function tellTakeover(world: FlinkWorld, databaseUrl: string): Promise<Takeover> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-two-'))
  const settings = { PORT: '0', LANGUAGE: 'en', WATCH_INTERVAL: '1s', DATABASE_URL: databaseUrl }
  const secret = { SLUICE_SECRET: 'one secret that both of the servers know' }
  // A shared directory, as both must reach the artifacts.
  const environment = { ...settings, ...secret, SLUICE_HOME: home }
  const live = watchLiveJobs(world.address)
  const servers: CrashingServer[] = []
  try {
    const first = await startCrashingServer(environment)
    servers.push(first)
    const client = sluiceClient(first.url, first.token)
    await setUp(world, client, live)
    await first.arm(
      HELD.map((each) => ({ ...each, pass: 1 })),
      'asked',
    )
    const asked = await Promise.all(HELD.map(({ job }) => client.ask(job, { verb: 'restart' })))
    const held = () => first.reports.filter(({ is }) => is === 'held').length
    await until(() => held() === HELD.length, { within: 60_000, what: 'operations held by the first server' })
    const second = await startCrashingServer(environment)
    servers.push(second)
    const early = passed(second).map(({ job, point }) => `${job} ${point}`)
    first.die()
    await until(() => !first.alive(), { within: 10_000, what: 'the death of the first server' })
    const diedAt = Date.now()
    const other = sluiceClient(second.url, second.token)
    const ended = await Promise.all(asked.map(({ id }) => other.ended(id)))
    return {
      ended,
      alive: await Promise.all(HELD.map(async ({ job }) => (await live.of(job)).length)),
      endings: await Promise.all(asked.map(({ id }, index) => endingsOf(other, HELD[index]?.job ?? '', id))),
      live,
      early,
      takenOverMs: HELD.map(({ job }) => firstPass(second, job) - diedAt),
      faults: second.reports.flatMap((each) => (each.is === 'fault' ? [each.message] : [])),
    }
  } finally {
    for (const server of servers) await server.end()
    await live.stop()
    await rm(home, { recursive: true, force: true })
  }
}

async function setUp(world: FlinkWorld, client: SluiceClient, live: LiveJobs): Promise<void> {
  const { savepoints, checkpoints, archive } = world.directories
  await client.addCluster({ name: 'session-a', address: world.address, savepoints, checkpoints, archive })
  const digest = await client.upload()
  await Promise.all(
    HELD.map(async ({ job }) => {
      await client.createJob({ name: job, cluster: 'session-a', digest, args: ['--name', job] })
      live.know(job, (await client.job(job)).id)
      await client.run(job, { verb: 'start' })
    }),
  )
}

function passed(server: CrashingServer) {
  return server.reports.flatMap((each) => (each.is === 'passed' ? [each] : []))
}

function firstPass(server: CrashingServer, job: string): number {
  return passed(server).find((each) => each.job === job)?.at ?? Number.POSITIVE_INFINITY
}

async function endingsOf(client: SluiceClient, job: string, id: string): Promise<number> {
  const entries = await client.audit(job)
  return entries.filter(({ after }) => after?.operation === id && after.outcome !== undefined).length
}
