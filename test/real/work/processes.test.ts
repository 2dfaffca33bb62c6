import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { randomIds } from '../../../src/lib/ids.ts'
import { silentLog } from '../../../src/lib/log.ts'
import { type Database, openDatabase } from '../../../src/platform/storage/database.prisma.ts'
import { migrate } from '../../../src/platform/storage/migrate.prisma.ts'
import { outsideTransactionScope } from '../../../src/platform/storage/transaction-scope.ts'
import { openWorkQueue } from '../../../src/platform/work/work.pgboss.ts'
import { type Handlers, WORK_KINDS, type Work, type WorkQueue } from '../../../src/platform/work/work.ts'
import { kill, startWorkProcess } from '../../support/child.ts'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../../support/postgres.ts'
import { until } from '../../support/until.ts'

const missing = postgresMissing()

describe.skipIf(missing !== null)(
  `the queue of several processes${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let postgres: PrivatePostgres
    const closing: (() => Promise<void>)[] = []
    beforeAll(async () => {
      postgres = await startPostgres()
    })
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close()
    })
    afterAll(() => postgres?.stop())

    async function aProcess(url: string): Promise<{ database: Database; queue: WorkQueue }> {
      const database = await openDatabase({ is: 'server', url }, silentLog)
      closing.push(() => database.close())
      await migrate(database, silentLog)
      const parts = { clock: systemClock, ids: randomIds, random: Math.random, log: silentLog }
      const queue = await openWorkQueue({ database, ...parts, life: 1_000 })
      closing.push(() => queue.stop(0))
      return { database, queue }
    }

    it('makes its tables once when all start together', async () => {
      const url = await postgres.emptyDatabase()

      const all = await Promise.all([aProcess(url), aProcess(url), aProcess(url)])

      const depths = await Promise.all(all.map(({ queue }) => queue.depth()))
      const kinds = Object.keys(WORK_KINDS).sort()
      for (const depth of depths) expect(depth.map(({ kind }) => kind).sort()).toEqual(kinds)
    })

    it('does in one process what another sent, each entry once', async () => {
      const url = await postgres.emptyDatabase()
      const [sender, ...workers] = [await aProcess(url), await aProcess(url), await aProcess(url)]
      const done: string[] = []
      for (const { queue } of workers)
        await queue.start(handlers(async (work) => void done.push(nameOf(work))))

      const names = Array.from({ length: 60 }, (_, index) => `s${index}`)
      await Promise.all(
        names.map((subject) =>
          sender.database.transaction((tx) => sender.queue.send(tx, { kind: 'show', subject })),
        ),
      )
      await until(() => done.length >= 60)
      await until(async () =>
        (await sender.queue.depth()).every(({ waiting, running }) => waiting + running === 0),
      )

      expect(done.sort()).toEqual(names.sort())
    })

    it('takes over what a killed process had begun, soon and not before', async () => {
      const url = await postgres.emptyDatabase()
      const { queue } = await aProcess(url)
      const child = await startWorkProcess({ is: 'server', url })
      closing.push(() => kill(child))
      const tries: number[] = []
      await queue.start(handlers(async (_, context) => void tries.push(context.try)))
      expect(tries).toEqual([])

      await kill(child)
      await until(() => tries.length === 1)

      expect(tries).toEqual([2])
    })

    it('does not begin a waiting entry before the commit of a sender who joined it', async () => {
      const url = await postgres.emptyDatabase()
      const { database, queue } = await aProcess(url)
      const show = (subject: string): Work => ({ kind: 'show', subject })
      const done: string[] = []
      await database.transaction((tx) => queue.send(tx, show('shared'), { key: 'shared' }))

      await database.transaction(async (tx) => {
        await queue.send(tx, show('shared'), { key: 'shared' })
        // From here on another connection works on the queue, as another process would.
        const other = await outsideTransactionScope(() => aProcess(url))
        await outsideTransactionScope(() =>
          other.queue.start(handlers(async (work) => void done.push(nameOf(work)))),
        )
        await outsideTransactionScope(() =>
          other.database.transaction((theirs) => other.queue.send(theirs, show('of others'))),
        )
        await until(() => done.length === 1)
        expect(done).toEqual(['of others'])
      })
      await until(() => done.length === 2)

      expect(done).toEqual(['of others', 'shared'])
    })
  },
)

function handlers(handle: (work: Work, context: { try: number }) => Promise<void>): Handlers {
  return {
    'run-operation': handle,
    show: handle,
    'expire-approval': handle,
    'restart-by-policy': handle,
    tell: handle,
  }
}

function nameOf(work: Work): string {
  return work.kind === 'show' ? work.subject : work.kind
}
