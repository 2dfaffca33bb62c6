import { afterAll, beforeAll, describe } from 'vitest'
import { conversationJourney } from '../../journeys/every-chat.ts'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../../support/postgres.ts'

const missing = postgresMissing()

describe.skipIf(missing !== null)(`on PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let postgres: PrivatePostgres

  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.stop())

  const settings = async () => ({
    DATABASE_URL: await postgres.emptyDatabase(),
    SLUICE_SECRET: 'a secret that is long enough for tests',
  })
  for (const vendor of ['web', 'feishu', 'dingtalk', 'wecom', 'slack'] as const) {
    conversationJourney(vendor, settings)
  }
})
