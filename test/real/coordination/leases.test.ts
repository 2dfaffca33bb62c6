import { afterAll, beforeAll, describe } from 'vitest'
import { leasesContract } from '../../contracts/leases.ts'
import { leasesOn } from '../../support/leases.ts'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../../support/postgres.ts'

const missing = postgresMissing()

describe.skipIf(missing !== null)(`on PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let postgres: PrivatePostgres
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.stop())

  leasesContract('PostgreSQL', async () => leasesOn(await postgres.freshDatabase()))
})
