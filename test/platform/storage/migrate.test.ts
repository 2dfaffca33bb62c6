import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { schemaSql } from '../../../scripts/schema-sql.mjs'
import { silentLog } from '../../../src/lib/log.ts'
import type { Database } from '../../../src/platform/storage/database.prisma.ts'
import { migrate, readMigrations } from '../../../src/platform/storage/migrate.prisma.ts'
import { freshDatabase } from '../../support/database.ts'

const migrations = readMigrations()
const prisma = join(import.meta.dirname, '../../../prisma')
const schema = readFileSync(join(prisma, 'schema.prisma'), 'utf8')

// Opening one is dear, so all tests share one, and each begins by emptying it to the ground.
let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
beforeEach(() => database.sql('DROP SCHEMA public CASCADE; CREATE SCHEMA public'))
afterAll(() => database?.close())

describe('migrations', () => {
  it('lead from an empty database to the schema, and then have nothing left to do', async () => {
    expect(await migrate(database, silentLog)).toEqual({ applied: migrations.map(({ name }) => name) })

    expect(await migrate(database, silentLog)).toEqual({ applied: [] })
    expect(await database.prisma.job.count()).toBe(0)
  })

  it.each(
    migrations.map(({ name }, index) => [name, index + 1] as const),
  )('lead on from where %s left the database', async (_, count) => {
    await migrate(database, silentLog)
    const whole = await shape()
    await database.sql('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    await migrate(database, silentLog, migrations.slice(0, count))

    const { applied } = await migrate(database, silentLog)

    expect(applied).toEqual(migrations.slice(count).map(({ name }) => name))
    expect(await shape()).toEqual(whole)
  })

  it('keep people, their accounts and their chats as they were before vendors’ chats', async () => {
    await migrate(database, silentLog, migrations.slice(0, 1))
    await database.sql(`
      INSERT INTO "Member" ("id", "name", "displayName", "email", "createdAt") VALUES ('mem_1', 'lin', 'Lin', 'lin@example.com', now());
      INSERT INTO "Account" ("id", "vendor", "externalId", "displayName", "memberId", "createdAt") VALUES ('acc_1', 'web', 'lin', 'Lin', 'mem_1', now());
      INSERT INTO "Chat" ("id", "vendor", "title", "language", "createdAt") VALUES ('web:ops', 'web', 'Operations', 'en', now());`)

    await migrate(database, silentLog)

    const { member, account, chat } = database.prisma
    expect(await member.findFirst()).toMatchObject({ email: 'lin@example.com', staffNumber: null })
    expect(await account.findFirst()).toMatchObject({ memberId: 'mem_1', leftAt: null })
    const usual = { environments: [], direct: false, readOnly: false, openly: false, leftAt: null }
    expect(await chat.findFirst()).toMatchObject({ title: 'Operations', language: 'en', ...usual })
  })

  it('make exactly the tables that the Prisma schema describes', async () => {
    await migrate(database, silentLog)
    const ours = await columns()
    await database.sql('DROP SCHEMA public CASCADE')

    await database.sql(await schemaSql(null, schema))

    expect(ours.filter((line) => !line.startsWith('schema_migration.'))).toEqual(await columns())
  })

  it('end in the schema as it is now; run scripts/make-migration.mjs when they do not', async () => {
    const last = readdirSync(join(prisma, 'migrations')).sort().at(-1) ?? ''

    expect(
      await schemaSql(readFileSync(join(prisma, 'migrations', last, 'schema.prisma'), 'utf8'), schema),
    ).toBe('')
  })

  it('happen once when several processes start together', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => migrate(database, silentLog)))

    expect(runs.flatMap(({ applied }) => applied)).toEqual(migrations.map(({ name }) => name))
  })

  it('leave nothing of one that fails', async () => {
    const broken = { name: '0002_broken', sql: 'CREATE TABLE half (id int); SELECT * FROM nowhere;' }

    await expect(migrate(database, silentLog, [...migrations, broken])).rejects.toThrow(/nowhere/)

    const rows = await database.sql(
      `SELECT to_regclass('half') AS half, count(*)::int AS applied FROM schema_migration`,
    )
    expect(rows).toEqual([{ half: null, applied: migrations.length }])
  })

  it('refuse a database that a newer Sluice has changed', async () => {
    await migrate(database, silentLog, [...migrations, { name: '9999_future', sql: 'SELECT 1' }])

    await expect(migrate(database, silentLog)).rejects.toMatchObject({
      code: 'newer-schema',
      facts: { migration: '9999_future' },
    })
  })

  it('refuse to go on when an applied one was edited, line ends aside', async () => {
    await migrate(database, silentLog)
    const windows = migrations.map(({ name, sql }) => ({ name, sql: sql.replaceAll('\n', '\r\n') }))
    const edited = migrations.map(({ name, sql }) => ({ name, sql: `${sql}\n-- a thought` }))

    expect(await migrate(database, silentLog, windows)).toEqual({ applied: [] })
    await expect(migrate(database, silentLog, edited)).rejects.toMatchObject({ code: 'changed-migration' })
  })
})

async function columns(): Promise<string[]> {
  const rows = await database.sql<{ line: string }>(
    `SELECT format('%s.%s %s null=%s default=%s', table_name, column_name, data_type || coalesce(datetime_precision::text, ''), is_nullable, column_default) AS line
     FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1`,
  )
  return rows.map(({ line }) => line)
}

async function shape(): Promise<string[]> {
  const rows = await database.sql<{ line: string }>(
    `SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public'
     UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
     UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1`,
  )
  return [...(await columns()), ...rows.map(({ line }) => line)]
}
