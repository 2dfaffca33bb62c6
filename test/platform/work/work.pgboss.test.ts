import { workQueueContract } from '../../contracts/work-queue.ts'
import { freshDatabase } from '../../support/database.ts'
import { queueOn } from '../../support/work.ts'

workQueueContract('embedded database', async () => queueOn(await freshDatabase()))
