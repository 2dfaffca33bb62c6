// Alerts: how fast they are taken in, routed and told, beside a real Alertmanager where it can do the same work.
// Run: npm run bench -- alerts, or npx tsx bench/alerts.ts [--quick] [--on embedded|server]
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'undici'
import { silentLog } from '../src/lib/log.ts'
import { hashOf } from '../src/platform/access/secrets.ts'
import { parseRouting } from '../src/platform/alerts/routing/config.ts'
import { createRouting } from '../src/platform/alerts/routing/current.ts'
import { openDatabase } from '../src/platform/storage/database.prisma.ts'
import { alertmanagerMissing, cpuOf, startAlertmanager } from './lib/alertmanager.ts'
import { type Bench, bench } from './lib/bench.ts'
import { ms, percentile } from './lib/numbers.ts'
import { atRate } from './lib/open-loop.ts'
import { memoryOf, startServer, stopServer } from './lib/server-process.ts'
import { prepare } from './lib/sluice.ts'

/** As Prometheus sends them. */
const BATCH = 64
/** Two requests in flight, as from two Prometheus servers. */
const AT_ONCE = 2
const TOKEN = 'slc_bench_0123456789abcdefghij'

// --- routes -----------------------------------------------------------------------------------------------------------

/** A tree as a large company has one: 40 teams with five routes each, some by regular expressions. */
function largeRouting(): string {
  const team = (n: number) => `
    - matchers: ['team="team-${n}"']
      routes:
        - matchers: ['severity="critical"', 'env=~"prod.*"']
          receiver: hook
          continue: true
        - matchers: ['service=~"^(api|web|etl)-${n}.*$"']
          receiver: hook
        - matchers: ['severity=~"warning|info"']
          receiver: hook
        - matchers: ['instance=~"[a-z]+-${n}-[0-9]{1,4}"']
          receiver: hook`
  const routes = Array.from({ length: 40 }, (_, n) => team(n)).join('')
  return `route:\n  receiver: hook\n  group_by: [alertname]\n  routes:${routes}\nreceivers:\n  - name: hook\n`
}

function routeMatch(bench: Bench): void {
  const parsed = parseRouting(largeRouting())
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const routing = createRouting(parsed.value, { revision: 1, text: '' })
  const alerts = Array.from({ length: 5_000 }, (_, n) => ({
    ...{ alertname: `A${n % 50}`, team: `team-${n % 45}`, env: n % 3 ? 'prod' : 'dev' },
    ...{
      severity: n % 2 ? 'critical' : 'warning',
      service: `etl-${n % 45}-x`,
      instance: `host-${n % 45}-${n % 900}`,
    },
  }))
  for (const labels of alerts) routing.routesOf(labels)
  const took: number[] = []
  for (let round = 0; round < 20; round++) {
    for (const labels of alerts) {
      const began = performance.now()
      routing.routesOf(labels)
      took.push((performance.now() - began) * 1000)
    }
  }
  const p99 = percentile(took, 0.99)
  bench.figure('route match in a tree of 200 routes, p99', `${p99.toFixed(1)} µs`, {
    target: '< 50 µs',
    met: p99 < 50,
  })
  bench.say(`p50 ${percentile(took, 0.5).toFixed(1)} µs over ${took.length} alerts`)
}

// --- intake -----------------------------------------------------------------------------------------------------------

const INTAKE_ROUTING = `route:
  receiver: hook
  group_by: [alertname, cluster]
  group_wait: 1h
receivers:
  - name: hook
    webhook_configs: [{ url: 'http://127.0.0.1:9/' }]
`

interface Target {
  url: string
  headers: Record<string, string>
}

