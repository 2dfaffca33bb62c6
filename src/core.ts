import { join } from 'node:path'
import type { Clock } from './lib/clock.ts'
import type { Ids } from './lib/ids.ts'
import type { Log } from './lib/log.ts'
import type { Seal } from './lib/seal.ts'
import type { Secret } from './lib/secret.ts'
import { packageVersion, sqlRunner } from './package.file.ts'
import { type Access, createAccess } from './platform/access/create-access.prisma.ts'
import { jobReach } from './platform/access/job-reach.ts'
import { seedAccess } from './platform/access/seed-access.prisma.ts'
import { type AlarmClock, type Chore, createAlarmClock } from './platform/alerts/alarm-clock.ts'
import type { FlushContext } from './platform/alerts/flushing.ts'
import { createHookCaller, type HookCaller } from './platform/alerts/hook-caller.http.ts'
import { createIncidents } from './platform/alerts/incidents.ts'
import { FLAPPING_TURNS } from './platform/alerts/life/flapping.ts'
import { readCalendars } from './platform/alerts/oncall/calendars.file.ts'
import { calendarsOf } from './platform/alerts/oncall/calendars.ts'
import { createOnCall } from './platform/alerts/oncall/on-call.ts'
import { createOutside } from './platform/alerts/outside.ts'
import { ownHealth } from './platform/alerts/own-health.ts'
import type { Notice } from './platform/alerts/ports.ts'
import { createAlertRoutes, saveRouting } from './platform/alerts/routing/alert-routes.ts'
import { createRoutingHolder, type RoutingHolder } from './platform/alerts/routing/routing-holder.ts'
import { createRules } from './platform/alerts/rules/rules.ts'
import { createSilences } from './platform/alerts/silences.ts'
import { createTeller, type TellAnswer } from './platform/alerts/telling.ts'
import { alertChores, alertTimers } from './platform/alerts/timers.ts'
import { auditLog, createAudit } from './platform/audit/audit-log.prisma.ts'
import { createChatSetups } from './platform/chats/chat-setups.prisma.ts'
import { createLeases } from './platform/coordination/leases.prisma.ts'
import type { Leases } from './platform/coordination/leases.ts'
import { createDigests, digestChores } from './platform/digests/digests.ts'
import { createClusters } from './platform/flink/clusters.ts'
import { findJava } from './platform/flink/find-java.cli.ts'
import { readFlinkHome } from './platform/flink/flink-home.file.ts'
import { createFlinkVersions, type FlinkVersionsDependencies } from './platform/flink/flink-versions.ts'
import { openArtifactFiles } from './platform/jobs/artifact-files.file.ts'
import { createArtifacts } from './platform/jobs/artifacts.ts'
import { createJobs } from './platform/jobs/jobs.ts'
import type { Operation, Outcome } from './platform/jobs/operation.ts'
import { createOperationWorker, type OperationWorker } from './platform/jobs/operation-worker.ts'
import { createOperations, expireApproval } from './platform/jobs/operations.ts'
import { noProbe, type Probe } from './platform/jobs/probe.ts'
import { DEADLINES, type Deadlines } from './platform/jobs/run.ts'
import type { ClusterRecord } from './platform/jobs/stores.ts'
import type { Platform } from './platform/platform.ts'
import type { Runtime } from './platform/runtimes/runtime.ts'
import { createSessionRuntime } from './platform/runtimes/session/session-runtime.http.ts'
import { shippedFlinks } from './platform/runtimes/yarn/flink-files.file.ts'
import { readHadoopConf } from './platform/runtimes/yarn/hadoop-conf.file.ts'
import { createYarnRuntime } from './platform/runtimes/yarn/yarn-runtime.http.ts'
import { sqlJar } from './platform/sql/sql-jar.ts'
import type { Database } from './platform/storage/database.prisma.ts'
import { createStores, type OpenStores } from './platform/stores.prisma.ts'
import { WATCH_RULES, type WatchRules } from './platform/watching/reducer.ts'
import { restartByPolicy } from './platform/watching/restart-by-policy.ts'
import { createSampler, type Sampler } from './platform/watching/sampler.ts'
import { createWatcher, type Watcher } from './platform/watching/watcher.ts'
import { openWorkQueue } from './platform/work/work.pgboss.ts'
import type { Handlers, WorkQueue } from './platform/work/work.ts'

