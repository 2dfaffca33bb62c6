import { readFileSync } from 'node:fs'
import type { Clock } from '../../src/lib/clock.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { silentLog } from '../../src/lib/log.ts'
import type { TeamId } from '../../src/platform/access/access.ts'
import { seedAccess } from '../../src/platform/access/seed-access.prisma.ts'
import { auditLog } from '../../src/platform/audit/audit-log.prisma.ts'
import type { Operation, Order, RequestAnswer } from '../../src/platform/jobs/operation.ts'
import { createOperationWorker, type OperationWorker } from '../../src/platform/jobs/operation-worker.ts'
import { requestOperation } from '../../src/platform/jobs/operations.ts'
import { noProbe, type Probe } from '../../src/platform/jobs/probe.ts'
import type { Release } from '../../src/platform/jobs/release.ts'
import type { ClusterRecord } from '../../src/platform/jobs/stores.ts'
import type { Runtime } from '../../src/platform/runtimes/runtime.ts'
import { createSessionRuntime } from '../../src/platform/runtimes/session/session-runtime.http.ts'
import { NO_DELAYS, type SimulatorDelays } from '../../src/platform/runtimes/simulator/simulated-cluster.ts'
import { isOver } from '../../src/platform/runtimes/simulator/simulated-job.ts'
import { type Simulator, startSimulator } from '../../src/platform/runtimes/simulator/simulator.http.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { createStores, type OpenStores } from '../../src/platform/stores.prisma.ts'
import { openWorkQueue } from '../../src/platform/work/work.pgboss.ts'
import { freshDatabase, truncateAll } from './database.ts'
import { alerting } from './stores.ts'

/** Time goes as it does, but nobody waits long: pauses between two questions to a cluster shrink to nothing. */
export const hastyClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 3), signal),
}

const EXAMPLE = new URL('../../examples/counter-job.jar', import.meta.url)
export const EXAMPLE_DIGEST = 'e'.repeat(64)

/** A team, an environment, a cluster (simulated) and a job, with the real stores, queue and worker around them. */
export interface Operating {
  database: Database
  stores: OpenStores
  simulator: Simulator
  runtime: Runtime
  cluster: ClusterRecord
  worker: OperationWorker
  jobId: string
  release(over?: Partial<Release>): Promise<number>
  ask(
    order: Order,
    over?: { force?: boolean; reason?: string; secondPerson?: boolean },
  ): Promise<RequestAnswer>
  /** Asks and carries out; the operation as it ended. */
  run(order: Order, over?: { force?: boolean; reason?: string }): Promise<Operation>
  /** Flink's ids of the jobs that are not over, as the cluster itself knows them. */
  alive(): string[]
  /** A worker as another process would have it. */
  anotherWorker(over?: { probe?: Probe; alone?: boolean }): OperationWorker
  close(): Promise<void>
}

interface OperatingOptions {
  probe?: Probe
  environment?: string
  delays?: Partial<SimulatorDelays>
  /** One to be emptied and used again; else its own, closed with the rest. */
  database?: Database
}

