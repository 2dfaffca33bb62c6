import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Clock } from '../../../lib/clock.ts'
import { adminRoutes } from './admin-routes.ts'
import { type Answer, refusal } from './answer.ts'
import { archiveBody } from './answer-shapes.ts'
import { LEADER_ELECTION } from './error-texts.ts'
import { createFaults, type Fault, type Faults } from './faults.ts'
import { createRoutes } from './routes.ts'
import { REAL_DELAYS, SimulatedCluster, type SimulatorDelays } from './simulated-cluster.ts'
import { diskStateFiles, memoryStateFiles } from './state-files.file.ts'
import type { Directories, SimulatorControl, World } from './world.ts'

export interface SimulatorOptions {
  clock: Clock
  /** 0, the default: any free one. */
  port?: number
  host?: string
  /** Slots of each TaskManager. */
  slots?: number
  taskManagers?: number
  version?: string
  /** How many running jobs it begins with, for benches. */
  jobs?: number
  delays?: Partial<SimulatorDelays>
  highAvailability?: boolean
  /** Given, checkpoints, savepoints and archives are written there; else they are kept in memory. */
  directory?: string | null
  /** Serves `/simulator/…`, by which another process breaks things. */
  admin?: boolean
}

export interface Simulator extends SimulatorControl {
  readonly address: string
  readonly port: number
  /** The model behind it, for tests that look closer. */
  readonly cluster: SimulatedCluster
  readonly faults: Faults
  readonly directories: Directories
  /** How many requests came per route, e.g. `GET /jobs/overview`. */
  readonly requests: ReadonlyMap<string, number>
  stop(): Promise<void>
}

const MAX_BODY = 512 * 1024 * 1024

