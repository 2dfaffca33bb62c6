import { afterAll, beforeAll, describe } from 'vitest'
import { accessContract } from '../../contracts/access.ts'
import { auditContract } from '../../contracts/audit.ts'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../../support/postgres.ts'

const missing = postgresMissing()

describe.skipIf(missing !== null)(`on PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let postgres: PrivatePostgres
  beforeAll(async () => {
    postgres = await startPostgres(['TimeZone=Asia/Shanghai'])
  })
  afterAll(() => postgres?.stop())

  accessContract('PostgreSQL', () => postgres.freshDatabase())
  auditContract('PostgreSQL', () => postgres.freshDatabase())
})
