import type { Clock } from '../../../lib/clock.ts'
import { type Answer, json, refusal } from './answer.ts'
import * as shapes from './answer-shapes.ts'
import * as texts from './error-texts.ts'
import { readMultipart } from './jar-contents.ts'
import { createJars, type Jars } from './jars.ts'
import type { SimulatedCluster, Trigger } from './simulated-cluster.ts'
import type { SimulatedJob } from './simulated-job.ts'
import { checkBody } from './strictness.ts'

export interface Asked {
  body: Buffer
  contentType: string
}

export interface Routes {
  find(method: string, url: string): { route: string; answer: (asked: Asked) => Answer | Promise<Answer> }
}

interface Around {
  clock: Clock
  cpuNanos: () => number
  /** What this JobManager, and no other, calls itself. */
  life: () => string
}

interface Context extends Around {
  cluster: SimulatedCluster
  jars: Jars
  major: number
  listing: { revision: number; at: number; text: string } | null
}

interface Found extends Asked {
  /** The parts of the path that were ids. */
  ids: readonly string[]
  query: URLSearchParams
}

type Handler = (context: Context, found: Found) => Answer | Promise<Answer>

/** A listing is kept this long while nothing changes, and a job's row for longer: only durations would differ. */
const LISTING_AGE_MS = 60_000

export function createRoutes(cluster: SimulatedCluster, around: Around): Routes {
  const context: Context = {
    ...around,
    cluster,
    jars: createJars(cluster, around.clock),
    major: Number.parseInt(cluster.shape.version, 10),
    listing: null,
  }
  return {
    find(method, url) {
      if (url === '/jobs/overview') {
        return { route: 'GET /jobs/overview', answer: () => listing(context) }
      }
      const { pathname, searchParams } = new URL(url, 'http://simulator')
      for (const route of TABLE) {
        const match = route.method === method ? route.pattern.exec(pathname) : null
        if (!match) continue
        const ids = match.slice(1).map(decodeURIComponent)
        return {
          route: `${method} ${route.path}`,
          answer: (asked) => route.handler(context, { ...asked, ids, query: searchParams }),
        }
      }
      return { route: 'unknown', answer: () => unknownRoute(method, pathname) }
    },
  }
}

// --- answers ------------------------------------------------------------------------------------------------------

function unknownRoute(method: string, path: string): Answer {
  return method === 'GET'
    ? refusal(404, `Unable to load requested file ${path}.`)
    : refusal(404, `Not found: ${path}`)
}

function listing(context: Context): Answer {
  const { cluster, clock, major } = context
  const now = clock.now()
  const kept = context.listing
  if (kept && kept.revision === cluster.revision && now - kept.at < LISTING_AGE_MS) {
    return { status: 200, text: kept.text }
  }
  const rows: string[] = []
  for (const job of cluster.jobs.values()) {
    job.row ??= shapes.listingRow(job, major, now)
    rows.push(job.row)
  }
  const text = `{"jobs":[${rows.join(',')}]}`
  context.listing = { revision: cluster.revision, at: now, text }
  return { status: 200, text }
}

function withJob(context: Context, id: string | undefined, answer: (job: SimulatedJob) => Answer): Answer {
  const bad = badId(id)
  if (bad) return bad
  const job = context.cluster.jobs.get(id ?? '')
  if (!job) {
    return refusal(
      404,
      `org.apache.flink.runtime.rest.NotFoundException: Job ${id} not found\n\tat org.apache.flink.runtime.rest.handler.job.AbstractExecutionGraphHandler.lambda$handleRequest$1(AbstractExecutionGraphHandler.java:100)`,
    )
  }
  context.cluster.catchUp(job, context.clock.now())
  return answer(job)
}

function badId(id: string | undefined): Answer | null {
  if (id !== undefined && /^[0-9a-f]{32}$/.test(id)) return null
  return refusal(400, `Cannot resolve path parameter (jobid) from value "${id}".`)
}