/** A session cluster that runs nothing and answers as Flink would. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const world = createWorld(options)
  const server = createServer((request, response) => void serve(world, request, response))
  const sockets = trackSockets(server)
  await listen(server, options.port ?? 0, options.host ?? '127.0.0.1')
  const { port } = server.address() as AddressInfo
  world.control = controlOf(world, { server, sockets, port, host: options.host ?? '127.0.0.1' })
  return {
    address: `http://${options.host ?? '127.0.0.1'}:${port}`,
    port,
    cluster: world.cluster,
    faults: world.faults,
    directories: world.directories,
    requests: world.requests,
    ...world.control,
    async stop() {
      await shut(server, sockets)
    },
  }
}

function createWorld(options: SimulatorOptions): World {
  const { clock } = options
  const directories = directoriesOf(options.directory ?? null)
  const cluster = new SimulatedCluster(
    {
      version: options.version ?? '1.20.3',
      taskManagers: options.taskManagers ?? 1,
      slots: options.slots ?? 8,
      delays: { ...REAL_DELAYS, ...options.delays },
      highAvailability: options.highAvailability ?? false,
      checkpointDirectory: directories.checkpoints,
      savepointDirectory: directories.savepoints,
      files: directories.archive === null ? memoryStateFiles() : diskStateFiles(directories.archive),
    },
    clock.now(),
  )
  const major = Number.parseInt(cluster.shape.version, 10)
  cluster.onEnd = (job) => cluster.shape.files.archive(job.id, archiveBody(job, major))
  const world: World = {
    clock,
    cluster,
    faults: createFaults(),
    routes: createRoutes(cluster, { clock, cpuNanos: () => cpuNanos(world), life: () => world.life }),
    admin: options.admin ?? false,
    requests: new Map(),
    directories,
    electedAt: 0,
    lives: 1,
    life: randomUUID(),
    control: null,
  }
  preload(world, options.jobs ?? 0)
  return world
}

function directoriesOf(directory: string | null): Directories {
  if (directory === null) {
    return { checkpoints: '/simulated/checkpoints', savepoints: '/simulated/savepoints', archive: null }
  }
  return {
    checkpoints: `${directory}/checkpoints`,
    savepoints: `${directory}/savepoints`,
    archive: `${directory}/archive`,
  }
}

function cpuNanos(world: World): number {
  const age = world.clock.now() - world.cluster.startedAt
  return Math.floor(60e9 / world.lives + age * 50_000)
}

function preload(world: World, count: number): void {
  const now = world.clock.now()
  for (let i = 0; i < count; i++) {
    world.cluster.start(
      {
        jobId: `5${i.toString(16).padStart(31, '0')}`,
        parallelism: 1,
        restore: null,
        behaviour: {
          name: `job-${String(i).padStart(5, '0')}`,
          ratePerSecond: 10,
          step: 1,
          checkpointIntervalMs: 60_000,
          breakWhen: null,
          breakNow: false,
          restarts: true,
          executesTwice: false,
          shape: 'counter',
        },
      },
      now,
    )
  }
  world.cluster.advance(now)
}

// --- one request --------------------------------------------------------------------------------------------------

async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await readBody(request)
    const url = request.url ?? '/'
    if (world.admin && url.startsWith('/simulator/'))
      send(response, await adminRoutes(world, url, body.toString('utf8')))
    else await serveFlink(world, { request, response, body })
  } catch (error) {
    if (response.headersSent) response.destroy()
    else send(response, refusal(500, `Internal server error. ${String(error)}`))
  }
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  body: Buffer
}

async function serveFlink(world: World, { request, response, body }: Exchange): Promise<void> {
  const fault = world.faults.take(`${request.method} ${request.url}`)
  if (await breaksBefore(world, response, fault)) return
  const answer = await answerOf(world, request, body)
  if (fault === null) send(response, answer)
  else if (fault.is === 'drop-answer') response.destroy()
  else sendBroken(response, answer, fault)
}

async function answerOf(world: World, request: IncomingMessage, body: Buffer): Promise<Answer> {
  if (world.clock.now() < world.electedAt) return refusal(503, LEADER_ELECTION)
  const { route, answer } = world.routes.find(request.method ?? 'GET', request.url ?? '/')
  world.requests.set(route, (world.requests.get(route) ?? 0) + 1)
  world.cluster.advance(world.clock.now())
  return await answer({ body, contentType: request.headers['content-type'] ?? '' })
}

async function breaksBefore(world: World, response: ServerResponse, fault: Fault | null): Promise<boolean> {
  if (fault?.is === 'drop-request') {
    response.destroy()
    return true
  }
  if (fault?.is === 'leader-election') {
    send(response, refusal(503, LEADER_ELECTION))
    return true
  }
  if (fault?.is === 'slow') await world.clock.sleep(fault.ms)
  return false
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': answer.type ?? 'application/json; charset=UTF-8',
    'content-length': Buffer.byteLength(answer.text),
  })
  response.end(answer.text)
}

const PAGE = '<!doctype html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'

function sendBroken(response: ServerResponse, answer: Answer, fault: Fault): void {
  const half = answer.text.slice(0, Math.max(1, Math.floor(answer.text.length / 2)))
  if (fault.is === 'garbage') {
    send(response, { status: 200, text: PAGE, type: 'text/html' })
  } else if (fault.is === 'cut') {
    send(response, { ...answer, text: half })
  } else if (fault.is === 'wrong-length') {
    response.writeHead(answer.status, { 'content-length': Buffer.byteLength(answer.text) })
    response.write(half, () => response.destroy())
  } else {
    send(response, answer)
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (request.method === 'GET') return Buffer.alloc(0)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) throw new Error('the body is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

// --- what a test or the demo does to it ---------------------------------------------------------------------------

interface Listening {
  server: Server
  sockets: Set<Socket>
  port: number
  host: string
}

const TOLD_TO_BREAK =
  'java.lang.IllegalStateException: this job was told to break\n\tat sluice.examples.CounterJob$Breakage.maybe(CounterJob.java:148)'

function controlOf(world: World, listening: Listening): SimulatorControl {
  const { cluster, clock } = world
  const atNow = () => {
    cluster.advance(clock.now())
    return clock.now()
  }
  const jobOf = (id: string) => cluster.jobs.get(id) ?? null
  return {
    job(id) {
      atNow()
      return jobOf(id)
    },
    counter(id) {
      const now = atNow()
      const job = jobOf(id)
      return job && cluster.counterOf(job, now)
    },
    breakJob(id, stack = TOLD_TO_BREAK) {
      const now = atNow()
      const job = jobOf(id)
      if (!job) return
      job.broken = stack
      cluster.fail(job, stack, now)
    },
    mendJob(id) {
      const job = jobOf(id)
      if (job) job.broken = null
    },
    finishJob(id) {
      const now = atNow()
      const job = jobOf(id)
      if (job) cluster.end(job, 'FINISHED', now)
    },
    killTaskManager() {
      const [id] = cluster.taskManagers.keys()
      if (id !== undefined) cluster.killTaskManager(id, atNow())
    },
    addTaskManager: () => void cluster.addTaskManager(atNow()),
    killJobManager: () => shut(listening.server, listening.sockets),
    async startJobManager() {
      const now = clock.now()
      cluster.replaceJobManager(now)
      world.lives++
      world.life = randomUUID()
      world.electedAt = now + cluster.shape.delays.leaderElection
      await listen(listening.server, listening.port, listening.host)
    },
  }
}

function trackSockets(server: Server): Set<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return sockets
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function shut(server: Server, sockets: Set<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy()
  if (!server.listening) return
  await new Promise<void>((resolve) => server.close(() => resolve()))
}