export interface CoreOptions {
  database: Database
  /** SLUICE_HOME. */
  home: string
  clock: Clock
  ids: Ids
  log: Log
  random: () => number
  watchIntervalMs: number
  /** How often a running job is measured. */
  sampleIntervalMs?: number
  javaHome: string | null
  /** As in PATH: where Java is looked for. */
  searchPath: string
  /** Draws the cards of a subject anew; the bot's part, handed in so that the core does not know it. */
  show(subject: string): Promise<void>
  /** Tells people what a notice says; the bot's part too. */
  tell(notice: Notice): Promise<TellAnswer>
  /** What waits to go out to vendors' chats, and since when. */
  deliveries(): Promise<readonly { vendor: string; oldestMs: number | null }[]>
  /** What the bot looks after now and then. */
  tend(): Promise<void>
  /** How people and programs reach us, for links. */
  externalUrl: string
  /** Called every minute as long as alerting works; null: nobody listens for our silence. */
  heartbeatUrl: Secret | null
  /** An alert that began or ended so often within an hour is told once and then counted; null: as usual. */
  flappingTurns: number | null
  scaleManaged(
    clusterName: string,
    taskManagers: number,
  ): Promise<{ ok: true } | { ok: false; because: string }>
  /** Protects what rests in the database and must not be read there. */
  sealFor(purpose: string): Seal
  metrics: CoreMetrics
  probe?: Probe
  deadlines?: Deadlines
  watchRules?: WatchRules
}

export interface CoreMetrics {
  operationEnded(operation: Operation, outcome: Outcome | null): void
  polled(cluster: string, ms: number, ok: boolean): void
  requested(cluster: string): void
}

/** The platform with everything that works behind it. */
export interface Core {
  platform: Platform
  access: Access
  stores: OpenStores
  queue: WorkQueue
  leases: Leases
  /** Routes alerts by this text from now on, where it is not the one that holds already. */
  routeBy(text: string): Promise<void>
  runtimeOf(cluster: ClusterRecord): Runtime
  start(): Promise<void>
  /** Finishes or hands back what is in hand. */
  stop(deadlineMs: number): Promise<void>
}

/** How often operations that nobody holds are looked for: after a crash of another process. */
const SWEEP_MS = 5_000

export async function openCore(options: CoreOptions): Promise<Core> {
  const { database, clock, ids, log, random } = options
  await seedAccess(database)
  const queue = await openWorkQueue({ database, clock, ids, random, log })
  const holder: RoutingHolder = createRoutingHolder({ store: () => read.routings, log })
  const { externalUrl } = options
  const flappingTurns = options.flappingTurns ?? FLAPPING_TURNS
  const alerting: FlushContext = { routing: holder.now, ids, externalUrl, flappingTurns }
  const calendars = calendarsOf(await readCalendars(join(options.home, 'calendars')))
  const stores = createStores({ database, clock, queue, audit: auditLog, alerting, calendars, ids, log })
  const { transact, read, onNews } = stores
  await holder.refresh()
  const access = createAccess({ database, clock, ids, log })
  const files = openArtifactFiles(join(options.home, 'artifacts'))
  const runtimes = openRuntimes(options, files, () => read)
  const instance = ids.next('instance')

  // Alone on an embedded database, a lease that the former process left behind is our own.
  const leases = createLeases(database, database.kind === 'embedded' ? 'embedded' : instance)

  const worker = createOperationWorker({
    transact,
    read,
    clock,
    ids,
    log,
    probe: options.probe ?? noProbe,
    deadlines: options.deadlines ?? DEADLINES,
    runtimeOf: runtimes.of,
    instance,
    alone: database.kind === 'embedded',
    ended: options.metrics.operationEnded,
  })
  const sampler = createSampler({
    ...{ read, clock, log, onNews, leases, runtimeOf: runtimes.of },
    everyMs: options.sampleIntervalMs ?? SAMPLE_MS,
  })
  const watcher = createWatcher({
    transact,
    read,
    clock,
    ids,
    log,
    random,
    onNews,
    rules: options.watchRules ?? WATCH_RULES,
    runtimeOf: runtimes.of,
    leases,
    intervalMs: options.watchIntervalMs,
    polled(cluster, ms, ok) {
      options.metrics.polled(cluster, ms, ok)
      if (ok) sampler.polled(cluster, ms)
    },
  })
  const hooks = createHookCaller({ version: packageVersion() })
  const alarmClock = createAlarmClock({
    ...{ transact, read, clock, log, random, onNews },
    timers: alertTimers(alerting),
    chores: [
      ...alertChores({ transact, read, ids, log }),
      ownHealth({ read, deliveries: options.deliveries, looks: () => watcher.lastLooks() }),
      ...digestChores({ transact, read, clock, ids }),
      { name: 'storms', everyMs: 5_000, run: () => options.tend() },
      ...heartbeat(options.heartbeatUrl, { leases, hooks, read }),
    ],
  })
  const parts = { stores, access, queue, runtimes, files, alerting, holder, alarmClock, hooks }
  const platform = createPlatform(options, parts)
  return {
    platform,
    access,
    stores,
    queue,
    leases,
    async routeBy(text) {
      if (holder.now().text === text) return
      const saved = await saveRouting({ transact, clock, holder }, { by: null, text, origin: 'file' })
      if (!saved.ok) throw new Error(`The alert routing cannot be read: ${JSON.stringify(saved.why)}`)
    },
    runtimeOf: runtimes.of,
    ...lifeOf(options, { ...parts, worker, watcher, sampler }),
  }
}