// --- jobs ---------------------------------------------------------------------------------------------------------

const jobs: Handler = ({ cluster }) =>
  json({ jobs: [...cluster.jobs.values()].map((job) => ({ id: job.id, status: job.state })) })

const job: Handler = (context, { ids }) =>
  withJob(context, ids[0], (job) => json(shapes.jobBody(job, context.clock.now())))

/** Unlike `/jobs/:id`, this one answers an unknown id with a 500. */
const status: Handler = ({ cluster }, { ids }) => {
  const job = cluster.jobs.get(ids[0] ?? '')
  if (job) return json({ status: job.state })
  return refusal(500, ...texts.internal(texts.jobNotFound(ids[0] ?? '')))
}

const exceptions: Handler = (context, { ids, query }) =>
  withJob(context, ids[0], (job) =>
    json(shapes.exceptionsBody(job, { major: context.major, max: Number(query.get('maxExceptions') ?? 16) })),
  )

const checkpoints: Handler = (context, { ids }) =>
  withJob(context, ids[0], (job) => json(shapes.checkpointsBody(job)))

const checkpointConfig: Handler = (context, { ids }) =>
  withJob(context, ids[0], (job) =>
    json({
      mode: 'exactly_once',
      interval: job.behaviour.checkpointIntervalMs || Number.MAX_SAFE_INTEGER,
      timeout: 600_000,
      min_pause: 0,
      max_concurrent: 1,
      externalization: { enabled: true, delete_on_cancellation: false },
      state_backend: 'HashMapStateBackend',
      checkpoint_storage: 'FileSystemCheckpointStorage',
      unaligned_checkpoints: false,
      tolerable_failed_checkpoints: 0,
    }),
  )

const accumulators: Handler = (context, { ids }) =>
  withJob(context, ids[0], (job) => {
    const value = String(shapes.jobMetrics(job, context.clock.now()).counter)
    return json({
      'job-accumulators': [],
      'user-task-accumulators': [{ name: 'counter', type: 'LongCounter', value }],
      'serialized-user-task-accumulators': {},
    })
  })

function values(all: Record<string, number>, wanted: string | null) {
  if (wanted === null) return Object.keys(all).map((id) => ({ id }))
  return wanted
    .split(',')
    .filter((id) => id in all)
    .map((id) => ({ id, value: String(all[id]) }))
}

const jobMetrics: Handler = (context, { ids, query }) =>
  withJob(context, ids[0], (job) =>
    json(values(shapes.jobMetrics(job, context.clock.now()), query.get('get'))),
  )

const subtaskMetrics: Handler = (context, { ids, query }) =>
  withJob(context, ids[0], (job) => {
    const all = shapes.jobMetrics(job, context.clock.now())
    const wanted = (query.get('get') ?? '').split(',').filter((id) => id in all)
    return json(wanted.map((id) => ({ id, min: all[id], max: all[id], avg: all[id], sum: all[id] })))
  })

const backpressure: Handler = (context, { ids }) =>
  withJob(context, ids[0], (job) => {
    const vertex = shapes.verticesOf(job).find((vertex) => vertex.id === ids[1])
    if (!vertex) return refusal(404, `Vertex ${ids[1]} not found`)
    const subtask = (index: number) => ({
      subtask: index,
      backpressureLevel: 'ok',
      ratio: 0,
      idleRatio: 0.88,
      busyRatio: 0.12,
    })
    return json({
      status: 'ok',
      backpressureLevel: 'ok',
      subtasks: Array.from({ length: vertex.parallelism }, (_, index) => subtask(index)),
    })
  })

