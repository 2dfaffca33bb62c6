import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLog } from '../../../src/lib/log.ts'
import { type Database, openDatabase } from '../../../src/platform/storage/database.prisma.ts'
import { migrate, readMigrations } from '../../../src/platform/storage/migrate.prisma.ts'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../../support/postgres.ts'
import { until } from '../../support/until.ts'

const missing = postgresMissing()

describe.skipIf(missing !== null)(`PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let postgres: PrivatePostgres
  const opened: Database[] = []
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()))
    postgres?.stop()
  })

  async function open(url: string): Promise<Database> {
    const database = await openDatabase({ is: 'server', url }, silentLog)
    opened.push(database)
    return database
  }

  it('is migrated once by several processes that start together', async () => {
    const url = await postgres.emptyDatabase()
    const processes = await Promise.all([open(url), open(url), open(url), open(url)])

    const runs = await Promise.all(processes.map((database) => migrate(database, silentLog)))

    expect(runs.flatMap(({ applied }) => applied).sort()).toEqual(readMigrations().map(({ name }) => name))
  })

  it('carries messages from one process to another', async () => {
    const url = await postgres.emptyDatabase()
    const [speaker, hearer] = [await open(url), await open(url)]
    const heard: string[] = []
    await hearer.listen('sluice_test', (payload) => heard.push(payload))

    await speaker.transaction((tx) => speaker.notify(tx, 'sluice_test', 'hello'))

    await until(() => heard.length === 1)
  })

  it('is listened to again after every connection broke', async () => {
    const url = await postgres.emptyDatabase()
    const database = await open(url)
    const heard: string[] = []
    await database.listen('sluice_test', (payload) => heard.push(payload))

    postgres.cutConnections(url)
    await until(async () => {
      await database.transaction((tx) => database.notify(tx, 'sluice_test', 'again')).catch(() => {})
      return heard.length > 0
    })

    expect(heard[0]).toBe('again')
  })

  it('resolves a deadlock by trying again', async () => {
    const url = await postgres.emptyDatabase()
    const database = await open(url)
    await migrate(database, silentLog)
    const until = new Date()
    await database.prisma.signInThrottle.createMany({
      data: ['a', 'b'].map((key) => ({ key, failures: 0, until })),
    })
    let tries = 0
    const increment = (...keys: string[]) =>
      database.transaction(async (tx) => {
        tries++
        for (const key of keys) {
          await tx.signInThrottle.update({ where: { key }, data: { failures: { increment: 1 } } })
          await bothAreIn()
        }
      })
    let arrived = 0
    let goOn = () => {}
    const met = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const bothAreIn = () => {
      if (++arrived >= 2) goOn()
      return met
    }

    await Promise.all([increment('a', 'b'), increment('b', 'a')])

    const rows = await database.prisma.signInThrottle.findMany()
    expect(rows.map(({ failures }) => failures)).toEqual([2, 2])
    expect(tries).toBe(3)
  })
})
