import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CrashingServer,
  type CrashReport,
  dieAgain,
  startCrashingServer,
} from '../../support/crashing.ts'
import { type OperationOverRest, type SluiceClient, sluiceClient } from '../../support/sluice-client.ts'
import { until } from '../../support/until.ts'
import { eventually, type FlinkRest, flinkRest } from '../flink-rest.ts'
import type { FlinkWorld } from '../flink-world.ts'
import { type LiveJobs, watchLiveJobs } from '../live-jobs.ts'
import { type CrashStep, HELD_ROUNDS, LANES, type Lane, ROUNDS, SHARP } from './lanes.ts'

/** One operation that was asked for, and what was found after the crash. */
export interface Told {
  round: number
  job: string
  step: CrashStep
  ended: OperationOverRest
  endings: number
  requests: number
  /** Live Flink jobs of this job, counted by Flink itself once everything had ended. */
  alive: number
  tookMs: number
}

export interface Story {
  told: readonly Told[]
  /** `verb point`, where a process was killed. */
  killedAt: readonly string[]
  kills: number
  live: Pick<LiveJobs, 'samples' | 'doubles'>
  openAtEnd: readonly OperationOverRest[]
  deadWork: readonly unknown[]
  faults: readonly string[]
  /** Restores whose counter began behind what was saved, as sentences. */
  lostState: readonly string[]
  restores: number
}

interface Teller {
  world: FlinkWorld
  flink: FlinkRest
  live: LiveJobs
  /** For one job: the least that its counter may begin with. */
  floors: Map<string, number>
  lostState: string[]
  restores: number
  jar: string
  gone: { id: string; path: string } | null
}

/** Round after round: asks all lanes for an operation, has the server killed, starts it anew, and counts. */
export async function tellCrashes(world: FlinkWorld): Promise<Story> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-crash-'))
  const environment = { SLUICE_HOME: home, PORT: '0', LANGUAGE: 'en', WATCH_INTERVAL: '1s' }
  const flink = flinkRest(world.address)
  const live = watchLiveJobs(world.address)
  const jar = await flink.upload('counter-job.jar', world.counterJob.bytes)
  const teller: Teller = {
    ...{ world, flink, live, jar, floors: new Map(), lostState: [], restores: 0, gone: null },
  }
  const told: Told[] = []
  const killedAt: string[] = []
  const faults: string[] = []
  let server = await startCrashingServer(environment)
  try {
    await setUp(teller, sluiceClient(server.url, server.token))
    let kills = 0
    for (let round = 0; round < ROUNDS; round++) {
      const now = LANES.flatMap((lane) => {
        const step = lane.steps[round]
        return step ? [{ lane, step }] : []
      })
      const asked = await crashDuring(teller, server, now)
      kills++
      killedAt.push(...heldBy(server, now))
      faults.push(...faultsOf(server))
      const again = SHARP[round - HELD_ROUNDS]
      if (again) {
        faults.push(...faultsOf(await dieAgain(environment, { job: again.job, point: again.again, pass: 1 })))
        kills++
      }
      server = await startCrashingServer(environment)
      const client = sluiceClient(server.url, server.token)
      told.push(...(await countAfter(teller, client, { round, now, asked })))
    }
    const client = sluiceClient(server.url, server.token)
    const [openAtEnd, deadWork] = await Promise.all([client.openOperations(), client.deadWork()])
    const { lostState, restores } = teller
    faults.push(...faultsOf(server))
    return { told, killedAt, kills, live, openAtEnd, deadWork, faults, lostState, restores }
  } finally {
    await server.end()
    await live.stop()
    await rm(home, { recursive: true, force: true })
  }
}

const COUNTER = ['--rate', '20', '--interval', '1000']