const cancel: Handler = (context, { ids, query }) => {
  const bad = badId(ids[0])
  if (bad) return bad
  if ((query.get('mode') ?? 'cancel') !== 'cancel') {
    return refusal(
      308,
      'The termination mode "stop" has been removed. For a graceful shutdown, please use "stop-with-savepoint" instead.',
    )
  }
  const { cluster, clock } = context
  const id = ids[0] ?? ''
  const outcome = cluster.cancel(id, clock.now())
  if (outcome === 'accepted') return json({}, 202)
  if (outcome === 'unknown') return refusal(404, 'Job could not be found.')
  const state = cluster.jobs.get(id)?.state
  return refusal(
    409,
    `Job cancellation failed because the job has already reached another terminal state (${state}).`,
  )
}

// --- savepoints ---------------------------------------------------------------------------------------------------

const savepoint: Handler = (context, found) =>
  trigger(context, found, { is: 'savepoint', body: 'SavepointTriggerRequestBody' })

const stop: Handler = (context, found) =>
  trigger(context, found, { is: 'stop', body: 'StopWithSavepointRequestBody' })

/** 202 even for a job that is not there: the complaint comes with the poll. */
function trigger(
  { cluster, clock }: Context,
  { ids, body }: Found,
  kind: { is: 'savepoint' | 'stop'; body: 'SavepointTriggerRequestBody' | 'StopWithSavepointRequestBody' },
): Answer {
  const bad = badId(ids[0])
  if (bad) return bad
  const checked = checkBody(kind.body, body.toString('utf8'), cluster.shape.version)
  if (checked.is === 'bad') return refusal(400, checked.error)
  const given = checked.body.triggerId
  const id = typeof given === 'string' ? given : randomHex(clock.now(), cluster.triggers.size)
  const directory = checked.body[kind.is === 'stop' ? 'targetDirectory' : 'target-directory']
  cluster.trigger(
    { id, jobId: ids[0] ?? '', is: kind.is, directory: typeof directory === 'string' ? directory : null },
    clock.now(),
  )
  return json({ 'request-id': id }, 202)
}

function randomHex(now: number, count: number): string {
  return `${now.toString(16)}${count.toString(16)}`.padStart(32, 'a').slice(-32)
}

const savepointStatus: Handler = ({ cluster }, { ids }) => {
  const found = cluster.triggered(ids[0] ?? '', ids[1] ?? '')
  if (!found) {
    return refusal(
      404,
      `org.apache.flink.runtime.rest.NotFoundException: There is no savepoint operation with triggerId=${ids[1]} for job ${ids[0]}.`,
    )
  }
  return json(triggerBody(found))
}

function triggerBody({ outcome }: Trigger) {
  if (outcome === null) return { status: { id: 'IN_PROGRESS' }, operation: null }
  if ('location' in outcome) return { status: { id: 'COMPLETED' }, operation: { location: outcome.location } }
  const failure = {
    class: outcome.failure.split(':')[0],
    'stack-trace': outcome.failure,
    'serialized-throwable': '',
  }
  return { status: { id: 'COMPLETED' }, operation: { 'failure-cause': failure } }
}

const takeCheckpoint: Handler = (context, { ids, body }) =>
  withJob(context, ids[0], (job) => {
    const checked = checkBody(
      'CheckpointTriggerRequestBody',
      body.toString('utf8'),
      context.cluster.shape.version,
    )
    if (checked.is === 'bad') return refusal(400, checked.error)
    const given = checked.body.triggerId
    const id = typeof given === 'string' ? given : randomHex(context.clock.now(), job.nextCheckpointId)
    return json({ 'request-id': id }, 202)
  })

const checkpointStatus: Handler = (context, { ids }) =>
  withJob(context, ids[0], (job) =>
    json({ status: { id: 'COMPLETED' }, operation: { checkpointId: job.latest?.id ?? 1 } }),
  )

// --- jars ---------------------------------------------------------------------------------------------------------

const upload: Handler = ({ jars }, { body, contentType }) => {
  const file = readMultipart(contentType, body)
  if (!file) return refusal(400, 'No file has been uploaded.')
  if (!file.name.endsWith('.jar')) return refusal(400, 'Only Jar files are allowed.')
  return json({ filename: `/simulated/flink-web-upload/${jars.add(file)}`, status: 'success' })
}

