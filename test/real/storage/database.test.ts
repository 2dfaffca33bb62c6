import { afterAll, beforeAll, describe } from 'vitest'
import { databaseContract } from '../../contracts/database.ts'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../../support/postgres.ts'

const missing = postgresMissing()

describe.skipIf(missing !== null)(`on PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let postgres: PrivatePostgres
  beforeAll(async () => {
    // A server in the zone of most of our users: nothing may depend on its clock being UTC.
    postgres = await startPostgres(['TimeZone=Asia/Shanghai'])
  })
  afterAll(() => postgres?.stop())

  databaseContract('PostgreSQL', () => postgres.freshDatabase())
})
