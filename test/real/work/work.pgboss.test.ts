import { afterAll, beforeAll, describe } from 'vitest'
import { workQueueContract } from '../../contracts/work-queue.ts'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../../support/postgres.ts'
import { queueOn } from '../../support/work.ts'

const missing = postgresMissing()

describe.skipIf(missing !== null)(`on PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let postgres: PrivatePostgres
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.stop())

  workQueueContract('PostgreSQL', async () => queueOn(await postgres.freshDatabase()))
})
