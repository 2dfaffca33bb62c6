import { afterAll, beforeAll, describe } from 'vitest'
import { prismaConversation } from '../../../src/bot/conversation.prisma.ts'
import { prismaOutbox } from '../../../src/bot/delivery/outbox.prisma.ts'
import { conversationContract } from '../../contracts/conversation.ts'
import { truncateAll } from '../../support/database.ts'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../../support/postgres.ts'

const missing = postgresMissing()

describe.skipIf(missing !== null)(`on PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let postgres: PrivatePostgres
  beforeAll(async () => {
    postgres = await startPostgres(['TimeZone=Asia/Shanghai'])
  })
  afterAll(() => postgres?.stop())

  conversationContract('PostgreSQL', async () => {
    const database = await postgres.freshDatabase()
    return {
      conversation: prismaConversation(database),
      outbox: prismaOutbox(database),
      clear: () => truncateAll(database),
      close: () => database.close(),
    }
  })
})
