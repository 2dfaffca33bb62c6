// A process of its own for crash tests: begins whatever work it finds, says so on standard output, and never ends it.
// Argument: the place of the database as JSON.
import { systemClock } from '../../src/lib/clock.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { silentLog } from '../../src/lib/log.ts'
import { openDatabase } from '../../src/platform/storage/database.prisma.ts'
import { migrate } from '../../src/platform/storage/migrate.prisma.ts'
import { openWorkQueue } from '../../src/platform/work/work.pgboss.ts'
import type { Work } from '../../src/platform/work/work.ts'

const database = await openDatabase(JSON.parse(process.argv[2] ?? ''), silentLog)
await migrate(database, silentLog)
const queue = await openWorkQueue({
  database,
  clock: systemClock,
  ids: randomIds,
  random: Math.random,
  log: silentLog,
  life: 1_000,
})
await database.transaction((tx) => queue.send(tx, { kind: 'show', subject: 'from the process' }))

const begin = (work: Work) => {
  process.stdout.write(`begun ${work.kind}\n`)
  return new Promise<void>(() => {})
}
await queue.start({
  show: begin,
  'run-operation': begin,
  'expire-approval': begin,
  'restart-by-policy': begin,
  tell: begin,
})
