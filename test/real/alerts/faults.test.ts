import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alertsWithFaults } from '../../support/alert-faults.ts'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../../support/postgres.ts'

const missing = postgresMissing()
/** The bench `alert-faults` tells 10,000. */
const INCIDENTS = 600

describe.skipIf(missing !== null)(
  `alerts while processes die${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let postgres: PrivatePostgres
    let home: string
    beforeAll(async () => {
      postgres = await startPostgres()
      home = await mkdtemp(join(tmpdir(), 'sluice-alert-faults-'))
    })
    afterAll(async () => {
      postgres?.stop()
      await rm(home, { recursive: true, force: true })
    })

    it('loses none, and tells none twice', async () => {
      const url = await postgres.emptyDatabase()
      const order = { url, home, incidents: INCIDENTS, replicas: 3, killEveryMs: 5_000 }

      const found = await alertsWithFaults(order)

      console.log(JSON.stringify(found))
      expect(found).toMatchObject({ lost: 0, incidents: INCIDENTS, incidentsTwice: 0, noticesTwice: 0 })
      // A program has no key by which it could know that it heard a thing before: what was under way comes again.
      expect(found.toldTwice).toBeLessThanOrEqual(found.inFlight)
      expect(found.kills).toBeGreaterThan(1)
      expect(found.complaints).toEqual([])
    }, 600_000)
  },
)
