import { leasesContract } from '../../contracts/leases.ts'
import { memoryLeases } from '../../fakes/memory-leases.ts'
import { freshDatabase } from '../../support/database.ts'
import { leasesOn } from '../../support/leases.ts'

leasesContract('embedded database', async () => leasesOn(await freshDatabase()))

leasesContract('memory', async () => {
  let now = 0
  const leases = memoryLeases({ now: () => now })
  return {
    as: leases.as,
    clear: async () => leases.clear(),
    close: async () => {},
    async expireAll() {
      now += 3_600_000
    },
  }
})
