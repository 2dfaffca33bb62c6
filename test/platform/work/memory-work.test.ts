import { workQueueContract } from '../../contracts/work-queue.ts'
import { memoryWork } from '../../fakes/memory-work.ts'

workQueueContract('memory', async () => {
  const store = memoryWork({ backoff: { base: 1, cap: 5 } })
  return {
    open: async () => store.another(),
    transaction: store.transaction,
    clear: async () => store.clear(),
    close: async () => {},
  }
})
