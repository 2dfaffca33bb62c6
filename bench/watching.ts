// What it costs to watch 10,000 jobs on 20 clusters, and how soon a change is noticed; then the same by two requests
// per job, as others do it, on as many jobs as fit.
// Run: npm run bench -- watching, or npx tsx bench/watching.ts [--quick] [--on embedded|server]
import { Agent, request } from 'undici'
import type { App } from '../src/app.ts'
import { type Bench, bench } from './lib/bench.ts'
import { sequence } from './lib/commands.ts'
import { median, ms, percentile } from './lib/numbers.ts'
import { seed, seededFlinkId, seededIds } from './lib/seed.ts'
import { type Simulators, startSimulators } from './lib/simulators.ts'
import { openSluice, prepare } from './lib/sluice.ts'

const WORLD = { jobs: 10_000, clusters: 20, operations: 0, running: 10 }
const INTERVAL = 5_000
const OVERVIEW = 'GET /jobs/overview'
/** How many jobs the other way is tried on: all of them are more than a core can ask after in an interval. */
const OTHER_WAY_JOBS = 2_000

await bench({
  for: `watching ${WORLD.jobs} simulated jobs on ${WORLD.clusters} clusters at an interval of ${INTERVAL / 1000} s`,
  async run(bench) {
    const simulators = await startSimulators({ clusters: seededIds(WORLD), slots: 600 })
    await prepare(bench.place, (database) => seed(database, { ...WORLD, addresses: simulators.addresses }))
    const app = await openSluice(bench.place, { environment: { WATCH_INTERVAL: `${INTERVAL}ms` } })
    try {
      await app.listen()
      // The first passes read every attempt, and each cluster's slots and version.
      await sleep((bench.quick ? 1.5 : 3) * INTERVAL)
      const quiet = await watchQuietly(bench, simulators)
      await theOtherWay(bench, simulators, quiet)
      await watchChanges(bench, app, simulators)
    } finally {
      await app.stop()
      await simulators.stop()
    }
  },
})

interface Cost {
  requests: number
  cpuMs: number
}

async function watchQuietly(bench: Bench, simulators: Simulators): Promise<Cost> {
  const runs: (Cost & { besides: number })[] = []
  const intervals = bench.quick ? 1 : 2
  for (let run = 0; run < (bench.quick ? 2 : 6); run++) {
    await simulators.ask({ do: 'requests' })
    const before = process.cpuUsage()
    await sleep(intervals * INTERVAL)
    const { user, system } = process.cpuUsage(before)
    const requests = await simulators.ask({ do: 'requests' })
    const all = Object.values(requests).reduce((a, b) => a + b, 0)
    const listings = requests[OVERVIEW] ?? 0
    runs.push({
      requests: listings / intervals,
      besides: (all - listings) / intervals,
      cpuMs: (user + system) / 1000 / intervals,
    })
  }
  const requests = median(runs.map((run) => run.requests))
  const cpuMs = median(runs.map((run) => run.cpuMs))
  const share = (cpuMs * 100) / INTERVAL
  bench.figure('requests per interval', String(Math.round(requests)), {
    target: String(WORLD.clusters),
    met: Math.round(requests) <= WORLD.clusters,
  })
  bench.figure('CPU of the whole server while watching', `${share.toFixed(1)} % of one core`, {
    target: '< 25 %',
    met: share < 25,
  })
  const besides = median(runs.map((run) => run.besides))
  bench.say(`besides, ${besides} requests per interval for slots and life signs, once a minute and cluster`)
  return { requests, cpuMs }
}

/** Breaks jobs one by one at any moment of the interval; half of them for good, half so that Flink tries again. */
async function watchChanges(bench: Bench, app: App, simulators: Simulators): Promise<void> {
  const count = bench.quick ? 100 : 400
  const random = sequence(11)
  const noticed = new Map<string, number>()
  const stop = app.core.stores.onNews((news) => {
    if (news.of === 'job' && !noticed.has(news.jobId)) noticed.set(news.jobId, Date.now())
  })
  const broken: { id: string; at: number }[] = []
  for (let n = 0; n < count; n++) {
    const job = n * Math.floor(WORLD.jobs / count)
    const cluster = job % WORLD.clusters
    const at = await simulators.ask({ do: 'break', cluster, job: seededFlinkId(job), restarts: n % 2 === 0 })
    broken.push({ id: `job_${String(job).padStart(12, '0')}`, at })
    await sleep(random() % (bench.quick ? 120 : 200))
  }
  await sleep(1.6 * INTERVAL)
  stop()
  const waits = broken.map(({ id, at }) => (noticed.get(id) ?? Number.POSITIVE_INFINITY) - at)
  const rows = await app.database.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM "Job" WHERE state IN ('failed', 'recovering') AND id = ANY($1)`,
    [broken.map(({ id }) => id)],
  )
  const most = percentile(waits, 0.99)
  bench.figure('change written down, p99 after it happened', ms(most), {
    target: `≤ ${INTERVAL + 1000} ms`,
    met: most <= INTERVAL + 1000,
  })
  bench.say(`p50 ${ms(percentile(waits, 0.5))}; ${rows[0]?.n} of ${count} rows say failed or recovering`)
}

/** Per job its state and its checkpoints, sixteen connections per cluster, as fast as it goes. */
async function theOtherWay(bench: Bench, simulators: Simulators, ours: Cost): Promise<void> {
  const agent = new Agent({ connections: 16 })
  const before = process.cpuUsage()
  const began = performance.now()
  const jobs = Array.from({ length: OTHER_WAY_JOBS }, (_, n) => n * 5 + 1)
  let next = 0
  const worker = async () => {
    for (let at = next++; at < jobs.length; at = next++) {
      const job = jobs[at] ?? 0
      const address = `${simulators.addresses[job % WORLD.clusters]}/jobs/${seededFlinkId(job)}`
      for (const path of [address, `${address}/checkpoints`]) {
        const { body } = await request(path, { dispatcher: agent })
        await body.json()
      }
    }
  }
  await Promise.all(Array.from({ length: 32 }, worker))
  const took = performance.now() - began
  const { user, system } = process.cpuUsage(before)
  await agent.close()
  // Our own watching went on meanwhile.
  const own = ours.cpuMs * (took / INTERVAL)
  const scale = WORLD.jobs / OTHER_WAY_JOBS
  const cpuMs = ((user + system) / 1000 - own) * scale
  bench.figure(
    'requests, two per job instead',
    `${Math.round((2 * WORLD.jobs) / ours.requests)} times as many`,
  )
  bench.figure('CPU, two requests per job instead', `${(cpuMs / ours.cpuMs).toFixed(1)} times as much`)
  bench.say(
    `${2 * WORLD.jobs} requests would take ${Math.round((cpuMs * 100) / INTERVAL)} % of one core (measured on ${OTHER_WAY_JOBS} jobs; parsing only, nothing compared or stored)`,
  )
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
