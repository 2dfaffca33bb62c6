import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { silentLog } from '../../src/lib/log.ts'
import { hashOf } from '../../src/platform/access/secrets.ts'
import { seedAccess } from '../../src/platform/access/seed-access.prisma.ts'
import { type Database, openDatabase } from '../../src/platform/storage/database.prisma.ts'
import { migrate } from '../../src/platform/storage/migrate.prisma.ts'
import { kill } from './child.ts'
import { freePort } from './postgres.ts'

export interface FaultsOrder {
  url: string
  home: string
  incidents: number
  replicas: number
  /** One of them is killed this often. */
  killEveryMs: number
}

export interface FaultsFound {
  kills: number
  /** Alerts that were taken, and of which nobody was ever told. */
  lost: number
  incidents: number
  /** Incidents beyond one for each alert. */
  incidentsTwice: number
  /** Notices beyond one for each (incident, reason, target). */
  noticesTwice: number
  /** Told to the program more than once although it had answered that it took the first. */
  toldTwice: number
  /** Of these, as many as processes were killed while a call was under way may be. */
  inFlight: number
  tookMs: number
  complaints: readonly string[]
}

const TOKEN = 'slc_faults_0123456789abcdefghij'
const SERVER = join(import.meta.dirname, 'replica.ts')
const SECRET = 'a secret that is long enough for tests'

const ROUTING = (url: string) => `
route:
  receiver: both
  group_by: ['...']
  group_wait: 0s
  group_interval: 5s
receivers:
  - name: both
    webhook_configs: [{ url: '${url}' }]
    sluice_configs: [{ chats: team }]
`

/** So many alerts over several processes, one of which dies every few seconds, told to a program that is not well. */
export async function alertsWithFaults(order: FaultsOrder): Promise<FaultsFound> {
  const database = await openDatabase({ is: 'server', url: order.url }, silentLog)
  const sink = await openSink()
  const complaints: string[] = []
  const replicas: Replica[] = []
  const began = performance.now()
  let kills = 0
  try {
    await prepare(database, sink.url)
    for (let at = 0; at < order.replicas; at++) replicas.push(await startReplica(order, complaints))
    let isDone = false
    const killing = (async () => {
      while (!isDone) {
        await pause(order.killEveryMs)
        if (isDone) return
        const victim = replicas[kills++ % replicas.length]
        if (!victim) continue
        sink.markInFlight()
        await kill(victim.child)
        Object.assign(victim, await startReplica(order, complaints))
      }
    })()
    await tellAll(order, replicas)
    await settled(database, order, sink)
    isDone = true
    await killing
    return { ...(await count(database, order, sink)), kills, complaints, tookMs: performance.now() - began }
  } finally {
    await Promise.all(replicas.map(({ child }) => kill(child)))
    await database.close()
    await sink.close()
  }
}

async function prepare(database: Database, hook: string): Promise<void> {
  await migrate(database, silentLog)
  await seedAccess(database)
  const at = new Date()
  const { prisma } = database
  await prisma.team.create({ data: { id: 'team_faults', name: 'data', title: 'Data', createdAt: at } })
  await prisma.alertSource.create({
    data: {
      ...{ id: 'src_faults', name: 'faults', tokenHash: hashOf(TOKEN), labels: {}, createdBy: 'test' },
      ...{ createdAt: at, perSecond: 1_000_000, teamId: 'team_faults' },
    },
  })
  await prisma.alertRouting.create({
    data: { text: ROUTING(hook), origin: 'import', savedBy: 'test', savedAt: at },
  })
}

interface Replica {
  url: string
  child: ChildProcess
}