const SAMPLE_MS = 60_000

const HEARTBEAT_MS = 60_000

/** Something outside hears from us as long as alerting works: when it hears nothing, it alarms. */
function heartbeat(
  url: Secret | null,
  { leases, hooks, read }: { leases: Leases; hooks: HookCaller; read: OpenStores['read'] },
): readonly Chore[] {
  if (url === null) return []
  const hook = { url: url.reveal(), sendResolved: false, maxAlerts: 0, authorization: null }
  return [
    {
      name: 'heartbeat',
      everyMs: HEARTBEAT_MS,
      async run(now) {
        if ((await leases.take('heartbeat', 2 * HEARTBEAT_MS)) === null) return
        const late = (await read.groups.nextDue()) ?? now
        // What is due for a minute and not done is a clock that stands still: then we say nothing.
        if (now - late > HEARTBEAT_MS) throw new Error('Alerting is behind: no heartbeat was sent.')
        const answer = await hooks.call(hook, '{}')
        if (answer.is !== 'taken') throw new Error(`The heartbeat was not taken: ${answer.because}`)
      },
    },
  ]
}

type Files = ReturnType<typeof openArtifactFiles>

interface Runtimes {
  of(cluster: ClusterRecord): OpenRuntime
  forget(clusterId: string): void
  close(): Promise<void>
}

type OpenRuntime = Runtime & { close(): Promise<void> }

/** One runtime per cluster and place, so that connections are kept. */
function openRuntimes(options: CoreOptions, files: Files, read: () => OpenStores['read']): Runtimes {
  const { log } = options
  const openedOn = runtimeOpener(options, files, read)
  const open = new Map<string, { place: string; runtime: OpenRuntime }>()

  function forget(clusterId: string): void {
    const known = open.get(clusterId)
    open.delete(clusterId)
    known?.runtime
      .close()
      .catch((error: unknown) => log.warn({ error }, 'Connections to a cluster were not closed'))
  }

  function of(cluster: ClusterRecord): OpenRuntime {
    const place = JSON.stringify([cluster.address, cluster.yarn])
    const known = open.get(cluster.id)
    if (known?.place === place) return known.runtime
    forget(cluster.id)
    const runtime = openedOn(cluster)
    open.set(cluster.id, { place, runtime })
    return runtime
  }

  return {
    of,
    forget,
    close: async () => {
      await Promise.all([...open.values()].map(({ runtime }) => runtime.close()))
    },
  }
}

function runtimeOpener(
  { clock, log, ids, metrics }: CoreOptions,
  files: Files,
  read: () => OpenStores['read'],
): (cluster: ClusterRecord) => OpenRuntime {
  const runner = sqlRunner()
  const shipped = shippedFlinks()
  return (cluster) => {
    const shared = {
      ...{ artifacts: files, clock, log },
      sqlJar: (script: string) => sqlJar(runner, script),
      onRequest: () => metrics.requested(cluster.name),
    }
    const { archiveDir: archive, checkpointDir: checkpoints, savepointDir: savepoints } = cluster
    if (cluster.kind === 'session') {
      const directories = { archiveDirectory: archive, checkpointDirectory: checkpoints }
      return createSessionRuntime({ ...shared, ...directories, address: cluster.address })
    }
    return createYarnRuntime({
      ...shared,
      ...{ clusterId: cluster.id, place: cluster.yarn, directories: { archive, checkpoints, savepoints } },
      unique: () => ids.next('file'),
      flink: (name) => shipped(read().flinkVersions, { name, orId: cluster.flinkVersionId }),
    })
  }
}

interface Parts {
  stores: OpenStores
  access: Access
  queue: WorkQueue
  runtimes: Runtimes
  files: Files
  alerting: FlushContext
  holder: RoutingHolder
  alarmClock: AlarmClock
  hooks: HookCaller
}