const listJars: Handler = ({ jars }) => json({ address: 'http://127.0.0.1', files: jars.list() })

const deleteJar: Handler = ({ jars }, { ids }) =>
  jars.remove(ids[0] ?? '')
    ? json({})
    : refusal(400, `File ${ids[0]} does not exist in /simulated/flink-web-upload.`)

const plan: Handler = ({ jars }, { ids, body }) => jars.plan(ids[0] ?? '', body.toString('utf8'))

const run: Handler = ({ jars }, { ids, body }) => jars.run(ids[0] ?? '', body.toString('utf8'))

// --- the cluster --------------------------------------------------------------------------------------------------

const overview: Handler = ({ cluster }) => json(shapes.overviewBody(cluster))

const config: Handler = ({ cluster }) =>
  json({
    'refresh-interval': 3_000,
    'timezone-name': 'Coordinated Universal Time',
    'timezone-offset': 0,
    'flink-version': cluster.shape.version,
    'flink-revision': '51b0d3f @ 2024-01-01T00:00:00+01:00',
    features: { 'web-submit': true, 'web-cancel': true, 'web-rescale': false, 'web-history': false },
  })

const jobManagerMetrics: Handler = ({ cluster, cpuNanos }, { query }) =>
  json(
    values(
      {
        'Status.JVM.CPU.Time': cpuNanos(),
        taskSlotsTotal: cluster.slotsTotal(),
        taskSlotsAvailable: cluster.slotsFree(),
        numRegisteredTaskManagers: cluster.taskManagers.size,
        numRunningJobs: cluster.jobs.size,
      },
      query.get('get'),
    ),
  )

const jobManagerConfig: Handler = ({ cluster, life }) =>
  json([
    { key: 'web.tmpdir', value: `/tmp/flink-web-${life()}` },
    { key: 'jobmanager.rpc.address', value: '127.0.0.1' },
    { key: 'high-availability.type', value: cluster.shape.highAvailability ? 'zookeeper' : 'NONE' },
    { key: 'state.checkpoints.dir', value: `file:${cluster.shape.checkpointDirectory}` },
    { key: 'cluster.intercept-user-system-exit', value: 'THROW' },
  ])

const JOB_MANAGER_LOG = 'flink-standalonesession-0.log'
const TASK_MANAGER_LOG = 'flink-taskexecutor-0.log'
const TASK_MANAGER_OUT = 'flink-taskexecutor-0.out'

function logList(files: Record<string, string>): Answer {
  return json({
    logs: Object.entries(files).map(([name, text]) => ({ name, size: Buffer.byteLength(text), mtime: 0 })),
  })
}

function logFile(files: Record<string, string>, name: string | undefined): Answer {
  const text = files[name ?? '']
  if (text === undefined) return refusal(404, `The file ${name} does not exist`)
  return { status: 200, text, type: 'text/plain' }
}

function jobManagerLogs({ cluster }: Context): Record<string, string> {
  return { [JOB_MANAGER_LOG]: lines(cluster.log) }
}

function taskManagerLogs({ cluster, clock }: Context): Record<string, string> {
  const failures = [...cluster.jobs.values()].flatMap((job) => job.failures.map((failure) => failure.stack))
  const counters = [...cluster.jobs.values()]
    .filter((job) => job.phase === 'up')
    .map((job) => `${job.behaviour.name} counter=${cluster.counterOf(job, clock.now())}`)
  return {
    [TASK_MANAGER_LOG]: lines(['Connected to the JobManager.', ...failures]),
    [TASK_MANAGER_OUT]: lines(counters),
  }
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('')
}

