import type { Instant } from '../../../lib/clock.ts'
import { type SimulatedCluster, taskCounts } from './simulated-cluster.ts'
import {
  counterAt,
  isOver,
  type SimulatedCheckpoint,
  type SimulatedJob,
  tasksTotal,
} from './simulated-job.ts'

/** The documents of Flink's REST interface, as 1.20 writes them; where 2.x differs, it says so. */

export function listingRow(job: SimulatedJob, major: number, now: Instant): string {
  return JSON.stringify({
    jid: job.id,
    name: job.behaviour.name,
    'start-time': job.startedAt,
    'end-time': job.endedAt,
    duration: (isOver(job) ? job.endedAt : now) - job.startedAt,
    state: job.state,
    'last-modification': job.changedAt,
    tasks: taskCounts(job),
    ...(major >= 2 ? { 'pending-operators': 0, schedulerType: 'Default', jobType: 'STREAMING' } : {}),
  })
}

export interface Vertex {
  id: string
  name: string
  parallelism: number
}

/** The two vertices of the example job. */
export function verticesOf(job: SimulatedJob): Vertex[] {
  return [
    {
      id: 'cbc357ccb763df2852fee8c4fc7d55f2',
      name: 'Source: ticks -> throttle',
      parallelism: job.parallelism,
    },
    { id: '0a448493b4782967b150582570326227', name: 'count -> Sink: print', parallelism: 1 },
  ]
}

const STATES = [
  'INITIALIZING',
  'CREATED',
  'RUNNING',
  'FAILING',
  'FAILED',
  'CANCELLING',
  'CANCELED',
  'FINISHED',
  'RESTARTING',
  'SUSPENDED',
  'RECONCILING',
] as const

export function jobBody(job: SimulatedJob, now: Instant) {
  const records = counterAt(job, now)
  return {
    jid: job.id,
    name: job.behaviour.name,
    isStoppable: false,
    state: job.state,
    'job-type': 'STREAMING',
    'start-time': job.startedAt,
    'end-time': job.endedAt,
    duration: (isOver(job) ? job.endedAt : now) - job.startedAt,
    maxParallelism: -1,
    now,
    timestamps: Object.fromEntries(STATES.map((state) => [state, job.reached[state] ?? 0])),
    vertices: verticesOf(job).map((vertex) => vertexBody(job, vertex, records)),
    'status-counts': upperCase(taskCounts(job)),
    plan: { jid: job.id, name: job.behaviour.name, nodes: planNodes(job) },
  }
}

function vertexBody(job: SimulatedJob, vertex: Vertex, records: number) {
  const isSource = vertex.name.startsWith('Source')
  const place = Object.entries(taskCounts(job)).find(([name, count]) => name !== 'total' && count > 0)?.[0]
  return {
    ...vertex,
    maxParallelism: 128,
    status: (place ?? 'created').toUpperCase(),
    'start-time': job.upSince,
    'end-time': job.endedAt,
    duration: 0,
    tasks: upperCase({ ...zeroes(taskCounts(job)), [place ?? 'created']: vertex.parallelism }),
    metrics: {
      'read-bytes': 0,
      'read-bytes-complete': true,
      'write-bytes': 0,
      'write-bytes-complete': true,
      'read-records': isSource ? 0 : records,
      'read-records-complete': true,
      'write-records': isSource ? records : 0,
      'write-records-complete': true,
    },
  }
}

function planNodes(job: SimulatedJob) {
  return verticesOf(job).map(({ id, name, parallelism }) => ({
    id,
    parallelism,
    operator: '',
    operator_strategy: '',
    description: `${name.replaceAll('->', '-&gt;')}<br/>`,
    optimizer_properties: {},
  }))
}

export function planBody(job: SimulatedJob) {
  return { plan: { jid: job.id, name: job.behaviour.name, type: 'STREAMING', nodes: planNodes(job) } }
}

export function checkpointsBody(job: SimulatedJob) {
  const { restored } = job
  return {
    counts: {
      restored: restored ? 1 : 0,
      total: job.completed,
      in_progress: 0,
      completed: job.completed,
      failed: 0,
    },
    summary: {},
    latest: {
      completed: job.latest && checkpointBody(job, job.latest),
      savepoint: job.latestSavepoint && checkpointBody(job, job.latestSavepoint),
      failed: null,
      restored: restored && {
        id: restored.id,
        restore_timestamp: restored.restoredAt,
        is_savepoint: restored.isSavepoint,
        external_path: restored.path,
      },
    },
    history: [job.latest, job.latestSavepoint]
      .filter((one) => one !== null)
      .map((one) => checkpointBody(job, one)),
  }
}

