import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createIdempotency, type Sent } from '../../src/api/idempotency.ts'
import { createIdempotencyStore } from '../../src/api/idempotency-store.prisma.ts'
import type { IdempotencyStore } from '../../src/api/ports.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { steeredClock } from '../fakes/steered-clock.ts'
import { freshDatabase } from '../support/database.ts'

let database: Database
let store: IdempotencyStore
beforeAll(async () => {
  database = await freshDatabase()
  store = createIdempotencyStore(database.prisma)
})
afterAll(() => database.close())

const MINUTE = 60_000
const created: Sent = { status: 201, headers: { Location: '/x' }, body: '{"secret":"slu_hunter2"}' }

function aKey(key: string, request = 'post /tokens') {
  return { memberId: 'mem_lin', key, request }
}

describe('answers kept under a key', () => {
  it('are given again, and cannot be read in the database', async () => {
    const idempotency = createIdempotency({ store, secret: 'secret', clock: steeredClock() })

    const first = await idempotency.once(aKey('a'), async () => created)
    const second = await idempotency.once(aKey('a'), async () => {
      throw new Error('not again')
    })

    expect([first.replayed, second.replayed]).toEqual([false, true])
    expect(second).toMatchObject(created)
    expect(JSON.stringify(await database.prisma.idempotencyKey.findMany())).not.toMatch(
      /hunter2|mem_lin|tokens/,
    )
  })

  it('are not kept of what broke on our side: the key may be used again', async () => {
    const idempotency = createIdempotency({ store, secret: 'secret', clock: steeredClock() })
    const broken = { ...created, status: 500 }

    await idempotency.once(aKey('b'), async () => broken)
    await expect(idempotency.once(aKey('b'), () => Promise.reject(new Error('gone')))).rejects.toThrow('gone')

    expect((await idempotency.once(aKey('b'), async () => created)).status).toBe(201)
  })

  it('belong to a claim: one that nobody answers is waited for, then refused, then taken over', async () => {
    const clock = steeredClock()
    const idempotency = createIdempotency({ store, secret: 'secret', clock })
    void idempotency.once(aKey('c'), () => new Promise(() => {}))
    await claimed()

    const refused = idempotency.once(aKey('c'), async () => created)
    const outcome = refused.then(
      () => 'answered',
      (error: { kind: string }) => error.kind,
    )
    let settled = false
    void outcome.then(() => {
      settled = true
    })
    while (!settled) {
      clock.pass(100)
      await new Promise((resolve) => setImmediate(resolve))
    }

    expect(await outcome).toBe('key-running')
    clock.pass(6 * MINUTE)
    expect((await idempotency.once(aKey('c'), async () => created)).replayed).toBe(false)
  })

  it('are forgotten after a day', async () => {
    const clock = steeredClock()
    const idempotency = createIdempotency({ store, secret: 'secret', clock })
    await idempotency.once(aKey('d'), async () => created)

    clock.pass(23 * 60 * MINUTE)
    await idempotency.forgetOld()
    expect((await idempotency.once(aKey('d'), async () => created)).replayed).toBe(true)

    clock.pass(2 * 60 * MINUTE)
    await idempotency.forgetOld()
    expect((await idempotency.once(aKey('d'), async () => created)).replayed).toBe(false)
  })
})

/** The claim of the first request stands in the database. */
async function claimed(): Promise<void> {
  for (;;) {
    if ((await database.prisma.idempotencyKey.count({ where: { status: null } })) > 0) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}
