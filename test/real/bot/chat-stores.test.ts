import { afterAll, beforeAll, describe } from 'vitest'
import { chatStoresOn } from '../../support/chat-stores.ts'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../../support/postgres.ts'

const missing = postgresMissing()

describe.skipIf(missing !== null)(`on PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let postgres: PrivatePostgres
  beforeAll(async () => {
    postgres = await startPostgres(['TimeZone=Asia/Shanghai'])
  })
  afterAll(() => postgres?.stop())

  chatStoresOn('PostgreSQL', () => postgres.freshDatabase())
})
