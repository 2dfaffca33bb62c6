// How soon sent work is begun, and how much a worker gets through.
// Run: npm run bench -- queue, or npx tsx bench/queue.ts [--quick] [--on embedded|server]
import { systemClock } from '../src/lib/clock.ts'
import { randomIds } from '../src/lib/ids.ts'
import { silentLog } from '../src/lib/log.ts'
import type { Database } from '../src/platform/storage/database.prisma.ts'
import { openDatabase } from '../src/platform/storage/database.prisma.ts'
import { migrate } from '../src/platform/storage/migrate.prisma.ts'
import { openWorkQueue } from '../src/platform/work/work.pgboss.ts'
import type { WorkQueue } from '../src/platform/work/work.ts'
import { type Bench, bench } from './lib/bench.ts'
import { ms, percentile } from './lib/numbers.ts'
import type { Place } from './lib/places.ts'

const PICK_UPS = 200
const ENTRIES = 1_000

await bench({
  for: 'a send is picked up in < 50 ms at the median',
  async run(bench) {
    // The first opening makes the tables; what counts is every later one.
    await (await open(bench.place)).database.close()
    const openedAt = performance.now()
    const opened = await open(bench.place)
    bench.say(`open a database that is there: ${Math.round(performance.now() - openedAt)} ms`)
    const hands = { begun: () => {} }
    const nothing = async () => {}
    await opened.queue.start({
      show: async () => hands.begun(),
      'run-operation': nothing,
      'expire-approval': nothing,
      'restart-by-policy': nothing,
      tell: nothing,
    })
    await pickUps(bench, opened, hands)
    await throughput(bench, opened, hands)
    await opened.queue.stop(1_000)
    await opened.database.close()
  },
})

interface Opened {
  database: Database
  queue: WorkQueue
}

interface Hands {
  begun(): void
}

async function open({ database: place }: Place): Promise<Opened> {
  const database = await openDatabase(place, silentLog)
  await migrate(database, silentLog)
  const parts = { clock: systemClock, ids: randomIds, random: Math.random, log: silentLog }
  return { database, queue: await openWorkQueue({ database, ...parts }) }
}

async function pickUps(bench: Bench, { database, queue }: Opened, hands: Hands): Promise<void> {
  const waits: number[] = []
  for (let count = 0; count < PICK_UPS; count++) {
    const picked = new Promise<number>((resolve) => {
      hands.begun = () => resolve(performance.now())
    })
    await database.transaction((tx) => queue.send(tx, { kind: 'show', subject: `s${count}` }))
    const committedAt = performance.now()
    waits.push(Math.max(0, (await picked) - committedAt))
  }
  const half = percentile(waits, 0.5)
  bench.figure('from commit to handler, p50', ms(half), { target: '< 50 ms', met: half < 50 })
  bench.say(`${PICK_UPS} sends: p95 ${ms(percentile(waits, 0.95))}, p99 ${ms(percentile(waits, 0.99))}`)
}

async function throughput(bench: Bench, { database, queue }: Opened, hands: Hands): Promise<void> {
  let done = 0
  const all = new Promise<void>((resolve) => {
    hands.begun = () => {
      if (++done === ENTRIES) resolve()
    }
  })
  const sendingAt = performance.now()
  for (let count = 0; count < ENTRIES; count += 100) {
    await database.transaction(async (tx) => {
      for (let one = count; one < count + 100; one++)
        await queue.send(tx, { kind: 'show', subject: `t${one}` })
    })
  }
  await all
  const perSecond = Math.round((ENTRIES * 1000) / (performance.now() - sendingAt))
  bench.figure(`sent and done, ${ENTRIES} in transactions of 100`, `${perSecond} per s`)
}