async function intake(bench: Bench): Promise<void> {
  const live = bench.quick ? 10_000 : 100_000
  const more = bench.quick ? 4_000 : 20_000
  await prepareSource(bench, INTAKE_ROUTING)
  const server = await startServer(bench.place)
  const target = { url: server.address, headers: { authorization: `Bearer ${TOKEN}` } }
  try {
    const filled = await post(target, alertsFrom(0, live))
    bench.say(`filled with ${live} alerts at ${Math.round(filled.perSecond)}/s`)
    const again = await measured(server.child, () => post(target, alertsFrom(0, more)))
    bench.figure(`alerts told again with ${live} live`, `${Math.round(again.perSecond)}/s`, {
      target: '≥ 2,000/s',
      met: again.perSecond >= 2_000,
    })
    const fresh = await measured(server.child, () => post(target, alertsFrom(live, more)))
    bench.figure(`new alerts with ${live} live`, `${Math.round(fresh.perSecond)}/s`, {
      target: '≥ 2,000/s',
      met: fresh.perSecond >= 2_000,
    })
    bench.say(
      `CPU of the server ${(again.cpuMs / more).toFixed(2)} and ${(fresh.cpuMs / more).toFixed(2)} ms an alert, memory ${Math.round(memoryOf(server.child).now)} MB`,
    )
  } finally {
    await stopServer(server.child)
  }
  await intakeBeside(bench, { live, more })
}

/** The same work, done by a real Alertmanager, which keeps alerts in memory alone. */
async function intakeBeside(bench: Bench, { live, more }: { live: number; more: number }): Promise<void> {
  const missing = alertmanagerMissing()
  if (missing !== null) return bench.say(`no Alertmanager to compare with: ${missing}`)
  const beside = await startAlertmanager(INTAKE_ROUTING)
  try {
    await post({ url: beside.url, headers: {} }, alertsFrom(0, live))
    const again = await measured(beside.child, () =>
      post({ url: beside.url, headers: {} }, alertsFrom(0, more)),
    )
    bench.say(
      `Alertmanager beside: ${Math.round(again.perSecond)}/s told again, CPU ${(again.cpuMs / more).toFixed(2)} ms an alert, memory ${Math.round(memoryOf(beside.child).now)} MB`,
    )
  } finally {
    await beside.stop()
  }
}

async function measured(
  child: Parameters<typeof cpuOf>[0],
  work: () => Promise<{ perSecond: number }>,
): Promise<{ perSecond: number; cpuMs: number }> {
  const before = cpuOf(child)
  const { perSecond } = await work()
  return { perSecond, cpuMs: cpuOf(child) - before }
}

function alertsFrom(first: number, count: number): readonly object[] {
  const endsAt = new Date(Date.now() + 3_600_000).toISOString()
  return Array.from({ length: count }, (_, at) => {
    const n = first + at
    const labels = {
      ...{
        alertname: `Alert${n % 200}`,
        cluster: `cluster-${n % 20}`,
        instance: `host-${n}`,
        severity: 'warning',
      },
      ...{ env: 'prod', team: `team-${n % 40}`, job: `node-${n % 100}` },
    }
    return { labels, annotations: { summary: `host-${n} is unwell` }, endsAt }
  })
}

const agent = new Agent({ connections: AT_ONCE })