export async function operating(options: OperatingOptions = {}): Promise<Operating> {
  const { probe = noProbe, environment = 'preprod', delays, database: given } = options
  const database = given ?? (await freshDatabase())
  if (given) await truncateAll(given)
  await seedAccess(database)
  const simulator = await startSimulator({
    ...{ clock: systemClock, slots: 4, taskManagers: 2 },
    delays: { ...NO_DELAYS, ...delays },
  })
  const queue = await openWorkQueue({
    database,
    clock: systemClock,
    ids: randomIds,
    random: Math.random,
    log: silentLog,
  })
  const stores = createStores({ database, clock: systemClock, queue, audit: auditLog, alerting })
  const artifacts = { open: async () => ({ bytes: new Uint8Array(readFileSync(EXAMPLE)) }) }
  const sqlJar = () => new Uint8Array()
  const runtime = createSessionRuntime({
    address: simulator.address,
    artifacts,
    sqlJar,
    clock: hastyClock,
    log: silentLog,
  })

  const clusterId = randomIds.next('clu')
  const teamId = randomIds.next('team') as TeamId
  const jobId = randomIds.next('job')
  await database.prisma.team.create({
    data: { id: teamId, name: 'data', title: 'Data', createdAt: new Date() },
  })
  const { directories, address } = simulator
  await stores.read.clusters.insert(
    {
      id: clusterId,
      name: 'session-a',
      kind: 'session',
      yarn: null,
      environment,
      address,
      managed: false,
      sandbox: true,
      flinkVersionId: null,
      savepointDir: 'file:/savepoints',
      checkpointDir: directories.checkpoints,
      archiveDir: null,
      parallelOperations: 4,
    },
    Date.now(),
  )
  const restartPolicy = { is: 'none' } as const
  const job = {
    id: jobId,
    name: 'orders-cdc',
    teamId,
    environment,
    clusterId,
    kind: 'jar',
    note: '',
    restartPolicy,
  } as const
  await stores.read.jobs.insert({ ...job, at: Date.now() })
  await stores.read.artifacts.insert({
    digest: EXAMPLE_DIGEST,
    fileName: 'counter-job.jar',
    size: 1,
    entryClass: null,
    createdAt: Date.now(),
    uploadedBy: 'lin',
    manifest: {},
  })
  const cluster = await stores.read.clusters.byId(clusterId)
  if (!cluster) throw new Error('The cluster just stored is not there.')

  function anotherWorker({
    probe: point = noProbe,
    alone = true,
  }: {
    probe?: Probe
    alone?: boolean
  } = {}): OperationWorker {
    return createOperationWorker({
      transact: stores.transact,
      read: stores.read,
      clock: hastyClock,
      ids: randomIds,
      log: silentLog,
      probe: point,
      deadlines: {
        ...{ endMs: 3_000, savepointMs: 3_000, submitMs: 3_000, upMs: 3_000, silentMs: 500 },
        ...{ roomMs: 100, comingBackMs: 3_000 },
      },
      runtimeOf: () => runtime,
      instance: randomIds.next('instance'),
      alone,
      ended: () => {},
    })
  }
  const worker = anotherWorker({ probe })

  const ask: Operating['ask'] = (
    order,
    { force = false, reason = null, secondPerson = false } = {} as never,
  ) =>
    stores.transact((each) =>
      requestOperation(
        each,
        { clock: systemClock, ids: randomIds },
        {
          jobId,
          order,
          requester: { memberId: null, name: 'Lin', via: 'test', requestId: 'req_1' },
          reason: reason ?? null,
          force,
          secondPerson,
        },
      ),
    )

  return {
    database,
    stores,
    simulator,
    runtime,
    cluster,
    worker,
    jobId,
    ask,
    anotherWorker,
    alive: () => [...simulator.cluster.jobs.values()].filter((job) => !isOver(job)).map((job) => job.id),
    async release(over = {}) {
      const number = await stores.read.jobs.nextRelease(jobId)
      await stores.read.releases.insert({
        jobId,
        number,
        program: {
          is: 'jar',
          digest: EXAMPLE_DIGEST,
          fileName: 'counter-job.jar',
          entryClass: null,
          args: [],
        },
        parallelism: 1,
        flinkSettings: {},
        flinkVersion: null,
        clusterId,
        savepointDir: null,
        note: '',
        author: 'Lin',
        createdAt: Date.now(),
        ...over,
      })
      return number
    },
    async run(order, over) {
      const answer = await ask(order, over)
      if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer.why)}`)
      await worker.work(jobId, new AbortController().signal)
      const operation = await stores.read.operations.byId(answer.operation.id)
      if (!operation) throw new Error('The operation is gone.')
      return operation
    },
    async close() {
      await simulator.stop()
      if (!given) await database.close()
    },
  }
}
