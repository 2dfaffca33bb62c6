// How soon sent work is begun, and how much a worker gets through. For: a send is picked up in < 50 ms at the median.
// Run: npx tsx bench/queue.ts [postgresql://…]; without a URL on an embedded database in a directory of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/lib/clock.ts'
import { randomIds } from '../src/lib/ids.ts'
import { silentLog } from '../src/lib/log.ts'
import { openDatabase } from '../src/platform/storage/database.prisma.ts'
import { migrate } from '../src/platform/storage/migrate.prisma.ts'
import { openWorkQueue } from '../src/platform/work/work.pgboss.ts'

const PICK_UPS = 200
const ENTRIES = 1_000

const url = process.argv[2]
const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
const place = url ? ({ is: 'server', url } as const) : ({ is: 'embedded', directory } as const)
async function open() {
  const database = await openDatabase(place, silentLog)
  await migrate(database, silentLog)
  const parts = { clock: systemClock, ids: randomIds, random: Math.random, log: silentLog }
  return { database, queue: await openWorkQueue({ database, ...parts }) }
}

// The first opening makes the tables; what counts is every later one.
await (await open()).database.close()
const openedAt = performance.now()
const { database, queue } = await open()
console.log(`${place.is}: open a database that is there ${Math.round(performance.now() - openedAt)} ms`)

let begun = () => {}
const nothing = async () => {}
await queue.start({
  show: async () => begun(),
  'run-operation': nothing,
  'expire-approval': nothing,
  'restart-by-policy': nothing,
})

const waits: number[] = []
for (let count = 0; count < PICK_UPS; count++) {
  const picked = new Promise<number>((resolve) => {
    begun = () => resolve(performance.now())
  })
  await database.transaction((tx) => queue.send(tx, { kind: 'show', subject: `s${count}` }))
  const committedAt = performance.now()
  waits.push(Math.max(0, (await picked) - committedAt))
}
waits.sort((a, b) => a - b)
const at = (share: number) => (waits[Math.floor(waits.length * share)] ?? 0).toFixed(1)
console.log(
  `from commit to handler, ${PICK_UPS} sends: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`,
)

let done = 0
const all = new Promise<void>((resolve) => {
  begun = () => {
    if (++done === ENTRIES) resolve()
  }
})
const sendingAt = performance.now()
for (let count = 0; count < ENTRIES; count += 100) {
  await database.transaction(async (tx) => {
    for (let one = count; one < count + 100; one++) await queue.send(tx, { kind: 'show', subject: `t${one}` })
  })
}
await all
console.log(
  `sent and done, ${ENTRIES} in transactions of 100: ${Math.round((ENTRIES * 1000) / (performance.now() - sendingAt))} per s`,
)

await queue.stop(1_000)
await database.close()
rmSync(directory, { recursive: true, force: true })
