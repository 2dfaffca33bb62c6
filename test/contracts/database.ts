import { AsyncResource } from 'node:async_hooks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { isConflict, isRefusedByTrigger, uniqueViolation } from '../../src/platform/storage/errors.prisma.ts'
import { truncateAll } from '../support/database.ts'
import { until } from '../support/until.ts'

const at = new Date('2026-03-01T08:00:00.000Z')
const aTeam = (name: string) => ({ id: `team_${name}`, name, title: name, createdAt: at })
const anEntry = {
  at,
  actor: 'Lin',
  via: 'web:ops',
  verb: 'job:stop',
  subject: 'orders',
  decision: 'yes',
  requestId: 'r1',
}

/** What the code above may rely on, whether the database is embedded or a server. */
export function databaseContract(name: string, open: () => Promise<Database>): void {
  describe(`the database (${name})`, () => {
    let db: Database
    beforeAll(async () => {
      db = await open()
    })
    beforeEach(() => truncateAll(db))
    afterAll(() => db?.close())

    it('keeps what a transaction wrote, and nothing of one that threw', async () => {
      await db.transaction((tx) => tx.team.create({ data: aTeam('kept') }))
      const thrown = db.transaction(async (tx) => {
        await tx.team.create({ data: aTeam('lost') })
        throw new Error('changed my mind')
      })

      await expect(thrown).rejects.toThrow('changed my mind')
      expect(await names()).toEqual(['kept'])
    })

    it('names the constraint that a write ran into', async () => {
      await db.prisma.team.create({ data: aTeam('data') })

      const error = await db.prisma.team
        .create({ data: { ...aTeam('data'), id: 'team_2' } })
        .catch((e: unknown) => e)

      expect(uniqueViolation(error)).toBe('Team_name_key')
      expect(uniqueViolation(new Error('something else'))).toBeNull()
    })

    it('names the constraint for raw SQL, inside Prisma and beside it', async () => {
      const insert = `INSERT INTO "Team" (id, name, title, "createdAt") VALUES ('a', 'data', 'Data', now())`
      await db.sql(insert)

      const beside = await db.sql(insert).catch((e: unknown) => e)
      const inside = await db.prisma.$executeRawUnsafe(insert).catch((e: unknown) => e)

      expect(uniqueViolation(beside)).toBe('Team_pkey')
      expect(uniqueViolation(inside)).toBe('Team_pkey')
    })

    it('goes on behind a failed write that was wrapped in a savepoint', async () => {
      await db.prisma.team.create({ data: aTeam('data') })

      await db.transaction(async (tx) => {
        await tx.$transaction((inner) => inner.team.create({ data: aTeam('data') })).catch(() => {})
        await tx.team.create({ data: aTeam('ads') })
      })

      expect(await names()).toEqual(['ads', 'data'])
    })

    it('fails at once when the outer client is used inside a transaction', async () => {
      const wrong = db.transaction(() => db.prisma.team.count())
      await expect(wrong).rejects.toMatchObject({ code: 'outside-transaction' })

      const raw = db.transaction(() => db.sql('SELECT 1'))
      await expect(raw).rejects.toMatchObject({ code: 'outside-transaction' })

      const lent = db.transaction(async () => db.pool.connect())
      await expect(lent).rejects.toMatchObject({ code: 'outside-transaction' })

      const nested = db.transaction(() => db.transaction(async () => {}))
      await expect(nested).rejects.toMatchObject({ code: 'outside-transaction' })
    })

    it('lets others use the outer client in the same tick as a transaction its own', async () => {
      await db.prisma.team.create({ data: aTeam('data') })
      const one = { where: { name: 'data' } }
      const others = AsyncResource.bind(() => db.prisma.team.findUnique(one).then((found) => found?.name))

      const asked = await db.transaction(async (tx) => {
        const mine = tx.team.findUnique(one).then((found) => found?.name)
        const theirs = others()
        return { mine: await mine, theirs }
      })

      expect([asked.mine, await asked.theirs]).toEqual(['data', 'data'])
    })

    it('lets what a transaction left running use the outer client later', async () => {
      let commit = () => {}
      const committed = new Promise<void>((resolve) => {
        commit = resolve
      })
      let leftRunning: Promise<number> | null = null
      await db.transaction(async () => {
        leftRunning = committed.then(() => db.prisma.team.count())
      })
      commit()

      expect(await leftRunning).toBe(0)
    })

    it('acts after the commit, and never after a rollback', async () => {
      const seen: string[] = []
      await db.transaction(async (tx) => {
        db.afterCommit(tx, () => seen.push('committed'))
        expect(seen).toEqual([])
      })
      await db
        .transaction(async (tx) => {
          db.afterCommit(tx, () => seen.push('rolled back'))
          throw new Error('no')
        })
        .catch(() => {})

      expect(seen).toEqual(['committed'])
    })

    it('delivers notifications of committed transactions only, in order', async () => {
      const heard: string[] = []
      const stop = await db.listen('sluice_test', (payload) => heard.push(payload))
      await db.transaction((tx) => db.notify(tx, 'sluice_test', 'one'))
      await db
        .transaction(async (tx) => {
          await db.notify(tx, 'sluice_test', 'undone')
          throw new Error('no')
        })
        .catch(() => {})
      await db.transaction((tx) => db.notify(tx, 'sluice_test', 'two'))
      await until(async () => heard.length >= 2)

      await stop()
      await db.transaction((tx) => db.notify(tx, 'sluice_test', 'unheard'))

      expect(heard).toEqual(['one', 'two'])
    })

    it('counts every one of twenty increments at once', async () => {
      await db.prisma.signInThrottle.create({ data: { key: 'k', failures: 0, until: at } })

      const increment = () =>
        db.transaction(
          async (tx) => {
            const { failures } = await tx.signInThrottle.findUniqueOrThrow({ where: { key: 'k' } })
            await tx.signInThrottle.update({ where: { key: 'k' }, data: { failures: failures + 1 } })
          },
          { isolation: 'repeatable-read' },
        )
      await Promise.all(Array.from({ length: 20 }, increment))

      expect(await db.prisma.signInThrottle.findUnique({ where: { key: 'k' } })).toMatchObject({
        failures: 20,
      })
    })

    it('stores an instant as that instant, whoever reads it', async () => {
      await db.prisma.team.create({ data: aTeam('data') })

      const [row] = await db.sql<{ epoch: string }>(
        'SELECT extract(epoch FROM "createdAt")::bigint AS epoch FROM "Team"',
      )

      expect(Number(row?.epoch) * 1000).toBe(at.getTime())
    })

    it.each([
      'UPDATE "AuditEntry" SET actor = \'Mei\'',
      'DELETE FROM "AuditEntry"',
      'TRUNCATE "AuditEntry"',
    ])('refuses %s: audit entries are only ever added', async (statement) => {
      await db.prisma.auditEntry.create({ data: anEntry })

      const beside = await db.sql(statement).catch((e: unknown) => e)
      const inside = await db.prisma.$executeRawUnsafe(statement).catch((e: unknown) => e)

      expect([beside, inside].map(isRefusedByTrigger)).toEqual([true, true])
      expect(await db.prisma.auditEntry.count()).toBe(1)
    })

    it('does not take an ordinary error for a conflict', async () => {
      const error = await db.sql('SELECT * FROM nowhere').catch((e: unknown) => e)

      expect(isConflict(error)).toBe(false)
    })

    async function names(): Promise<string[]> {
      const teams = await db.prisma.team.findMany({ orderBy: { name: 'asc' } })
      return teams.map((team) => team.name)
    }
  })
}
