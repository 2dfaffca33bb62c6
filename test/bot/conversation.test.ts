import { prismaConversation } from '../../src/bot/conversation.prisma.ts'
import { conversationContract } from '../contracts/conversation.ts'
import { memoryConversation } from '../fakes/conversation.ts'
import { freshDatabase, truncateAll } from '../support/database.ts'

conversationContract('memory', async () => {
  const harness = {
    conversation: memoryConversation(),
    async clear() {
      harness.conversation = memoryConversation()
    },
    async close() {},
  }
  return harness
})

conversationContract('the embedded database', async () => {
  const database = await freshDatabase()
  return {
    conversation: prismaConversation(database),
    clear: () => truncateAll(database),
    close: () => database.close(),
  }
})
