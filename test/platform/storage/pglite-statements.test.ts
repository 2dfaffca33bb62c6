import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PGlitePool } from '../../../src/platform/storage/pglite-pool.prisma.ts'

describe('statements on the embedded database', () => {
  let db: PGlite
  let pool: PGlitePool
  const ask = async (text: string, ...values: unknown[]) => (await pool.run({ text, values })).rows

  beforeAll(async () => {
    db = await PGlite.create()
    pool = new PGlitePool(db)
    await pool.run(
      'CREATE TABLE job (id int PRIMARY KEY, name text, at timestamptz, tags text[], detail jsonb, big bigint)',
    )
  })
  afterAll(() => db.close())

  const kept = async () =>
    Number((await db.query<{ n: number }>('SELECT count(*) AS n FROM pg_prepared_statements')).rows[0]?.n)

  it('take and give every kind of value as a driver does', async () => {
    const at = new Date('2026-03-01T08:00:00.123Z')
    const values = [1, "o'hara", at, ['a,b', '"c"', null], { is: 'running' }, 9_007_199_254_740_993n]

    await ask('INSERT INTO job VALUES ($1, $2, $3, $4, $5, $6)', ...values)

    expect(await ask('SELECT * FROM job WHERE id = $1', 1)).toEqual([
      {
        id: 1,
        name: "o'hara",
        at,
        tags: ['a,b', '"c"', null],
        detail: { is: 'running' },
        big: '9007199254740993',
      },
    ])
    expect(
      await ask(
        'SELECT $1::text AS nothing, $2::bytea AS bytes, $3::boolean AS yes',
        null,
        new Uint8Array([0, 255]),
        true,
      ),
    ).toEqual([{ nothing: null, bytes: Buffer.from([0, 255]), yes: true }])
  })

  it('tell how many rows they changed', async () => {
    const changed = await pool.run({ text: 'UPDATE job SET name = $1 WHERE id = $2', values: ['x', 1] })
    const missed = await pool.run({ text: 'UPDATE job SET name = $1 WHERE id = $2', values: ['x', 404] })

    expect([changed, missed].map(({ command, rowCount }) => [command, rowCount])).toEqual([
      ['UPDATE', 1],
      ['UPDATE', 0],
    ])
  })

  it('are prepared once for the same text', async () => {
    await ask('SELECT $1::int + 1 AS n', 1)
    const before = await kept()

    for (let n = 0; n < 20; n++) expect(await ask('SELECT $1::int + 1 AS n', n)).toEqual([{ n: n + 1 }])

    expect(await kept()).toBe(before)
  })

  it('are planned anew after a thousand uses', async () => {
    const text = 'SELECT $1::int + 2 AS n'
    await ask(text, 1)
    const named = async () =>
      (
        await db.query<{ name: string }>('SELECT name FROM pg_prepared_statements WHERE statement = $1', [
          text,
        ])
      ).rows
    const first = await named()

    for (let n = 0; n < 1_000; n++) await ask(text, n)

    const later = await named()
    expect(later).toHaveLength(1)
    expect(later).not.toEqual(first)
  })

  it('are forgotten, the one not used for longest first, when there are too many', async () => {
    for (let n = 0; n < 450; n++) expect(await ask(`SELECT $1::int + ${n} AS n`, 1)).toEqual([{ n: n + 1 }])

    expect(await kept()).toBeLessThanOrEqual(200)
    expect(await ask('SELECT $1::int + 0 AS n', 1)).toEqual([{ n: 1 }])
  })

  it('leave the session usable when they fail, at first and at later uses', async () => {
    const insert = 'INSERT INTO job (id) VALUES ($1)'
    await ask(insert, 2)

    await expect(ask(insert, 2)).rejects.toMatchObject({ code: '23505', constraint: 'job_pkey' })
    await expect(ask('SELECT nonsense($1)', 2)).rejects.toMatchObject({ code: '42883' })
    await expect(ask('SELECT $1::int', 'no number')).rejects.toMatchObject({ code: '22P02' })
    expect(await ask('SELECT id FROM job WHERE id = $1', 2)).toEqual([{ id: 2 }])
  })

  it('say nothing of their values when they fail: a value may be a secret', async () => {
    const failed = await ask('INSERT INTO job (id, name) VALUES ($1, $2)', 2, 'hunter2').catch(
      (error: unknown) => error,
    )

    expect(JSON.stringify(failed, Object.getOwnPropertyNames(failed))).not.toContain('hunter2')
  })

  it('see the table as it is after it was changed', async () => {
    const text = 'SELECT * FROM job WHERE id = $1'
    await ask(text, 2)

    await pool.run('ALTER TABLE job ADD COLUMN note text; ALTER TABLE job DROP COLUMN tags')

    expect(Object.keys((await ask(text, 2))[0] as object)).toEqual([
      'id',
      'name',
      'at',
      'detail',
      'big',
      'note',
    ])
  })

  it('refuse when the database is closed', async () => {
    const other = await PGlite.create()
    const closed = new PGlitePool(other)
    await other.close()

    await expect(closed.run({ text: 'SELECT $1::int', values: [1] })).rejects.toThrow(/closed/)
  })
})
