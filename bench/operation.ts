// What Sluice itself adds to an operation: the time from asking to the end, without the time in which a request to
// Flink is open or Flink is at work on what it was asked for.
// Run: npm run bench -- operation, or npx tsx bench/operation.ts [--quick] [--on embedded|server]
import { subscribe } from 'node:diagnostics_channel'
import type { App } from '../src/app.ts'
import { type Clock, systemClock } from '../src/lib/clock.ts'
import type { Order } from '../src/platform/platform.ts'
import { makeJobs, operate, type RunningJob, START } from '../test/support/running-jobs.ts'
import { type Bench, bench } from './lib/bench.ts'
import { covered, median, ms, percentile, type Stretch } from './lib/numbers.ts'
import { type Simulators, startSimulators } from './lib/simulators.ts'
import { openSluice } from './lib/sluice.ts'

const ORDERS: readonly Order[] = [
  START,
  { verb: 'savepoint' },
  { verb: 'restart', release: null, how: 'savepoint', from: { is: 'latest' } },
  { verb: 'stop', how: 'savepoint' },
]

interface Taken {
  verb: string
  total: number
  /** Nobody but us is at work. */
  own: number
  /** Of `own`: waiting until it is time to ask Flink again. */
  pausing: number
}

await bench({
  for: "an operation's own overhead, everything outside Flink's answers and Flink's work",
  async run(bench) {
    const simulators = await startSimulators({ clusters: [[]], slots: 64 })
    const pauses: Stretch[] = []
    const app = await openSluice(bench.place, {
      clock: noting(pauses),
      environment: { WATCH_INTERVAL: '10m' },
    })
    try {
      await app.listen()
      const rounds = bench.quick ? 2 : 15
      const jobs = await makeJobs(app.core, { addresses: simulators.addresses, jobs: rounds + 1 })
      const taken = await measure({ app, simulators, pauses }, jobs)
      tell(bench, taken)
    } finally {
      await app.stop()
      await simulators.stop()
    }
  },
})

interface World {
  app: App
  simulators: Simulators
  pauses: Stretch[]
}

/** One operation after another: what is measured is an operation, not a queue. */
async function measure({ app, simulators, pauses }: World, jobs: readonly RunningJob[]): Promise<Taken[]> {
  const requests = watchRequests(simulators.addresses[0] ?? '')
  const taken: Taken[] = []
  for (const [n, job] of jobs.entries()) {
    for (const order of ORDERS) {
      const from = Date.now()
      const { state } = await operate(app.core, job, order)
      const whole = { from, to: Date.now() }
      if (state !== 'done') throw new Error(`${order.verb} of ${job.name} ended as ${state}`)
      const flink = [...requests(), ...(await simulators.ask({ do: 'times', cluster: 0, from }))]
      const total = whole.to - whole.from
      const own = total - covered(whole, flink)
      const pausing = covered(whole, [...flink, ...pauses]) - covered(whole, flink)
      // The first job warms up.
      if (n > 0) taken.push({ verb: order.verb, total, own, pausing })
    }
  }
  return taken
}

function tell(bench: Bench, taken: readonly Taken[]): void {
  const middle = (of: readonly Taken[], what: (one: Taken) => number) => median(of.map(what))
  const half = middle(taken, ({ own }) => own)
  bench.figure("an operation's own overhead, p50", ms(half), { target: '< 300 ms', met: half < 300 })
  bench.figure(
    "an operation's own overhead, p95",
    ms(
      percentile(
        taken.map(({ own }) => own),
        0.95,
      ),
    ),
  )
  for (const { verb } of ORDERS) {
    const of = taken.filter((one) => one.verb === verb)
    const [total, own, pausing] = [
      middle(of, (one) => one.total),
      middle(of, (one) => one.own),
      middle(of, (one) => one.pausing),
    ]
    bench.say(
      `${verb}: ${ms(total)} in all, ${ms(own)} own, of which ${ms(pausing)} between two looks at Flink (medians of ${of.length})`,
    )
  }
}

/** The system's clock, which notes the pauses between two questions to Flink. */
function noting(pauses: Stretch[]): Clock {
  return {
    ...systemClock,
    async sleep(ms, signal) {
      const from = Date.now()
      await systemClock.sleep(ms, signal)
      if (ms <= 500) pauses.push({ from, to: Date.now() })
    },
  }
}

interface RequestMessage {
  request: { origin: string | URL }
}

/** When requests to this address were open, from the HTTP client's own account. */
function watchRequests(address: string): () => Stretch[] {
  const open = new Map<object, number>()
  const done: Stretch[] = []
  subscribe('undici:request:create', (message) => {
    const { request } = message as RequestMessage
    if (String(request.origin).startsWith(address)) open.set(request, Date.now())
  })
  for (const end of ['undici:request:trailers', 'undici:request:error']) {
    subscribe(end, (message) => {
      const { request } = message as RequestMessage
      const from = open.get(request)
      if (from !== undefined) done.push({ from, to: Date.now() })
      open.delete(request)
    })
  }
  return () => done.splice(0)
}