async function startReplica({ url, home }: FaultsOrder, complaints: string[]): Promise<Replica> {
  const environment = {
    ...{ SLUICE_HOME: home, DATABASE_URL: url, SLUICE_SECRET: SECRET, PORT: String(await freePort()) },
    LANGUAGE: 'en',
  }
  const child = spawn(process.execPath, ['--import', 'tsx', SERVER, JSON.stringify(environment)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const address = await new Promise<string>((ready, failed) => {
    child.once('exit', (code) => failed(new Error(`A replica ended with ${code} before it was ready.`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { is: string; url?: string; message?: string }
      if (said.is === 'ready') ready(said.url ?? '')
      else complaints.push(said.message ?? line)
    })
  })
  return { url: address, child }
}

const BATCH = 20

/** As Prometheus does it: what was not answered with 200 is told again, to whoever answers. */
async function tellAll({ incidents }: FaultsOrder, replicas: readonly Replica[]): Promise<void> {
  const endsAt = new Date(Date.now() + 3_600_000).toISOString()
  let turn = 0
  for (let at = 0; at < incidents; at += BATCH) {
    const alerts = Array.from({ length: Math.min(BATCH, incidents - at) }, (_, n) => ({
      labels: { alertname: `Fault${at + n}`, severity: 'critical', env: 'prod', team: 'data' },
      endsAt,
    }))
    while (!(await told(replicas[turn++ % replicas.length], alerts))) await pause(50)
  }
}

async function told(replica: Replica | undefined, alerts: readonly object[]): Promise<boolean> {
  try {
    const answer = await fetch(`${replica?.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(alerts),
      signal: AbortSignal.timeout(10_000),
    })
    return answer.ok
  } catch {
    return false
  }
}

const PATIENCE_MS = 15 * 60_000

/** Until every notice has come to its end and nothing is due any more. */
async function settled(database: Database, { incidents }: FaultsOrder, sink: Sink): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const waiting = await database.prisma.notice.count({ where: { state: 'waiting' } })
    if (waiting === 0 && sink.heard.size >= incidents) return
    if (performance.now() > until) return
    await pause(500)
  }
}

async function count(
  database: Database,
  { incidents }: FaultsOrder,
  sink: Sink,
): Promise<Omit<FaultsFound, 'kills' | 'complaints' | 'tookMs'>> {
  const { prisma } = database
  const all = await prisma.incident.count()
  const subjects = await prisma.incident.groupBy({ by: ['subject'] })
  const [row] = await database.prisma.$queryRaw<{ twice: number }[]>`
    SELECT coalesce(sum(n - 1), 0)::int AS twice
    FROM (SELECT count(*) AS n FROM "Notice" GROUP BY subject, reason, target) g WHERE n > 1`
  const twice = [...sink.heard.values()].filter((times) => times > 1).length
  return {
    lost: incidents - sink.heard.size,
    incidents: all,
    incidentsTwice: all - subjects.length,
    noticesTwice: row?.twice ?? 0,
    toldTwice: twice,
    inFlight: sink.inFlight(),
  }
}

interface Sink {
  url: string
  /** How often it answered that it took an alert. */
  heard: Map<string, number>
  /** How many answers were on their way when a process died. */
  markInFlight(): void
  inFlight(): number
  close(): Promise<void>
}

/** Of five calls one is refused for now, and of twenty one is taken without its caller hearing so. */
async function openSink(): Promise<Sink> {
  const heard = new Map<string, number>()
  let calls = 0
  let open = 0
  let inFlight = 0
  const server = createServer((request, response) => {
    calls++
    const [isLimited, isDropped] = [calls % 5 === 0, calls % 20 === 7]
    open++
    response.once('close', () => open--)
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      if (isLimited) return response.writeHead(429, { 'retry-after': '1' }).end()
      const { alerts } = JSON.parse(body) as { alerts: { labels: { alertname: string } }[] }
      for (const { labels } of alerts) {
        // What its caller did not hear of comes again, and is no fault of theirs.
        if (isDropped) heard.set(labels.alertname, heard.get(labels.alertname) ?? 0)
        else heard.set(labels.alertname, (heard.get(labels.alertname) ?? 0) + 1)
      }
      if (isDropped) request.socket.destroy()
      else response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    heard,
    markInFlight() {
      // One that had been answered a moment ago may not have been written down yet.
      inFlight += Math.max(open, IN_HAND)
    },
    inFlight: () => inFlight,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

/** So many calls one process has under way at most. */
const IN_HAND = 16

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