async function setUp(teller: Teller, client: SluiceClient): Promise<void> {
  const { world, live } = teller
  const { savepoints, checkpoints, archive } = world.directories
  for (const name of ['session-a', 'session-b']) {
    await client.addCluster({ name, address: world.address, savepoints, checkpoints, archive })
  }
  const digest = await client.upload()
  await Promise.all(
    LANES.map(async ({ job, cluster, begins }) => {
      await client.createJob({ name: job, cluster, digest, args: ['--name', job, ...COUNTER] })
      await client.release(job, {
        program: { is: 'jar', digest, args: ['--name', job, ...COUNTER, '--step', '2'] },
      })
      live.know(job, (await client.job(job)).id)
      if (begins === 'running') demandState(await client.run(job, { verb: 'start', release: 1 }), 'done')
    }),
  )
  const saved = await client.run('sent-back', { verb: 'savepoint' })
  demandState(saved, 'done')
  const [newest] = await client.savepoints('sent-back')
  if (!newest) throw new Error('The savepoint just taken is not there.')
  await rm(newest.path.replace(/^file:\/*/, '/'), { recursive: true })
  teller.gone = newest
}

function demandState(operation: OperationOverRest, state: string): void {
  if (operation.state !== state) throw new Error(`Set-up failed: ${JSON.stringify(operation)}`)
}

type Now = readonly { lane: Lane; step: CrashStep }[]
type Asked = ReadonlyMap<string, { id: string; at: number }>

/** Arms the points, asks for the operations, and waits until the process has killed itself. */
async function crashDuring(teller: Teller, server: CrashingServer, now: Now): Promise<Asked> {
  const client = sluiceClient(server.url, server.token)
  await Promise.all(now.map(({ lane, step }) => readFloor(teller, lane.job, step)))
  const points = now.flatMap(({ lane, step }) => (step.at ? [{ job: lane.job, ...step.at }] : []))
  await server.arm(points, points.length === now.length ? 'all' : 'first')
  const asked = new Map<string, { id: string; at: number }>()
  await Promise.all(
    now.map(async ({ lane: { job }, step }) => {
      const order = await orderOf(teller, job, step)
      asked.set(job, { id: (await client.ask(job, order)).id, at: Date.now() })
    }),
  )
  await until(() => !server.alive(), { within: 90_000, what: `a kill at ${JSON.stringify(points)}` }).catch(
    (error: unknown) => {
      const held = server.reports.filter(({ is }) => is === 'held' || is === 'fault')
      throw new Error(`${String(error)}; held: ${JSON.stringify(held)}`)
    },
  )
  return asked
}

async function orderOf(teller: Teller, job: string, step: CrashStep): Promise<Record<string, unknown>> {
  if (step.outcome === 'back') return { ...step.order, from: { is: 'savepoint', id: teller.gone?.id } }
  if (step.verb !== 'adopt') return step.order
  const flinkJobId = randomBytes(16).toString('hex')
  teller.live.belongs(job, flinkJobId)
  const { flink, jar } = teller
  const started = await flink.run(jar, {
    jobId: flinkJobId,
    programArgsList: ['--name', 'stranger', ...COUNTER],
  })
  if (started.status !== 200) throw new Error(JSON.stringify(started.json))
  await eventually(
    () => flink.stateOf(flinkJobId),
    (state) => state === 'RUNNING',
  )
  return { ...step.order, flinkJobId }
}

/** What the counter has come to before the operation; a plain end may lose what came after the last checkpoint. */
async function readFloor({ flink, live, floors }: Teller, job: string, step: CrashStep): Promise<void> {
  const [running] = await live.of(job)
  if (!running) return
  const isPlain = step.verb === 'cancel' || step.order.how === 'plain'
  const counted = await eventually(
    () => flink.gauge(running.jid, isPlain ? 'startedFrom' : 'counter'),
    (value) => value !== null && (isPlain || value > 0),
  )
  floors.set(job, Math.max(counted ?? 0, floors.get(job) ?? 0))
}

function heldBy(server: CrashingServer, now: Now): string[] {
  return server.reports.flatMap((report) => {
    if (report.is !== 'held') return []
    const step = now.find(({ lane }) => lane.job === report.job)?.step
    return [`${step?.verb} ${report.point}`]
  })
}

function faultsOf(server: CrashingServer): string[] {
  const isFault = (report: CrashReport) => report.is === 'fault'
  return server.reports.filter(isFault).map((report) => (report.is === 'fault' ? report.message : ''))
}

async function countAfter(
  teller: Teller,
  client: SluiceClient,
  { round, now, asked }: { round: number; now: Now; asked: Asked },
): Promise<Told[]> {
  return Promise.all(
    now.map(async ({ lane: { job }, step }) => {
      const { id, at } = asked.get(job) ?? { id: '', at: 0 }
      const ended = await client.ended(id)
      const tookMs = Date.now() - at
      const mine = (await client.audit(job)).filter(({ after }) => after?.operation === id)
      const alive = await teller.live.of(job)
      await checkRestored(teller, job, { ended, running: alive[0]?.jid })
      const endings = mine.filter(({ after }) => after?.outcome !== undefined).length
      const requests = mine.filter(({ after }) => after?.order !== undefined).length
      return { round, job, step, ended, endings, requests, alive: alive.length, tookMs }
    }),
  )
}

/** Flink itself says where it restored from, and the job itself with what it began. */
async function checkRestored(
  teller: Teller,
  job: string,
  { ended, running }: { ended: OperationOverRest; running: string | undefined },
): Promise<void> {
  const { flink, floors, lostState } = teller
  const { outcome } = ended
  if (!running || !outcome) return
  if (outcome.is !== 'running' && outcome.now !== 'running-former-release') return
  if (outcome.restoredFrom === null) return
  teller.restores++
  const startedFrom = await eventually(
    () => flink.gauge(running, 'startedFrom'),
    (value) => value !== null,
  )
  const floor = floors.get(job) ?? 0
  if ((startedFrom ?? 0) < floor) lostState.push(`${job}: began with ${startedFrom}, saved was ${floor}`)
  const { json } = await flink.call('GET', `/jobs/${running}/checkpoints`)
  const path: string | undefined = json.latest?.restored?.external_path
  const wanted = outcome.restoredFrom
  if (!path || (wanted && bare(path) !== bare(wanted)))
    lostState.push(`${job}: restored from ${path} instead of ${wanted}`)
}

function bare(path: string): string {
  return path.replace(/^file:\/*/, '/').replace(/\/_metadata$/, '')
}
