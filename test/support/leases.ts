import { createLeases } from '../../src/platform/coordination/leases.prisma.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import type { LeasesHarness } from '../contracts/leases.ts'
import { truncateAll } from './database.ts'

/** Leases on a database, for the contract. Their time is the database's: it passes by setting the deadlines back. */
export function leasesOn(database: Database): LeasesHarness {
  return {
    as: (holder) => createLeases(database, holder),
    async expireAll() {
      await database.sql(`UPDATE "Lease" SET "until" = to_timestamp(0)`)
    },
    clear: () => truncateAll(database),
    close: () => database.close(),
  }
}
