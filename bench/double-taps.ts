// Two people (or one, twice) tap the same button at once, over many jobs, as operations are carried out meanwhile.
// Run: npm run bench -- double-taps, or npx tsx bench/double-taps.ts [--quick] [--on embedded|server]
import { doubleTaps } from '../test/support/double-taps.ts'
import { addPerson, makeJobs, operate, START } from '../test/support/running-jobs.ts'
import { bench } from './lib/bench.ts'
import { ms, percentile } from './lib/numbers.ts'
import { startSimulators } from './lib/simulators.ts'
import { openSluice } from './lib/sluice.ts'

const CLUSTERS = 10
const JOBS = 40
/** A Flink in a hurry: long enough that an operation does not end between two taps made at once. */
const DELAYS = { submit: 10, initialize: 5, deploy: 20, savepoint: 30, cancel: 10 }

await bench({
  for: '10,000 double taps → 10,000 operations, none twice',
  async run(bench) {
    const taps = bench.quick ? 150 : 10_000
    const clusters = Array.from({ length: CLUSTERS }, () => [])
    const simulators = await startSimulators({ clusters, slots: JOBS, delays: DELAYS })
    const app = await openSluice(bench.place)
    try {
      await app.listen()
      const jobs = await makeJobs(app.core, { addresses: simulators.addresses, jobs: JOBS })
      await Promise.all(jobs.map((job) => operate(app.core, job, START)))
      const people = [await addPerson(app.core, 'lin'), await addPerson(app.core, 'wei')] as const

      const { tookMs, waits, counted } = await doubleTaps({ app, people, jobs }, taps)

      const { operations, done, restarts, attempts, liveAttempts, joined } = counted
      const onClusters = await Promise.all(
        clusters.map((_, cluster) => simulators.ask({ do: 'jobs', cluster })),
      )
      const live = onClusters.reduce((sum, { live }) => sum + live, 0)
      const started = onClusters.reduce((sum, { started }) => sum + started, 0)
      bench.figure(`operations of ${taps} double taps`, String(operations), {
        target: String(taps),
        met: operations === taps,
      })
      bench.figure('operations done twice', String(Math.max(0, operations - taps)), {
        target: '0',
        met: operations <= taps,
      })
      bench.figure('attempts beyond one per restart', String(attempts - restarts), {
        target: '0',
        met: attempts === restarts && started === restarts + JOBS,
      })
      bench.figure(`live Flink jobs of ${JOBS} jobs`, String(live), {
        target: String(JOBS),
        met: live === JOBS && liveAttempts === JOBS,
      })
      bench.figure('double taps', `${Math.round((taps * 1000) / tookMs)} per s`)
      bench.say(
        `${done} done (${restarts} restarts), ${joined} taps joined an operation that was open, the others were told so on the card`,
      )
      bench.say(
        `tap → answer p50 ${ms(percentile(waits, 0.5))}, p99 ${ms(percentile(waits, 0.99))}, ${JOBS} at a time`,
      )
    } finally {
      await app.stop()
      await simulators.stop()
    }
  },
})