function createPlatform(options: CoreOptions, parts: Parts): Platform {
  const { stores, access, queue, runtimes, files, alerting, holder } = parts
  const { transact, read, onNews } = stores
  const { clock, ids } = options
  const base = { transact, read, clock, ids }
  const artifacts = createArtifacts({ ...base, files })
  const teamName = async (id: string) => (await access.teams()).find((team) => team.id === id)?.name ?? ''
  return {
    access,
    jobs: createJobs({ ...base, alerting, artifacts, runtimeOf: runtimes.of, reach: jobReach }),
    operations: createOperations({
      ...base,
      onNews,
      reach: jobReach,
      mightDo: ({ member, token }, verb, subject) => access.mightDo(member, token, verb, subject),
    }),
    clusters: createClusters({ ...base, runtimes, managed: { scale: options.scaleManaged }, readHadoopConf }),
    flink: createFlinkVersions({ ...base, homes: homesOn(options) }),
    incidents: createIncidents({ ...base, context: alerting, reach: jobReach }),
    silences: createSilences({ ...base, teamName }),
    onCall: createOnCall({ ...base, teamName }),
    rules: createRules(base),
    digests: createDigests(base),
    routes: createAlertRoutes({ ...base, holder, teamName }),
    outside: createOutside({ ...base, context: alerting, access }),
    audit: createAudit(options.database),
    work: createWorkApi(queue),
    chatSetups: createChatSetups({
      database: options.database,
      audit: auditLog,
      seal: options.sealFor('chat setups'),
      clock,
    }),
  }
}

function homesOn({ searchPath }: CoreOptions): FlinkVersionsDependencies['homes'] {
  return {
    read: readFlinkHome,
    async java(home) {
      const found = await findJava({ javaHome: home, searchPath, from: 8, to: 99 })
      return found.ok ? found.java : null
    },
  }
}

function createWorkApi(queue: WorkQueue): Platform['work'] {
  return {
    depth: () => queue.depth(),
    async dead(_permit, ask) {
      const { items, next } = await queue.dead(ask)
      return {
        items: items.map(({ id, work, error, at }) => ({ id, kind: work.kind, payload: work, error, at })),
        next,
      }
    },
    async replay(_permit, id) {
      return (await queue.replay(id)) === 'replayed'
        ? { ok: true, value: null }
        : { ok: false, why: 'unknown' }
    },
  }
}

interface Living extends Parts {
  worker: OperationWorker
  watcher: Watcher
  sampler: Sampler
}

function lifeOf(
  options: CoreOptions,
  { stores, access, queue, worker, watcher, sampler, runtimes, alerting, holder, alarmClock, hooks }: Living,
): Pick<Core, 'start' | 'stop'> {
  const { clock, ids, log } = options
  const stopping = new AbortController()
  let sweeping: Promise<void> = Promise.resolve()
  let unfollow = async () => {}
  let stopFollowing = () => {}
  const { transact, read } = stores
  const tell = createTeller({
    ...{ transact, read, context: alerting, clock, log },
    toPeople: options.tell,
    callHook: hooks.call,
  })

  const handlers: Handlers = {
    'run-operation': ({ jobId }, { signal }) => worker.work(jobId, signal),
    show: ({ subject }) => options.show(subject),
    'expire-approval': ({ operationId }) =>
      stores.transact((each) => expireApproval(each, operationId, clock.now())),
    'restart-by-policy': (work) => stores.transact((each) => restartByPolicy(each, { clock, ids }, work)),
    tell: ({ noticeId }) => tell(noticeId),
  }

  async function sweep(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await worker.reclaim()
      } catch (error) {
        log.warn({ error }, 'Operations that nobody holds could not be looked for')
      }
      await clock.sleep(SWEEP_MS, stopping.signal)
    }
  }

  return {
    async start() {
      unfollow = await access.follow()
      stopFollowing = holder.follow(stores.onNews)
      await holder.refresh()
      await queue.start(handlers)
      watcher.start()
      sampler.start()
      alarmClock.start()
      sweeping = sweep()
    },
    async stop(deadlineMs) {
      stopping.abort()
      stopFollowing()
      const parts = [
        watcher.stop(),
        sampler.stop(),
        alarmClock.stop(),
        sweeping,
        queue.stop(deadlineMs),
        unfollow(),
      ]
      await Promise.all(parts)
      await Promise.all([runtimes.close(), hooks.close()])
    },
  }
}
