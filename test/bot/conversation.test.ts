import { prismaConversation } from '../../src/bot/conversation.prisma.ts'
import { prismaOutbox } from '../../src/bot/delivery/outbox.prisma.ts'
import { conversationContract } from '../contracts/conversation.ts'
import { memoryConversation } from '../fakes/conversation.ts'
import { memoryOutbox } from '../fakes/outbox.ts'
import { freshDatabase, truncateAll } from '../support/database.ts'

conversationContract('memory', async () => {
  const open = () => {
    const outbox = memoryOutbox()
    return { outbox, conversation: memoryConversation(outbox) }
  }
  const harness = {
    ...open(),
    clear: async () => void Object.assign(harness, open()),
    async close() {},
  }
  return harness
})

conversationContract('the embedded database', async () => {
  const database = await freshDatabase()
  return {
    conversation: prismaConversation(database),
    outbox: prismaOutbox(database),
    clear: () => truncateAll(database),
    close: () => database.close(),
  }
})
