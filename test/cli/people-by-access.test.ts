import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/cli.ts'
import type { People } from '../../src/cli/people.ts'
import { peopleByAccess } from '../../src/cli/people-by-access.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { silentLog } from '../../src/lib/log.ts'
import { type Access, createAccess } from '../../src/platform/access/create-access.prisma.ts'
import { seedAccess } from '../../src/platform/access/seed-access.prisma.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { freshDatabase, truncateAll } from '../support/database.ts'
import { auditedIn } from '../support/stores.ts'

let database: Database
let access: Access
let people: People

beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

beforeEach(async () => {
  await truncateAll(database)
  await seedAccess(database)
  access = createAccess({ database, clock: systemClock, ids: randomIds, log: silentLog })
  people = peopleByAccess(access, { ids: randomIds, language: 'en', url: 'https://sluice.example.com' })
  await people.addMember({ name: 'lin', displayName: 'Lin' })
})

const token = { name: 'ci', verbs: [], teams: [], environments: [], days: 30 }

it('adds a member in the name of the member local, and the audit says so', async () => {
  const entries = await auditedIn(database)

  expect(entries.at(-1)).toMatchObject({
    actor: 'local',
    via: 'cli',
    subject: 'member lin',
    decision: 'done',
  })
})

it('makes a link by which the member signs in', async () => {
  const address = new URL(await people.signInLink('lin'))

  expect(`${address.origin}${address.pathname}`).toBe('https://sluice.example.com/sign-in')
  expect(await access.signInByCode(address.searchParams.get('code') ?? '', '127.0.0.1')).toMatchObject({
    ok: true,
    value: { member: { name: 'lin' } },
  })
})

it("makes a token with the member's own rights, not with those of whoever made it", async () => {
  await access
    .permitSluice('team:manage', { of: 'platform', what: 'x' }, 'req_1')
    .then((permit) => access.createTeam(permit, { name: 'data', title: 'Data' }))
  await people.setRole({ team: 'data', member: 'lin', role: 'lead' })

  const { secret, member } = await people.createToken({ ...token, verbs: ['job:view'] }, 'lin')

  expect(member).toBe('lin')
  expect(await access.byToken(secret)).toMatchObject({
    ok: true,
    value: { member: { name: 'lin', isAdmin: false }, token: { verbs: ['job:view'] } },
  })
  await expect(people.createToken({ ...token, verbs: ['member:manage'] }, 'lin')).rejects.toMatchObject({
    exit: EXIT.notDone,
  })
})

const refused: [string, (people: People) => Promise<unknown>, string][] = [
  ['a name that is taken', (each) => each.addMember({ name: 'LIN', displayName: 'L' }), 'LIN'],
  ['a name that cannot be one', (each) => each.addMember({ name: 'a b', displayName: 'L' }), 'a b'],
  ['an unknown team', (each) => each.demandRole('nowhere', 'lead'), 'nowhere'],
  ['a link for nobody', (each) => each.signInLink('lni'), 'Did you mean lin?'],
  ['a token for nobody', (each) => each.createToken(token, 'lni'), 'Did you mean lin?'],
  [
    'a token for an unknown team',
    (each) => each.createToken({ ...token, teams: ['nowhere'] }, null),
    'nowhere',
  ],
  [
    'a token for an unknown environment',
    (each) => each.createToken({ ...token, environments: ['moon'] }, null),
    'moon',
  ],
]
it.each(refused)('refuses %s with a sentence', async (_, act, says) => {
  const refusal = await act(people).then(
    () => null,
    (error: unknown) => error,
  )

  expect(refusal).toMatchObject({ name: 'Refusal', exit: EXIT.notDone })
  expect(String(refusal)).toContain(says)
})
