import { afterAll, beforeAll, describe } from 'vitest'
import { alertsContract } from '../../contracts/alerts.ts'
import { digestsContract } from '../../contracts/digests.ts'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../../support/postgres.ts'

const missing = postgresMissing()

describe.skipIf(missing !== null)(`on PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let postgres: PrivatePostgres
  beforeAll(async () => {
    postgres = await startPostgres(['TimeZone=Asia/Shanghai'])
  })
  afterAll(() => postgres?.stop())

  alertsContract('PostgreSQL', () => postgres.freshDatabase())
  digestsContract('PostgreSQL', () => postgres.freshDatabase())
})