function checkpointBody(job: SimulatedJob, checkpoint: SimulatedCheckpoint) {
  const tasks = tasksTotal(job)
  return {
    id: checkpoint.id,
    status: 'COMPLETED',
    is_savepoint: checkpoint.isSavepoint,
    checkpoint_type: checkpoint.isSavepoint ? 'SAVEPOINT' : 'CHECKPOINT',
    trigger_timestamp: checkpoint.at,
    latest_ack_timestamp: checkpoint.at,
    state_size: 4_096,
    end_to_end_duration: 0,
    num_subtasks: tasks,
    num_acknowledged_subtasks: tasks,
    external_path: checkpoint.path,
    discarded: false,
  }
}

export function exceptionsBody(job: SimulatedJob, options: { major: number; max: number }) {
  const entries = job.failures.slice(0, options.max).map((failure) => ({
    exceptionName: failure.stack.split(':')[0],
    stacktrace: failure.stack,
    timestamp: failure.at,
    taskName: failure.task,
    location: failure.task === null ? null : '127.0.0.1:40000',
    failureLabels: {},
    concurrentExceptions: [],
  }))
  const history = { exceptionHistory: { entries, truncated: job.failures.length > options.max } }
  if (options.major >= 2) return history
  const [newest] = job.failures
  return {
    ...history,
    'root-exception': newest?.stack ?? null,
    timestamp: newest?.at ?? null,
    'all-exceptions': [],
    truncated: false,
  }
}

export function overviewBody(cluster: SimulatedCluster) {
  const jobs = [...cluster.jobs.values()]
  const count = (state: string) => jobs.filter((job) => job.state === state).length
  return {
    taskmanagers: cluster.taskManagers.size,
    'slots-total': cluster.slotsTotal(),
    'slots-available': cluster.slotsFree(),
    'jobs-running': jobs.filter((job) => !isOver(job)).length,
    'jobs-finished': count('FINISHED'),
    'jobs-cancelled': count('CANCELED'),
    'jobs-failed': count('FAILED'),
    'flink-version': cluster.shape.version,
    'flink-commit': '51b0d3f',
  }
}

/** The values a job tells of itself; vertices and the job answer from the same table. */
export function jobMetrics(job: SimulatedJob, now: Instant): Record<string, number> {
  const up = job.phase === 'up'
  const counter = counterAt(job, now)
  return {
    numRestarts: job.restarts,
    uptime: up ? now - job.upSince : 0,
    downtime: up ? 0 : now - job.changedAt,
    numberOfCompletedCheckpoints: job.completed,
    numberOfFailedCheckpoints: 0,
    counter,
    startedFrom: job.startedFrom,
    'count.counter': counter,
    'count.startedFrom': job.startedFrom,
    '0.count.counter': counter,
    '0.count.startedFrom': job.startedFrom,
    busyTimeMsPerSecond: up ? 120 : 0,
    backPressuredTimeMsPerSecond: 0,
    idleTimeMsPerSecond: up ? 880 : 0,
    numRecordsInPerSecond: up ? job.behaviour.ratePerSecond : 0,
  }
}

export function archiveBody(job: SimulatedJob, major: number): string {
  const now = job.endedAt
  const entry = (path: string, json: unknown) => ({ path, json: JSON.stringify(json) })
  return JSON.stringify({
    archive: [
      entry('/jobs/overview', { jobs: [JSON.parse(listingRow(job, major, now))] }),
      entry(`/jobs/${job.id}`, jobBody(job, now)),
      entry(`/jobs/${job.id}/exceptions`, exceptionsBody(job, { major, max: 16 })),
      entry(`/jobs/${job.id}/checkpoints`, checkpointsBody(job)),
    ],
  })
}

function zeroes(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.keys(counts).map((key) => [key, 0]))
}

function upperCase(counts: Record<string, number>): Record<string, number> {
  const entries = Object.entries(counts).filter(([key]) => key !== 'total')
  return Object.fromEntries(entries.map(([key, count]) => [key.toUpperCase(), count]))
}
