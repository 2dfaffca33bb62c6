import { systemClock } from '../../src/lib/clock.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { silentLog } from '../../src/lib/log.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { openWorkQueue } from '../../src/platform/work/work.pgboss.ts'
import type { QueueHarness } from '../contracts/work-queue.ts'
import { truncateAll } from './database.ts'

/** The queue on a database, for the contract. */
export function queueOn(database: Database): QueueHarness {
  const parts = { database, clock: systemClock, ids: randomIds, random: Math.random, log: silentLog }
  return {
    open: ({ backoff }) => openWorkQueue({ ...parts, backoff }),
    transaction: (work) => database.transaction(work),
    clear: () => truncateAll(database),
    close: () => database.close(),
  }
}