function taskManagerBody({ cluster, clock }: Context, id: string) {
  const slots = cluster.taskManagers.get(id)?.slots ?? 0
  return {
    id,
    path: `pekko.tcp://flink@${id}/user/rpc/taskmanager_0`,
    dataPort: 40_001,
    jmxPort: -1,
    timeSinceLastHeartbeat: clock.now(),
    slotsNumber: slots,
    freeSlots: slots - cluster.usedOn(id),
    hardware: {
      cpuCores: 2,
      physicalMemory: 8_589_934_592,
      freeMemory: 536_870_912,
      managedMemory: 536_870_912,
    },
  }
}

const taskManagers: Handler = (context) =>
  json({ taskmanagers: [...context.cluster.taskManagers.keys()].map((id) => taskManagerBody(context, id)) })

const taskManager: Handler = (context, { ids }) => {
  const id = ids[0] ?? ''
  if (!context.cluster.taskManagers.has(id)) return refusal(404, `TaskManager with id ${id} not found.`)
  return json({ ...taskManagerBody(context, id), metrics: { heapUsed: 104_857_600, heapMax: 536_870_912 } })
}

const taskManagerMetrics: Handler = (_context, { query }) =>
  json(values({ 'Status.JVM.CPU.Load': 0.1, 'Status.JVM.Memory.Heap.Used': 104_857_600 }, query.get('get')))

// --- the table ----------------------------------------------------------------------------------------------------

interface Route {
  method: string
  path: string
  pattern: RegExp
  handler: Handler
}

function route(method: string, path: string, handler: Handler): Route {
  const pattern = new RegExp(`^${path.replace(/:[a-z]+/g, '([^/]+)')}$`)
  return { method, path, pattern, handler }
}

const TABLE: readonly Route[] = [
  route('GET', '/overview', overview),
  route('GET', '/config', config),
  route('GET', '/jobs', jobs),
  route('GET', '/jobs/:id/status', status),
  route('GET', '/jobs/:id/exceptions', exceptions),
  route('GET', '/jobs/:id/accumulators', accumulators),
  route('GET', '/jobs/:id/checkpoints', checkpoints),
  route('GET', '/jobs/:id/checkpoints/config', checkpointConfig),
  route('POST', '/jobs/:id/checkpoints', takeCheckpoint),
  route('GET', '/jobs/:id/checkpoints/:trigger', checkpointStatus),
  route('GET', '/jobs/:id/metrics', jobMetrics),
  route('GET', '/jobs/:id/vertices/:vertex/metrics', jobMetrics),
  route('GET', '/jobs/:id/vertices/:vertex/subtasks/metrics', subtaskMetrics),
  route('GET', '/jobs/:id/vertices/:vertex/backpressure', backpressure),
  route('POST', '/jobs/:id/savepoints', savepoint),
  route('POST', '/jobs/:id/stop', stop),
  route('GET', '/jobs/:id/savepoints/:trigger', savepointStatus),
  route('PATCH', '/jobs/:id', cancel),
  route('GET', '/jobs/:id', job),
  route('POST', '/jars/upload', upload),
  route('GET', '/jars', listJars),
  route('DELETE', '/jars/:id', deleteJar),
  route('POST', '/jars/:id/plan', plan),
  route('GET', '/jars/:id/plan', plan),
  route('POST', '/jars/:id/run', run),
  route('GET', '/jobmanager/metrics', jobManagerMetrics),
  route('GET', '/jobmanager/config', jobManagerConfig),
  route('GET', '/jobmanager/logs', (context) => logList(jobManagerLogs(context))),
  route('GET', '/jobmanager/logs/:file', (context, { ids }) => logFile(jobManagerLogs(context), ids[0])),
  route('GET', '/taskmanagers', taskManagers),
  route('GET', '/taskmanagers/metrics', taskManagerMetrics),
  route('GET', '/taskmanagers/:id', taskManager),
  route('GET', '/taskmanagers/:id/metrics', taskManagerMetrics),
  route('GET', '/taskmanagers/:id/logs', (context) => logList(taskManagerLogs(context))),
  route('GET', '/taskmanagers/:id/logs/:file', (context, { ids }) =>
    logFile(taskManagerLogs(context), ids[1]),
  ),
]
