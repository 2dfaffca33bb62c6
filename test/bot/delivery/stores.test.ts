import { inboxEventsContract } from '../../contracts/inbox-events.ts'
import { keptPressesContract } from '../../contracts/kept-presses.ts'
import { outboxContract } from '../../contracts/outbox.ts'
import { memoryConversation } from '../../fakes/conversation.ts'
import { memoryInboxEvents } from '../../fakes/inbox-events.ts'
import { memoryKeptPresses, memoryOutbox } from '../../fakes/outbox.ts'
import { steeredClock } from '../../fakes/steered-clock.ts'
import { chatStoresOn } from '../../support/chat-stores.ts'
import { freshDatabase } from '../../support/database.ts'

chatStoresOn('the embedded database', freshDatabase)

outboxContract('memory', async () => {
  const open = () => {
    const outbox = memoryOutbox()
    return { outbox, conversation: memoryConversation(outbox) }
  }
  const harness = {
    ...open(),
    clear: async () => void Object.assign(harness, open()),
    close: async () => {},
  }
  return harness
})

inboxEventsContract('memory', async () => {
  const events = memoryInboxEvents()
  return { as: events.as, clear: async () => events.clear(), close: async () => {} }
})

keptPressesContract('memory', async () => {
  const clock = steeredClock()
  const harness = {
    ...{ presses: memoryKeptPresses(clock), clock },
    clear: async () => void Object.assign(harness, { presses: memoryKeptPresses(clock) }),
    close: async () => {},
  }
  return harness
})
