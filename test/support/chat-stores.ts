import { prismaConversation } from '../../src/bot/conversation.prisma.ts'
import { prismaKeptPresses } from '../../src/bot/delivery/kept-presses.prisma.ts'
import { prismaOutbox } from '../../src/bot/delivery/outbox.prisma.ts'
import { prismaInboxEvents } from '../../src/bot/inbox/inbox-events.prisma.ts'
import { createSeal } from '../../src/lib/seal.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { chatSetupsContract } from '../contracts/chat-setups.ts'
import { inboxEventsContract } from '../contracts/inbox-events.ts'
import { keptPressesContract } from '../contracts/kept-presses.ts'
import { outboxContract } from '../contracts/outbox.ts'
import { steeredClock } from '../fakes/steered-clock.ts'
import { truncateAll } from './database.ts'

/** What vendors' chats keep, as the contracts want it, on one database: opening several would only cost time. */
export function chatStoresOn(name: string, open: () => Promise<Database>): void {
  let opened: Promise<Database> | undefined
  let contracts = 4
  const database = () => {
    opened ??= open()
    return opened
  }
  const life = (on: Database) => ({
    clear: () => truncateAll(on),
    async close() {
      contracts--
      if (contracts === 0) await on.close()
    },
  })

  outboxContract(name, async () => {
    const on = await database()
    return { outbox: prismaOutbox(on), conversation: prismaConversation(on), ...life(on) }
  })
  inboxEventsContract(name, async () => {
    const on = await database()
    const seal = createSeal('a secret that is long enough for tests', 'events')
    return {
      as: (worker) => prismaInboxEvents(on, { seal, worker }),
      resting: async () => JSON.stringify(await on.sql('SELECT * FROM "InboxEvent"')),
      ...life(on),
    }
  })
  chatSetupsContract(name, async () => {
    const on = await database()
    return { database: on, ...life(on) }
  })
  keptPressesContract(name, async () => {
    const on = await database()
    const clock = steeredClock()
    return { presses: prismaKeptPresses(on, clock), clock, ...life(on) }
  })
}
