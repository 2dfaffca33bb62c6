import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { announceServer } from '../../src/cli/announce.file.ts'
import { byLocal, firstAdminCode, localMember } from '../../src/cli/local-member.ts'
import { readServerFile } from '../../src/cli/server-file.file.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { silentLog } from '../../src/lib/log.ts'
import { type Access, createAccess } from '../../src/platform/access/create-access.prisma.ts'
import { seedAccess } from '../../src/platform/access/seed-access.prisma.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { type SteeredClock, steeredClock } from '../fakes/steered-clock.ts'
import { freshDatabase, truncateAll } from '../support/database.ts'
import { until } from '../support/until.ts'

let database: Database
let clock: SteeredClock
let access: Access
let home = ''
const ids = randomIds

beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

beforeEach(async () => {
  await truncateAll(database)
  await seedAccess(database)
  clock = steeredClock()
  access = createAccess({ database, clock, ids, log: silentLog })
  home = mkdtempSync(join(tmpdir(), 'sluice-announce-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const announce = () =>
  announceServer({ access, home, url: 'http://127.0.0.1:8080', clock, ids, log: silentLog })

async function tokenOfFile(): Promise<string> {
  return (await readServerFile(home))?.token ?? ''
}

describe('server.json', () => {
  it('holds a token of the member local, who may do everything', async () => {
    const announcement = await announce()

    const known = await access.byToken(await tokenOfFile())

    expect(known).toMatchObject({ ok: true, value: { member: { name: 'local', isAdmin: true } } })
    await announcement.stop()
  })

  it('gets another token before the day of the first one is over', async () => {
    const announcement = await announce()
    const first = await tokenOfFile()

    clock.pass(12 * 3_600_000)
    await until(async () => (await tokenOfFile()) !== first && !(await access.byToken(first)).ok)
    clock.pass(12 * 3_600_000 + 1)

    expect(await access.byToken(await tokenOfFile())).toMatchObject({ ok: true })
    await announcement.stop()
  })

  it('goes with the server, and its token with it', async () => {
    const announcement = await announce()
    const token = await tokenOfFile()

    await announcement.stop()

    expect(await readServerFile(home)).toBeNull()
    expect(await access.byToken(token)).toEqual({ ok: false, why: 'revoked' })
  })

  it('is not written once an admin has disabled the member local', async () => {
    await firstAdminCode(access, { ids, language: 'en' })
    const asked = await access.permit(await byLocal(access, ids), 'member:manage', {
      of: 'platform',
      what: 'x',
    })
    if (!asked.ok) throw new Error('refused')
    await access.disableMember(asked.permit, 'local', true)

    const announcement = await announce()

    expect(await readServerFile(home)).toBeNull()
    await announcement.stop()
  })
})

describe('a new installation', () => {
  it('makes one admin, who signs in by the link once', async () => {
    await localMember(access, ids)

    const code = await firstAdminCode(access, { ids, language: 'zh' })

    expect(await access.signInByCode(code ?? '', '127.0.0.1')).toMatchObject({
      ok: true,
      value: { member: { name: 'admin', isAdmin: true, language: 'zh' } },
    })
    expect(await access.signInByCode(code ?? '', '127.0.0.1')).toEqual({ ok: false, why: 'used' })
  })

  it('makes no other admin at the next start', async () => {
    await firstAdminCode(access, { ids, language: 'zh' })
    expect(await firstAdminCode(access, { ids, language: 'zh' })).toBeNull()
  })
})

it('sends nobody who may not do something to the member local', async () => {
  await firstAdminCode(access, { ids, language: 'en' })
  const by = await byLocal(access, ids)
  const asked = await access.permit(by, 'member:manage', { of: 'platform', what: 'members' })
  if (!asked.ok) throw new Error('refused')
  await access.addMember(asked.permit, { name: 'lin', displayName: 'Lin' })
  const member = await access.memberByName('lin')
  if (!member) throw new Error('not there')

  const refused = await access.permit({ ...by, member }, 'cluster:manage', { of: 'platform', what: 'x' })

  expect(refused).toMatchObject({ ok: false, whoCan: [{ name: 'admin', displayName: 'admin' }] })
})