async function post(target: Target, alerts: readonly object[]): Promise<{ perSecond: number }> {
  const batches = Array.from({ length: Math.ceil(alerts.length / BATCH) }, (_, at) =>
    JSON.stringify(alerts.slice(at * BATCH, (at + 1) * BATCH)),
  )
  const began = performance.now()
  const lane = async () => {
    for (let body = batches.pop(); body !== undefined; body = batches.pop()) await postOne(target, body)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return { perSecond: (alerts.length * 1000) / (performance.now() - began) }
}

async function postOne({ url, headers }: Target, body: string): Promise<void> {
  const { statusCode, body: answer } = await request(`${url}/api/v2/alerts`, {
    ...{ method: 'POST', body, dispatcher: agent },
    headers: { 'content-type': 'application/json', ...headers },
  })
  const text = await answer.text()
  if (statusCode !== 200) throw new Error(`Alerts were answered with ${statusCode}: ${text}`)
}

// --- telling ----------------------------------------------------------------------------------------------------------

const NO_WAIT = (url: string) => `route:
  receiver: hook
  group_by: ['...']
  group_wait: 0s
  group_interval: 5s
receivers:
  - name: hook
    webhook_configs: [{ url: '${url}' }]
`

async function telling(bench: Bench): Promise<void> {
  const sink = await openSink()
  await prepareSource(bench, NO_WAIT(sink.url))
  const server = await startServer(bench.place)
  const target = { url: server.address, headers: { authorization: `Bearer ${TOKEN}` } }
  try {
    await atPace(bench, target, sink)
    await storm(bench, target, sink)
  } finally {
    await stopServer(server.child)
    await sink.close()
  }
}

const PER_SECOND = 200
/** Prometheus tells up to 64 in one request. */
const TOGETHER = 20

async function atPace(bench: Bench, target: Target, sink: Sink): Promise<void> {
  const count = PER_SECOND * (bench.quick ? 5 : 30)
  const sent = new Map<string, number>()
  await atRate(PER_SECOND / TOGETHER, count / TOGETHER, async (at) => {
    const names = namesOf('paced', at)
    for (const name of names) sent.set(name, performance.now())
    await postOne(target, alertsOf(names))
  })
  await sink.has(count)
  const waits = [...sent].map(([name, at]) => (sink.heard.get(name) ?? Number.NaN) - at)
  const [p50, p99] = [percentile(waits, 0.5), percentile(waits, 0.99)]
  bench.figure(`alert → webhook at ${PER_SECOND} alerts/s, p50`, ms(p50), {
    target: '< 300 ms',
    met: p50 < 300,
  })
  bench.figure(`alert → webhook at ${PER_SECOND} alerts/s, p99`, ms(p99), {
    target: '< 1 s',
    met: p99 < 1_000,
  })
  sink.heard.clear()
}

async function storm(bench: Bench, target: Target, sink: Sink): Promise<void> {
  const count = 3_000
  const began = performance.now()
  await atRate(count / 10 / TOGETHER, count / TOGETHER, (at) =>
    postOne(target, alertsOf(namesOf('storm', at))),
  )
  await sink.has(count)
  const first = (sink.heard.get('storm-0') ?? Number.NaN) - began
  const all = Math.max(...sink.heard.values()) - began - 10_000
  bench.figure('storm of 3,000 in 10 s: the first P0 told after', ms(first), {
    target: '< 1 s',
    met: first < 1_000,
  })
  bench.figure('storm: all told after its last alert came', ms(Math.max(0, all)), {
    target: '< 10 s',
    met: all < 10_000,
  })
}

function namesOf(kind: string, at: number): readonly string[] {
  return Array.from({ length: TOGETHER }, (_, n) => `${kind}-${at * TOGETHER + n}`)
}

function alertsOf(names: readonly string[]): string {
  return JSON.stringify(names.map((alertname) => ({ labels: { alertname, severity: 'page', env: 'prod' } })))
}

// --- escalation -------------------------------------------------------------------------------------------------------

const STEP_MS = 8_000

/** Incidents wait for their second step while the server is stopped and started again. */
async function escalation(bench: Bench): Promise<void> {
  const count = bench.quick ? 50 : 300
  const sink = await openSink()
  await prepareSource(bench, ESCALATED(sink.url))
  await prepare(bench.place, async ({ prisma }) => {
    const at = new Date()
    await prisma.team.upsert({
      where: { name: 'data' },
      create: { id: 'team_bench', name: 'data', title: 'data', createdAt: at },
      update: {},
    })
    const { id: teamId } = await prisma.team.findUniqueOrThrow({ where: { name: 'data' } })
    const step = (after: number) => ({ after, notify: [{ to: 'webhook', receiver: 'hook' }] })
    const body = { tiers: ['P1'], steps: [step(0), step(STEP_MS)], repeat: 0 }
    await prisma.escalationChain.create({
      data: { id: 'chn_bench', name: 'bench', teamId, body, updatedBy: 'bench', updatedAt: at },
    })
  })
  const first = await startServer(bench.place)
  const names = Array.from({ length: count }, (_, n) => ({
    labels: { alertname: `escalated-${n}`, severity: 'critical', env: 'prod', team: 'data' },
  }))
  const headers = { authorization: `Bearer ${TOKEN}` }
  await postOne({ url: first.address, headers }, JSON.stringify(names))
  await new Promise((resolve) => setTimeout(resolve, STEP_MS / 2))
  await stopServer(first.child)
  const second = await startServer(bench.place)
  try {
    await new Promise((resolve) => setTimeout(resolve, STEP_MS + 4_000))
  } finally {
    await stopServer(second.child)
    await sink.close()
  }
  const late = await lateness(bench)
  const p99 = percentile(late, 0.99)
  bench.figure('escalation step after a restart, late by, p99', ms(p99), {
    target: '< 2 s',
    met: late.length === count && p99 < 2_000,
  })
  bench.say(
    `${late.length} of ${count} second steps were taken, late by ${ms(percentile(late, 0.5))} (median)`,
  )
}

const ESCALATED = (url: string) => `route:
  receiver: people
  group_by: ['...']
  group_wait: 0s
receivers:
  - name: people
    sluice_configs: [{ chats: team }]
  - name: hook
    webhook_configs: [{ url: '${url}' }]
sluice:
  tiers:
    - { tier: P1, matchers: [] }
`

/** How much later than its time each second step was taken, in ms. */
async function lateness({ place }: Bench): Promise<readonly number[]> {
  const database = await openDatabase(place.database, silentLog)
  try {
    const rows = await database.sql<{ late: string }>(
      `SELECT extract(epoch FROM n."createdAt" - i."openedAt") * 1000 - ${STEP_MS} AS late
       FROM "Incident" i JOIN LATERAL (
         SELECT "createdAt" FROM "Notice" WHERE subject = 'incident:' || i.id ORDER BY "createdAt" DESC LIMIT 1) n ON true
       WHERE (SELECT count(*) FROM "Notice" WHERE subject = 'incident:' || i.id) >= 2`,
      [],
    )
    return rows.map(({ late }) => Number(late))
  } finally {
    await database.close()
  }
}

interface Sink {
  url: string
  /** When each alert was first told. */
  heard: Map<string, number>
  has(count: number): Promise<void>
  close(): Promise<void>
}

async function openSink(): Promise<Sink> {
  const heard = new Map<string, number>()
  const server: Server = createServer((incoming, response) => {
    let body = ''
    incoming.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    incoming.on('end', () => {
      const { alerts } = JSON.parse(body) as { alerts: { labels: { alertname: string } }[] }
      for (const { labels } of alerts)
        if (!heard.has(labels.alertname)) heard.set(labels.alertname, performance.now())
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    heard,
    async has(count) {
      const until = performance.now() + 120_000
      while (heard.size < count && performance.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 20))
      if (heard.size < count) throw new Error(`Only ${heard.size} of ${count} alerts were told.`)
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** A fresh database with a source that may tell as much as it likes, and the routing. */
async function prepareSource(bench: Bench, routing: string): Promise<void> {
  await prepare(bench.place, async ({ prisma, sql }) => {
    await sql(
      'TRUNCATE "Alert", "AlertGroup", "AlertGroupMember", "Incident", "Notice", "AlertSource", "AlertRouting", "EscalationChain" CASCADE',
    )
    const at = new Date()
    await prisma.alertSource.create({
      data: {
        ...{ id: 'src_bench', name: 'bench', tokenHash: hashOf(TOKEN), labels: {}, createdBy: 'bench' },
        ...{ createdAt: at, perSecond: 1_000_000 },
      },
    })
    await prisma.alertRouting.create({
      data: { text: routing, origin: 'import', savedBy: 'bench', savedAt: at },
    })
  })
}

await bench({
  for: 'intake with 100,000 live alerts, route match, alert → webhook at 200 alerts/s, a storm of 3,000',
  async run(bench) {
    if (bench.place.kind === 'embedded') routeMatch(bench)
    await intake(bench)
    await telling(bench)
    await escalation(bench)
  },
})
