import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomIds } from '../../../src/lib/ids.ts'
import type { Permit } from '../../../src/platform/access/access.ts'
import { SLUICE } from '../../../src/platform/access/sluice-member.ts'
import { createSilences } from '../../../src/platform/alerts/silences.ts'
import type { Database } from '../../../src/platform/storage/database.prisma.ts'
import { freshDatabase } from '../../support/database.ts'
import { storesOn } from '../../support/stores.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

it('a silence ends now, however long it takes to get there', async () => {
  let at = Date.parse('2026-11-27T02:13:00Z')
  // Time goes on between any two looks at it.
  const clock = { now: () => (at += 5), sleep: async () => {} }
  const by = { member: SLUICE, via: 'test', token: null, requestId: 'req_1' }
  // Nobody but this use case looks at it.
  const permit = { by, verb: 'alert:silence' } as unknown as Permit<'alert:silence'>
  const silences = createSilences({
    ...storesOn(database, clock),
    clock,
    ids: randomIds,
    teamName: async () => '',
  })
  const made = await silences.create(permit, {
    ...{ matchers: [{ name: 'job', op: '=', value: 'orders-cdc' }], comment: '', chatId: null },
    ...{ startsAt: at, endsAt: at + 3_600_000 },
  })
  if (!made.ok) throw new Error(made.why.of)

  const ended = await silences.expire(permit, made.value.id)

  expect(ended).toMatchObject({ ok: true, value: { state: 'expired' } })
  expect(await silences.expire(permit, made.value.id)).toMatchObject({ ok: false, why: { of: 'over' } })
})
