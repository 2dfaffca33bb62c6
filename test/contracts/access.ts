import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { randomIds } from '../../src/lib/ids.ts'
import { silentLog } from '../../src/lib/log.ts'
import type {
  By,
  Member,
  Permit,
  Subject,
  TeamId,
  TokenScope,
  Verb,
} from '../../src/platform/access/access.ts'
import { type Access, createAccess } from '../../src/platform/access/create-access.prisma.ts'
import type { Passwords } from '../../src/platform/access/passwords.ts'
import { seedAccess } from '../../src/platform/access/seed-access.prisma.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { type SteeredClock, steeredClock } from '../fakes/steered-clock.ts'
import { truncateAll } from '../support/database.ts'
import { until } from '../support/until.ts'

const PLATFORM: Subject = { of: 'platform', what: 'platform' }
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Scrypt itself is tested beside its code; here it would only cost seconds. */
const quickPasswords: Passwords = {
  hash: async (password) => `quick ${password}`,
  matches: async (password, stored) => stored === `quick ${password}`,
}

/** What access promises on either database. */
export function accessContract(name: string, open: () => Promise<Database>): void {
  let database: Database
  let clock: SteeredClock
  let access: Access

  const anAccess = () =>
    createAccess({ database, clock, ids: randomIds, log: silentLog, passwords: quickPasswords })

  beforeAll(async () => {
    database = await open()
  })
  beforeEach(async () => {
    await truncateAll(database)
    await seedAccess(database)
    clock = steeredClock()
    access = anAccess()
  })
  afterAll(() => database?.close())

  // --- a small company --------------------------------------------------------------------------------------------

  const sluice = <V extends Verb>(verb: V) => access.permitSluice(verb, PLATFORM, 'req_seed')

  async function aMember(
    memberName: string,
    roles: Record<string, string> = {},
    admin = false,
  ): Promise<Member> {
    const displayName = memberName[0]?.toUpperCase() + memberName.slice(1)
    await access.addMember(await sluice('member:manage'), { name: memberName, displayName, admin })
    for (const [team, role] of Object.entries(roles)) {
      const change = { team, member: memberName, role }
      expect(await access.setRole(await sluice('team:manage'), change)).toMatchObject({ ok: true })
    }
    return mustBe(await access.memberByName(memberName))
  }

  async function aTeam(teamName: string): Promise<Subject & { of: 'team' }> {
    const made = await access.createTeam(await sluice('team:manage'), { name: teamName, title: teamName })
    if (!made.ok) throw new Error(made.why)
    return { of: 'team', team: made.value.id as TeamId, environment: 'prod', job: null }
  }

  const by = (member: Member, token: TokenScope | null = null): By => ({
    member,
    via: token ? `api:${token.tokenId}` : 'web:ops',
    token,
    requestId: 'req_1',
  })

  async function permitted<V extends Verb>(who: By, verb: V, subject: Subject): Promise<Permit<V>> {
    const asked = await access.permit(who, verb, subject)
    if (!asked.ok) throw new Error(`Refused: ${JSON.stringify(asked.because)}`)
    return asked.permit
  }

  async function aToken(who: By, draft: Partial<Parameters<Access['createToken']>[1]> = {}) {
    const permit = await permitted(who, 'token:create', PLATFORM)
    const made = await access.createToken(permit, { name: 'ci', verbs: [], days: 30, ...draft })
    if (!made.ok) throw new Error(made.why)
    const used = await access.byToken(made.value.secret)
    if (!used.ok) throw new Error(used.why)
    return { ...made.value, by: by(used.value.member, used.value.token) }
  }

  async function signedIn(member: Member) {
    const link = await access.signInLink(member.name, 5)
    if (!link.ok) throw new Error(link.why)
    const entered = await access.signInByCode(link.value.code, '10.0.0.7')
    if (!entered.ok) throw new Error(entered.why)
    return entered.value
  }

  const audit = () => database.prisma.auditEntry.findMany({ orderBy: { id: 'asc' } })

  // --- permits ----------------------------------------------------------------------------------------------------

  describe(`a permit (${name})`, () => {
    it('comes with its entry in the audit', async () => {
      const data = await aTeam('data')
      const lin = await aMember('lin', { data: 'developer' })
      const job = { id: 'job_1', name: 'orders-cdc' }

      const asked = await access.permit(by(lin), 'job:restart', { ...data, job })

      expect(asked).toMatchObject({ ok: true, permit: { verb: 'job:restart', at: clock.now() } })
      expect((await audit()).at(-1)).toMatchObject({
        memberId: lin.id,
        actor: 'lin',
        via: 'web:ops',
        verb: 'job:restart',
        subject: 'job orders-cdc',
        subjectId: 'job_1',
        jobId: 'job_1',
        teamId: data.team,
        decision: 'allowed',
        because: null,
        requestId: 'req_1',
      })
    })

    it('is refused with the reason, who can, and an entry in the audit', async () => {
      const data = await aTeam('data')
      await aMember('boss', {}, true)
      await aMember('mei', { data: 'operator' })
      const lin = await aMember('lin', { data: 'viewer' })
      const gone = await aMember('ali', { data: 'operator' })
      await access.disableMember(await sluice('member:manage'), gone.name, true)

      const asked = await access.permit(by(lin), 'job:stop', data)

      expect(asked).toEqual({
        ok: false,
        because: { why: 'role-lacks', role: 'viewer', verb: 'job:stop', team: 'data' },
        whoCan: [
          { name: 'mei', displayName: 'Mei' },
          { name: 'boss', displayName: 'Boss' },
        ],
      })
      expect((await audit()).at(-1)).toMatchObject({
        actor: 'lin',
        subject: 'team data',
        decision: 'refused',
        because: 'role-lacks',
      })
    })

    it('for another team is refused by that team’s name, whatever one is elsewhere', async () => {
      await aTeam('data')
      const ads = await aTeam('ads')
      const lin = await aMember('lin', { data: 'lead' })

      const asked = await access.permit(by(lin), 'job:view', ads)

      expect(asked).toMatchObject({ ok: false, because: { why: 'not-in-team', team: 'ads' } })
    })

    it('names at most five who can, admins only where members of the team do not fill them', async () => {
      const data = await aTeam('data')
      await aMember('root', {}, true)
      for (const each of ['a1', 'b2', 'c3', 'd4', 'e5', 'f6']) await aMember(each, { data: 'operator' })
      const lin = await aMember('lin')

      const asked = await access.permit(by(lin), 'job:stop', data)

      expect(asked.ok ? [] : asked.whoCan.map((who) => who.name)).toEqual(['a1', 'b2', 'c3', 'd4', 'e5'])
    })

    it('for the platform names admins alone', async () => {
      await aTeam('data')
      await aMember('root', {}, true)
      const lin = await aMember('lin', { data: 'admin' })

      const asked = await access.permit(by(lin), 'cluster:manage', PLATFORM)

      expect(asked).toEqual({
        ok: false,
        because: { why: 'admins-only' },
        whoCan: [{ name: 'root', displayName: 'Root' }],
      })
    })

    it('is decided about who the member is now, not when the request began', async () => {
      const data = await aTeam('data')
      const lin = await aMember('lin', { data: 'developer' })
      const begun = by(lin)

      await access.setRole(await sluice('team:manage'), { team: 'data', member: 'lin', role: 'viewer' })
      expect(await access.permit(begun, 'job:stop', data)).toMatchObject({ ok: false })
      await access.disableMember(await sluice('member:manage'), 'lin', true)
      expect(await access.permit(begun, 'job:view', data)).toMatchObject({ because: { why: 'disabled' } })
    })

    it('that Sluice gives itself stands in the audit as Sluice’s own', async () => {
      const data = await aTeam('data')

      const permit = await access.permitSluice('job:restart', data, 'req_9')

      expect(permit).toMatchObject({ verb: 'job:restart', by: { via: 'sluice', requestId: 'req_9' } })
      expect((await audit()).at(-1)).toMatchObject({ memberId: null, actor: 'sluice', via: 'sluice' })
      expect(await access.permit(permit.by, 'job:stop', data)).toMatchObject({ ok: false })
    })

    it('is refused to a token that was revoked while the request was under way', async () => {
      const data = await aTeam('data')
      const lin = await aMember('lin', { data: 'developer' })
      const token = await aToken(by(lin))

      expect(await access.permit(token.by, 'job:view', data)).toMatchObject({ ok: true })
      await access.revokeToken(by(lin), token.token.id)
      expect(await access.permit(token.by, 'job:view', data)).toMatchObject({
        because: { why: 'token-scope' },
      })
    })
  })

  // --- members, teams, roles --------------------------------------------------------------------------------------

  describe(`members and teams (${name})`, () => {
    it('have names of their own', async () => {
      await aTeam('data')
      await aMember('lin')
      const add = async (memberName: string) =>
        access.addMember(await sluice('member:manage'), { name: memberName, displayName: 'X' })
      const make = async (teamName: string) =>
        access.createTeam(await sluice('team:manage'), { name: teamName, title: 'X' })

      expect(await add('LIN')).toEqual({ ok: false, why: 'name-taken' })
      expect(await add('lin chen')).toEqual({ ok: false, why: 'bad-name' })
      expect(await make('Data')).toEqual({ ok: false, why: 'name-taken' })
      expect(await make('a/b')).toEqual({ ok: false, why: 'bad-name' })
      expect(await access.memberByName('Lin')).toMatchObject({ name: 'lin' })
    })

    it('are found by a name that is nearly right', async () => {
      await aTeam('data')
      await aTeam('ads')

      expect(await access.team('data')).toMatchObject({ ok: true, value: { name: 'data', members: [] } })
      expect(await access.team('dta')).toEqual({ ok: false, near: ['data'] })
      expect(await access.team('warehouse')).toEqual({ ok: false, near: [] })
    })

    it('are listed page by page, and by a part of the name', async () => {
      for (const each of ['ann', 'bob', 'cat']) await aMember(each)

      const first = await access.members({ limit: 2 })
      const second = await access.members({ limit: 2, cursor: first.next })

      expect(first.items.map((each) => each.name)).toEqual(['ann', 'bob'])
      expect(second.items.map((each) => each.name)).toEqual(['cat'])
      expect(second.next).toBeNull()
      expect((await access.members({ like: 'NN' })).items.map((each) => each.name)).toEqual(['ann'])
    })

    it('give, change and take roles, with before and after in the audit', async () => {
      await aTeam('data')
      await aMember('lin', { data: 'viewer' })

      const change = { team: 'data', member: 'lin', role: 'operator' }
      const changed = await access.setRole(await sluice('team:manage'), change)
      const taken = await access.setRole(await sluice('team:manage'), { ...change, role: null })

      expect(changed).toMatchObject({ ok: true, value: { members: [{ name: 'lin', role: 'operator' }] } })
      expect(taken).toMatchObject({ ok: true, value: { members: [] } })
      expect((await access.memberByName('lin'))?.roles.size).toBe(0)
      expect((await audit()).filter(({ decision }) => decision === 'done').slice(-2)).toMatchObject([
        { before: { member: 'lin', role: 'viewer' }, after: { member: 'lin', role: 'operator' } },
        { before: { member: 'lin', role: 'operator' }, after: { member: 'lin', role: null } },
      ])
    })

    it('refuse a role, member or team that is not there', async () => {
      await aTeam('data')
      await aMember('lin')
      const set = async (change: { team: string; member: string; role: string | null }) =>
        access.setRole(await sluice('team:manage'), change)

      expect(await set({ team: 'x', member: 'lin', role: 'lead' })).toEqual({
        ok: false,
        why: 'unknown-team',
      })
      expect(await set({ team: 'data', member: 'x', role: 'lead' })).toEqual({
        ok: false,
        why: 'unknown-member',
      })
      expect(await set({ team: 'data', member: 'lin', role: 'x' })).toEqual({
        ok: false,
        why: 'unknown-role',
      })
    })

    it('let a lead give roles in their own team, none above their own, none in another', async () => {
      const data = await aTeam('data')
      const ads = await aTeam('ads')
      const mei = await aMember('mei', { data: 'lead' })
      await access.createRole(await sluice('member:manage'), {
        name: 'auditor',
        title: { zh: '审计', en: 'Auditor' },
        permissions: ['audit:view', 'job:view'],
      })
      await aMember('lin')
      await aMember('chief', { data: 'admin' })
      const permit = await permitted(by(mei), 'team:manage', data)

      expect(await access.setRole(permit, { team: 'data', member: 'lin', role: 'auditor' })).toMatchObject({
        ok: true,
      })
      expect(await access.permit(by(mei), 'team:manage', ads)).toMatchObject({ ok: false })
      await expect(
        access.setRole(permit, { team: 'ads', member: 'lin', role: 'viewer' }),
      ).rejects.toMatchObject({ code: 'other-subject' })
      await expect(access.createTeam(permit, { name: 'new', title: 'New' })).rejects.toMatchObject({
        code: 'other-subject',
      })
    })

    it('let nobody give or take a role with rights they do not hold', async () => {
      const data = await aTeam('data')
      await access.createRole(await sluice('member:manage'), {
        name: 'steward',
        title: { zh: '管家', en: 'Steward' },
        permissions: ['job:view', 'team:manage'],
      })
      const sue = await aMember('sue', { data: 'steward' })
      await aMember('lin')
      await aMember('chief', { data: 'lead' })
      const permit = await permitted(by(sue), 'team:manage', data)
      const set = (member: string, role: string | null) =>
        access.setRole(permit, { team: 'data', member, role })

      expect(await set('lin', 'steward')).toMatchObject({ ok: true })
      expect(await set('lin', 'lead')).toEqual({ ok: false, why: 'beyond-own-rights' })
      expect(await set('sue', 'lead')).toEqual({ ok: false, why: 'beyond-own-rights' })
      expect(await set('chief', null)).toEqual({ ok: false, why: 'beyond-own-rights' })
    })

    it('make roles only of what a role can give', async () => {
      const make = async (roleName: string, permissions: Verb[]) =>
        access.createRole(await sluice('member:manage'), {
          name: roleName,
          title: { zh: '值班', en: 'On call' },
          permissions,
        })

      expect(await make('on-call', ['job:view', 'job:restart', 'job:view'])).toMatchObject({
        ok: true,
        value: { name: 'on-call', permissions: ['job:view', 'job:restart'], builtIn: false },
      })
      expect(await make('on-call', ['job:view'])).toEqual({ ok: false, why: 'name-taken' })
      expect(await make('lead', ['job:view'])).toEqual({ ok: false, why: 'name-taken' })
      expect(await make('root', ['cluster:manage'])).toEqual({ ok: false, why: 'not-grantable' })
      const data = await aTeam('data')
      const lin = await aMember('lin', { data: 'on-call' })
      expect(await access.permit(by(lin), 'job:restart', data)).toMatchObject({ ok: true })
    })

    it('keep at least one admin, even when two disable each other at the same moment', async () => {
      await aMember('root', {}, true)
      await aMember('boss', {}, true)
      const permit = await sluice('member:manage')

      const both = await Promise.all(['root', 'boss'].map((each) => access.disableMember(permit, each, true)))

      expect(both.map((each) => (each.ok ? 'ok' : each.why)).toSorted()).toEqual(['last-admin', 'ok'])
    })

    it('that are disabled lose sessions, tokens and codes at once, and do not get them back', async () => {
      await aTeam('data')
      const lin = await aMember('lin', { data: 'developer' })
      const { cookie } = await signedIn(lin)
      const { secret } = await aToken(by(lin))
      const code = await access.linkCode(await permitted(by(lin), 'member:view', PLATFORM))
      const link = await access.signInLink('lin', 5)
      const manage = await sluice('member:manage')

      expect(await access.disableMember(manage, 'lin', true)).toMatchObject({
        ok: true,
        value: { disabled: true },
      })

      expect(await access.session(cookie)).toBeNull()
      expect(await access.byToken(secret)).toEqual({ ok: false, why: 'disabled' })
      expect(await access.signInLink('lin', 5)).toEqual({ ok: false, why: 'unknown-member' })
      expect(access.mightDo(mustBe(await access.memberByName('lin')), null, 'cluster:view', PLATFORM)).toBe(
        false,
      )

      await access.disableMember(manage, 'lin', false)

      expect(await access.session(cookie)).toBeNull()
      expect(await access.byToken(secret)).toEqual({ ok: false, why: 'revoked' })
      expect(await access.link(anAccount('u1'), code.code, 'r')).toEqual({ ok: false, why: 'unknown-code' })
      expect(link.ok && (await access.signInByCode(link.value.code, 'x'))).toEqual({
        ok: false,
        why: 'unknown-code',
      })
    })

    it('that another process disabled are refused within a second, at once when it is heard of', async () => {
      const data = await aTeam('data')
      const lin = await aMember('lin', { data: 'developer' })
      const deaf = anAccess()
      const following = anAccess()
      const stop = await following.follow()
      for (const each of [deaf, following]) await each.memberById(lin.id)

      await access.disableMember(await sluice('member:manage'), 'lin', true)

      await until(async () => !(await following.permit(by(lin), 'job:view', data)).ok)
      clock.pass(1_000)
      expect(await deaf.permit(by(lin), 'job:view', data)).toMatchObject({ because: { why: 'disabled' } })
      await stop()
    })

    it('speak the language they chose', async () => {
      const lin = await aMember('lin')

      await access.setLanguage(lin, 'en')

      expect(await access.memberById(lin.id)).toMatchObject({ language: 'en' })
    })

    it('live with environments whose approvals can be changed, and survive the next start', async () => {
      const before = await access.environments()
      const prod = mustBe(before.find((each) => each.name === 'prod') ?? null)

      await access.saveEnvironment(await sluice('cluster:manage'), { ...prod, approvals: ['job:stop'] })
      await seedAccess(database)

      expect((await access.environments()).find((each) => each.name === 'prod')?.approvals).toEqual([
        'job:stop',
      ])
      expect((await access.roles()).map((role) => role.name).toSorted()).toEqual([
        'admin',
        'developer',
        'lead',
        'operator',
        'viewer',
      ])
    })
  })

  // --- accounts ---------------------------------------------------------------------------------------------------

  const anAccount = (externalId: string) => ({ vendor: 'feishu', externalId, displayName: `U ${externalId}` })

  describe(`linking (${name})`, () => {
    it('makes an account speak for a member, once per code', async () => {
      const lin = await aMember('lin')
      const account = anAccount('u1')
      expect(await access.memberOf(account)).toBeNull()
      const { code, expiresAt } = await access.linkCode(await permitted(by(lin), 'member:view', PLATFORM))

      const linked = await access.link(
        account,
        ` ${code.slice(0, 4)}-${code.slice(4).toLowerCase()}`,
        'req_7',
      )

      expect(expiresAt).toBe(clock.now() + 10 * MINUTE)
      expect(linked).toMatchObject({ ok: true, value: { name: 'lin' } })
      expect(await access.memberOf(account)).toMatchObject({ name: 'lin' })
      expect(await access.link(anAccount('u2'), code, 'r')).toEqual({ ok: false, why: 'used' })
      expect((await audit()).find(({ requestId }) => requestId === 'req_7')).toMatchObject({
        verb: 'account:link',
        actor: 'lin',
        decision: 'done',
      })
    })

    it('refuses a code that is unknown, too old, replaced by a newer one, or meant for the web page', async () => {
      const lin = await aMember('lin')
      const fresh = async () => access.linkCode(await permitted(by(lin), 'member:view', PLATFORM))
      const replaced = await fresh()
      const old = await fresh()
      clock.pass(10 * MINUTE)
      const web = await access.signInLink('lin', 5)

      expect(await access.link(anAccount('u1'), replaced.code, 'r')).toEqual({
        ok: false,
        why: 'unknown-code',
      })
      expect(await access.link(anAccount('u1'), old.code, 'r')).toEqual({ ok: false, why: 'expired' })
      expect(await access.link(anAccount('u1'), web.ok ? web.value.code : '', 'r')).toMatchObject({
        why: 'unknown-code',
      })
      expect(await access.memberOf(anAccount('u1'))).toBeNull()
    })

    it('gives a code to one of two who say it at the same moment', async () => {
      const lin = await aMember('lin')
      const { code } = await access.linkCode(await permitted(by(lin), 'member:view', PLATFORM))

      const both = await Promise.all(['u1', 'u2'].map((each) => access.link(anAccount(each), code, 'r')))

      expect(both.map((each) => (each.ok ? 'ok' : each.why)).toSorted()).toEqual(['ok', 'used'])
    })

    it('slows down who guesses, and nobody else', async () => {
      const lin = await aMember('lin')
      const { code } = await access.linkCode(await permitted(by(lin), 'member:view', PLATFORM))
      for (let tries = 0; tries < 5; tries++) await access.link(anAccount('guesser'), 'WRONG234', 'r')

      expect(await access.link(anAccount('guesser'), code, 'r')).toEqual({ ok: false, why: 'throttled' })
      expect(await access.link(anAccount('u1'), code, 'r')).toMatchObject({ ok: true })
    })

    it('moves an account to another member, and keeps the name it shows up to date', async () => {
      const lin = await aMember('lin')
      const mei = await aMember('mei')
      for (const member of [lin, mei]) {
        const { code } = await access.linkCode(await permitted(by(member), 'member:view', PLATFORM))
        await access.link(anAccount('u1'), code, 'r')
      }

      expect(await access.memberOf({ ...anAccount('u1'), displayName: '美' })).toMatchObject({ name: 'mei' })
      expect((await access.members({ like: 'mei' })).items[0]?.accounts).toEqual([
        { vendor: 'feishu', externalId: 'u1', displayName: '美' },
      ])
    })

    it('gives no code to a limited token, which would outgrow its limits', async () => {
      await aTeam('data')
      const lin = await aMember('lin', { data: 'developer' })
      const token = await aToken(by(lin), { verbs: ['member:view'] })
      const permit = await permitted(token.by, 'member:view', PLATFORM)

      await expect(access.linkCode(permit)).rejects.toMatchObject({ code: 'limited-token' })
    })
  })

  // --- people as vendors' directories know them --------------------------------------------------------------------

  describe(`people in a directory (${name})`, () => {
    const nobody = { email: null, staffNumber: null }
    const importing = async (externalId: string, more: { email?: string; staffNumber?: string } = {}) =>
      access.importPerson(await sluice('member:manage'), {
        account: anAccount(externalId),
        ...nobody,
        ...more,
      })
    const known = async (memberName: string) => (await access.members({ like: memberName })).items[0]
    const withMail = async (memberName: string, email: string) => {
      const draft = { name: memberName, displayName: memberName, email }
      await access.addMember(await sluice('member:manage'), draft)
      return mustBe(await access.memberByName(memberName))
    }

    it('are reached by their address and their accounts, the oldest first, without those that have left', async () => {
      const lin = await withMail('lin', 'lin@example.com')
      for (const account of ['u2', 'u1', 'u3']) {
        const { code } = await access.linkCode(await permitted(by(lin), 'member:view', PLATFORM))
        await access.link(anAccount(account), code, 'r')
        clock.pass(1)
      }
      await access.accountLeft(anAccount('u1'), 'req_left')

      expect(await access.reachOf(lin.id)).toEqual({
        email: 'lin@example.com',
        accounts: [
          { vendor: 'feishu', externalId: 'u2' },
          { vendor: 'feishu', externalId: 'u3' },
        ],
      })
      expect(await access.reachOf('mem_nobody')).toBeNull()
    })

    it.each([
      ['their address, however it is written', { email: 'Lin@Example.COM', staffNumber: null }],
      ['the number of their staff', { email: null, staffNumber: '007' }],
      ['both', { email: 'lin@example.com', staffNumber: '007' }],
    ])('are linked by %s, with an entry in the audit', async (_, person) => {
      await importing('import', { email: 'lin@example.com', staffNumber: '007' })

      const linked = await access.linkByDirectory({ ...anAccount('u1'), vendor: 'slack' }, person, 'req_dir')

      expect(linked).toMatchObject({ name: 'lin' })
      expect(await access.memberOf({ ...anAccount('u1'), vendor: 'slack' })).toMatchObject({ name: 'lin' })
      expect((await audit()).at(-1)).toMatchObject({
        ...{ verb: 'account:link', actor: 'lin', via: 'slack', subjectId: 'u1', requestId: 'req_dir' },
        because: 'the directory says so',
      })
    })

    it('are not linked when it is not certain who they are', async () => {
      await withMail('lin', 'lin@example.com')
      await withMail('ali', 'shared@example.com')
      await withMail('ann', 'shared@example.com')
      const gone = await withMail('gone', 'gone@example.com')
      await access.disableMember(await sluice('member:manage'), gone.name, true)
      const linked = async (externalId: string, person: { email?: string }) =>
        access.linkByDirectory(anAccount(externalId), { ...nobody, ...person }, 'r')

      expect(await linked('u1', {})).toBeNull()
      expect(await linked('u1', { email: '' })).toBeNull()
      expect(await linked('u1', { email: '%' })).toBeNull()
      expect(await linked('u1', { email: 'l_n@example.com' })).toBeNull()
      expect(await linked('u1', { email: 'who@example.com' })).toBeNull()
      expect(await linked('u1', { email: 'shared@example.com' })).toBeNull()
      expect(await linked('u1', { email: 'gone@example.com' })).toBeNull()
      expect(await access.memberOf(anAccount('u1'))).toBeNull()
    })

    it('keep the member that an account was linked to, whatever a directory says', async () => {
      const lin = await aMember('lin')
      await withMail('mei', 'mei@example.com')
      const { code } = await access.linkCode(await permitted(by(lin), 'member:view', PLATFORM))
      await access.link(anAccount('u1'), code, 'r')
      const mei = { ...nobody, email: 'mei@example.com' }

      expect(await access.linkByDirectory(anAccount('u1'), mei, 'r')).toBeNull()
      expect(await importing('u1', { email: 'mei@example.com' })).toBe('known')
      expect(await access.memberOf(anAccount('u1'))).toMatchObject({ name: 'lin' })
    })

    it('lose their account when they leave, once, and no directory brings it back', async () => {
      await withMail('lin', 'lin@example.com')
      const lin = { ...nobody, email: 'lin@example.com' }
      await access.linkByDirectory(anAccount('u1'), lin, 'r')

      expect(await access.accountLeft(anAccount('u1'), 'req_left')).toMatchObject({ name: 'lin' })
      expect(await access.accountLeft(anAccount('u1'), 'req_left')).toBeNull()
      expect(await access.accountLeft(anAccount('unknown'), 'req_left')).toBeNull()
      expect(await access.memberOf(anAccount('u1'))).toMatchObject({ name: 'lin', disabled: true })
      expect(await access.linkByDirectory(anAccount('u1'), lin, 'r')).toBeNull()
      expect((await audit()).filter(({ verb }) => verb === 'account:left')).toMatchObject([
        { actor: 'U u1', subjectId: 'u1', requestId: 'req_left' },
      ])
      expect(await access.memberByName('lin')).toMatchObject({ disabled: false })
    })

    it('are refused at once in another process as well', async () => {
      await withMail('lin', 'lin@example.com')
      await access.linkByDirectory(anAccount('u1'), { ...nobody, email: 'lin@example.com' }, 'r')
      const other = anAccess()
      await other.follow()
      expect(await other.memberOf(anAccount('u1'))).toMatchObject({ disabled: false })

      await access.accountLeft(anAccount('u1'), 'r')

      await until(async () => (await other.memberOf(anAccount('u1')))?.disabled === true)
    })

    it('are back when an admin enables them, also who was not disabled themselves', async () => {
      await withMail('lin', 'lin@example.com')
      await access.linkByDirectory(anAccount('u1'), { ...nobody, email: 'lin@example.com' }, 'r')
      await access.accountLeft(anAccount('u1'), 'r')

      expect(await access.disableMember(await sluice('member:manage'), 'lin', false)).toMatchObject({
        ok: true,
      })

      expect(await access.memberOf(anAccount('u1'))).toMatchObject({ disabled: false })
      expect((await audit()).at(-1)).toMatchObject({ after: { disabled: false, accountsBack: 1 } })
    })

    it('who left before they were linked are back by a code', async () => {
      const lin = await aMember('lin')
      await access.memberOf(anAccount('u1'))
      await access.accountLeft(anAccount('u1'), 'r')
      const { code } = await access.linkCode(await permitted(by(lin), 'member:view', PLATFORM))

      expect(await access.link(anAccount('u1'), code, 'r')).toMatchObject({ ok: true })
      expect(await access.memberOf(anAccount('u1'))).toMatchObject({ name: 'lin', disabled: false })
    })

    it('become members with their account, known ones are linked, and those are not made twice', async () => {
      await withMail('lin', 'lin@example.com')

      expect(await importing('u1', { email: 'lin@example.com' })).toBe('linked')
      expect(await importing('u2', { email: 'mei.chen@example.com', staffNumber: '008' })).toBe('added')
      expect(await importing('u2', { email: 'mei.chen@example.com' })).toBe('known')
      expect(await known('mei')).toMatchObject({
        ...{ name: 'mei.chen', displayName: 'U u2', email: 'mei.chen@example.com', disabled: false },
        ...{ isAdmin: false, teams: [], accounts: [{ vendor: 'feishu', externalId: 'u2' }] },
      })
      expect((await audit()).filter(({ subject }) => subject === 'member mei.chen')).toMatchObject([
        { verb: 'member:manage', after: { account: 'feishu u2' } },
      ])
    })

    it('are added without a number that is somebody else’s, or none', async () => {
      expect(await importing('u1', { staffNumber: '007' })).toBe('added')
      await access.disableMember(await sluice('member:manage'), 'u.u1', true)
      expect(await importing('u2', { staffNumber: '007' })).toBe('added')
      expect(await importing('u3', { staffNumber: '' })).toBe('added')
      expect(await importing('u4', { staffNumber: '' })).toBe('added')

      expect(await access.memberOf(anAccount('u4'))).toMatchObject({ name: 'u.u4' })
      expect(await access.linkByDirectory(anAccount('u9'), { ...nobody, staffNumber: '007' }, 'r')).toBeNull()
    })

    it.each([
      ['the first part of their address', { email: 'Zhang.Wei@example.com' }, 'zhang.wei'],
      ['else their name there', {}, 'u.zw'],
      ['with a number when it is taken', { email: 'lin@elsewhere.com' }, 'lin-2'],
    ])('are called by %s', async (_, more, wanted) => {
      await withMail('lin', 'lin@example.com')

      expect(await importing('zw', more)).toBe('added')
      expect(await access.memberOf(anAccount('zw'))).toMatchObject({ name: wanted })
    })

    it('are called by their vendor when nothing of theirs can be typed', async () => {
      const account = { vendor: 'feishu', externalId: '***', displayName: '！！！' }
      await access.importPerson(await sluice('member:manage'), { account, ...nobody })

      expect(await access.memberOf(account)).toMatchObject({ name: 'member-feishu', displayName: '！！！' })
    })

    it('are made once by two who import them at the same moment', async () => {
      const both = await Promise.all([importing('u1'), importing('u1')]).catch((error: unknown) => error)

      expect(await known('u.u1')).toMatchObject({ accounts: [{ externalId: 'u1' }] })
      expect((await access.members({ like: 'u.u1' })).items).toHaveLength(1)
      expect(both).toEqual(expect.arrayContaining(['added', 'known']))
    })
  })

  // --- tokens -----------------------------------------------------------------------------------------------------

  describe(`tokens (${name})`, () => {
    it('act for their member within their scope, are shown once and kept as a digest', async () => {
      const data = await aTeam('data')
      const lin = await aMember('lin', { data: 'developer' })

      const made = await aToken(by(lin), {
        verbs: ['job:view', 'job:start'],
        teams: ['data'],
        environments: ['prod'],
      })

      expect(made.secret).toMatch(/^slu_[\w-]{43}$/)
      expect(made.token).toMatchObject({
        member: 'lin',
        teams: ['data'],
        environments: ['prod'],
        revokedAt: null,
      })
      expect(await access.permit(made.by, 'job:start', data)).toMatchObject({ ok: true })
      expect(await access.permit(made.by, 'job:stop', data)).toMatchObject({
        because: { why: 'token-scope' },
      })
      expect(await access.permit(made.by, 'job:start', { ...data, environment: 'preprod' })).toMatchObject({
        because: { why: 'token-scope' },
      })
      const stored = JSON.stringify([
        await database.prisma.token.findMany(),
        await database.sql('SELECT after FROM "AuditEntry"'),
      ])
      expect(stored).not.toContain(made.secret)
      expect(stored).not.toContain(made.secret.slice(4))
    })

    it('end with their days, their revocation, or never were', async () => {
      await aTeam('data')
      const lin = await aMember('lin', { data: 'developer' })
      const short = await aToken(by(lin), { days: 1 })
      const revoked = await aToken(by(lin))
      await access.revokeToken(by(lin), revoked.token.id)
      clock.pass(DAY)

      expect(await access.byToken(short.secret)).toEqual({ ok: false, why: 'expired' })
      expect(await access.byToken(revoked.secret)).toEqual({ ok: false, why: 'revoked' })
      expect(await access.byToken(`${short.secret}x`)).toEqual({ ok: false, why: 'unknown' })
      expect(await access.byToken('')).toEqual({ ok: false, why: 'unknown' })
    })

    it('tell their last use, written at most once a minute', async () => {
      await aTeam('data')
      const lin = await aMember('lin', { data: 'developer' })
      const { secret } = await aToken(by(lin))
      const lastUse = async () => (await access.tokens(by(lin)))[0]?.lastUsedAt
      const first = clock.now()

      clock.pass(59_000)
      await access.byToken(secret)
      expect(await lastUse()).toBe(first)
      clock.pass(1_000)
      await access.byToken(secret)
      expect(await lastUse()).toBe(first + MINUTE)
    })

    it('are not made beyond the rights of who makes them', async () => {
      await aTeam('data')
      await aTeam('ads')
      const lin = await aMember('lin', { data: 'developer', ads: 'viewer' })
      const permit = await permitted(by(lin), 'token:create', PLATFORM)
      const make = async (draft: object) => {
        const made = await access.createToken(permit, {
          name: 'ci',
          verbs: ['job:start'],
          days: 30,
          ...draft,
        })
        return made.ok ? 'ok' : made.why
      }

      expect(await make({})).toBe('ok')
      expect(await make({ teams: ['data'] })).toBe('ok')
      expect(await make({ teams: ['data', 'ads'] })).toBe('beyond-own-rights')
      expect(await make({ verbs: ['approval:decide'] })).toBe('beyond-own-rights')
      expect(await make({ verbs: ['cluster:manage'] })).toBe('beyond-own-rights')
      expect(await make({ verbs: ['cluster:view'], teams: ['ads'] })).toBe('ok')
      expect(await make({ teams: ['nowhere'] })).toBe('unknown-team')
      expect(await make({ environments: ['moon'] })).toBe('unknown-environment')
      for (const days of [0, -1, 1.5, 366, Number.NaN]) expect(await make({ days })).toBe('bad-days')
      expect(await make({ days: 365 })).toBe('ok')
    })

    it('made by a token are no wider and live no longer than that one', async () => {
      await aTeam('data')
      await aTeam('ads')
      const lin = await aMember('lin', { data: 'lead', ads: 'lead' })
      const maker = await aToken(by(lin), { verbs: ['token:create', 'job:view'], days: 10 })
      const permit = await permitted(maker.by, 'token:create', PLATFORM)
      const make = (draft: object) =>
        access.createToken(permit, { name: 'child', verbs: ['job:view'], days: 10, ...draft })

      expect(await make({ verbs: ['job:stop'] })).toEqual({ ok: false, why: 'beyond-own-rights' })
      expect(await make({ days: 11 })).toEqual({ ok: false, why: 'beyond-own-rights' })
      expect(await make({})).toMatchObject({ ok: true, value: { token: { verbs: ['job:view'] } } })
      expect(await make({ verbs: [] })).toMatchObject({
        ok: true,
        value: { token: { verbs: ['token:create', 'job:view'] } },
      })
    })

    it('are seen and revoked by their member and by admins; to others they do not exist', async () => {
      await aTeam('data')
      const lin = await aMember('lin', { data: 'developer' })
      const mei = await aMember('mei', { data: 'lead' })
      const root = await aMember('root', {}, true)
      const { token } = await aToken(by(lin))

      expect(await access.tokens(by(mei))).toEqual([])
      expect(await access.revokeToken(by(mei), token.id)).toEqual({ ok: false, why: 'unknown-token' })
      expect((await access.tokens(by(root))).map(({ member }) => member)).toEqual(['lin'])
      expect(await access.revokeToken(by(root), token.id)).toMatchObject({
        ok: true,
        value: { revokedAt: clock.now() },
      })
      expect((await audit()).at(-1)).toMatchObject({ actor: 'root', subject: 'token ci', decision: 'done' })
    })

    it('end themselves, but others only with the power to make them', async () => {
      await aTeam('data')
      const lin = await aMember('lin', { data: 'developer' })
      const narrow = await aToken(by(lin), { verbs: ['job:view'] })
      const other = await aToken(by(lin))

      expect(await access.revokeToken(narrow.by, other.token.id)).toEqual({ ok: false, why: 'not-allowed' })
      expect(await access.revokeToken(narrow.by, narrow.token.id)).toMatchObject({ ok: true })
      expect(await access.byToken(narrow.secret)).toEqual({ ok: false, why: 'revoked' })
    })

    it('follow what becomes of their member’s role', async () => {
      const data = await aTeam('data')
      const lin = await aMember('lin', { data: 'developer' })
      const token = await aToken(by(lin), { verbs: ['job:start'] })

      await access.setRole(await sluice('team:manage'), { team: 'data', member: 'lin', role: 'viewer' })

      expect(await access.permit(token.by, 'job:start', data)).toMatchObject({
        because: { why: 'role-lacks' },
      })
    })
  })

  // --- the web page -----------------------------------------------------------------------------------------------

  describe(`signing in (${name})`, () => {
    it('by a link works once, and within its minutes', async () => {
      const lin = await aMember('lin')
      const link = await access.signInLink('lin', 5)
      const late = await access.signInLink('lin', 5)
      if (!link.ok || !late.ok) throw new Error('no link')

      expect(await access.signInByCode(link.value.code, '10.0.0.7')).toMatchObject({
        ok: true,
        value: { member: { id: lin.id }, expiresAt: clock.now() + 12 * HOUR },
      })
      expect(await access.signInByCode(link.value.code, '10.0.0.7')).toEqual({ ok: false, why: 'used' })
      clock.pass(5 * MINUTE)
      expect(await access.signInByCode(late.value.code, '10.0.0.7')).toEqual({ ok: false, why: 'expired' })
      expect(await access.signInByCode('guess', '10.0.0.7')).toEqual({ ok: false, why: 'unknown-code' })
      expect(await access.signInLink('nobody', 5)).toEqual({ ok: false, why: 'unknown-member' })
    })

    it('by password answers a wrong one and an unknown name alike', async () => {
      const lin = await aMember('lin')
      await aMember('mei')
      expect(await access.setPassword(lin, 'ninechars')).toEqual({ ok: false, why: 'too-short' })
      expect(await access.setPassword(lin, 'correct horse')).toMatchObject({ ok: true })
      const wrong = { ok: false, why: 'wrong' }

      expect(await access.signInByPassword('Lin', 'correct horse', 'a')).toMatchObject({ ok: true })
      expect(await access.signInByPassword('lin', 'other', 'a')).toEqual(wrong)
      expect(await access.signInByPassword('mei', 'correct horse', 'a')).toEqual(wrong)
      expect(await access.signInByPassword('nobody', 'correct horse', 'a')).toEqual(wrong)
      const refused = (await audit()).filter(({ decision }) => decision === 'refused')
      expect(refused.map(({ actor, because }) => [actor, because])).toEqual([
        ['lin', 'wrong'],
        ['mei', 'wrong'],
        ['unknown', 'wrong'],
      ])
    })

    it('tells a disabled member so, but only who knows the password', async () => {
      const lin = await aMember('lin')
      await access.setPassword(lin, 'correct horse')
      await access.disableMember(await sluice('member:manage'), 'lin', true)

      expect(await access.signInByPassword('lin', 'wrong horse', 'a')).toEqual({ ok: false, why: 'wrong' })
      expect(await access.signInByPassword('lin', 'correct horse', 'a')).toEqual({
        ok: false,
        why: 'disabled',
      })
    })

    it('is slowed down per member, also from ever new addresses and after a restart', async () => {
      const lin = await aMember('lin')
      await access.setPassword(lin, 'correct horse')
      for (let tries = 0; tries < 5; tries++) await access.signInByPassword('lin', 'guess', `10.0.0.${tries}`)
      const restarted = anAccess()

      expect(await restarted.signInByPassword('lin', 'correct horse', '10.0.1.1')).toEqual({
        ok: false,
        why: 'throttled',
      })
      clock.pass(2_000)
      expect(await restarted.signInByPassword('lin', 'correct horse', '10.0.1.1')).toMatchObject({ ok: true })
      expect(await restarted.signInByPassword('lin', 'guess', '10.0.1.1')).toEqual({
        ok: false,
        why: 'wrong',
      })
    })

    it('is slowed down per address, also for ever new names', async () => {
      for (let tries = 0; tries < 20; tries++) {
        expect(await access.signInByPassword(`n${tries}`, 'guess', '10.0.0.7')).toMatchObject({
          why: 'wrong',
        })
      }

      expect(await access.signInByPassword('n99', 'guess', '10.0.0.7')).toEqual({
        ok: false,
        why: 'throttled',
      })
      expect(await access.signInByCode('guess', '::ffff:10.0.0.7')).toEqual({ ok: false, why: 'throttled' })
      expect(await access.signInByPassword('n99', 'guess', '10.0.0.8')).toEqual({ ok: false, why: 'wrong' })
    })

    it('lets no more guesses through when they come at the same moment', async () => {
      const lin = await aMember('lin')
      await access.setPassword(lin, 'correct horse')

      const all = await Promise.all(
        Array.from({ length: 12 }, () => access.signInByPassword('lin', 'guess', '10.0.0.7')),
      )

      expect(all.filter((each) => !each.ok && each.why === 'wrong')).toHaveLength(5)
    })

    it('of oneself does not wash off what others failed from the same address', async () => {
      const lin = await aMember('lin')
      for (let tries = 0; tries < 19; tries++) await access.signInByPassword(`n${tries}`, 'guess', '10.0.0.7')

      await signedIn(lin)

      expect(await access.signInByPassword('n98', 'guess', '10.0.0.7')).toEqual({ ok: false, why: 'wrong' })
      expect(await access.signInByPassword('n99', 'guess', '10.0.0.7')).toEqual({
        ok: false,
        why: 'throttled',
      })
    })
  })

  describe(`a session (${name})`, () => {
    it('lives half a day from its last use, a week at most', async () => {
      const lin = await aMember('lin')
      let { cookie } = await signedIn(lin)
      const idle = await signedIn(lin)
      const start = clock.now()

      clock.pass(12 * HOUR - 1)
      expect(await access.session(idle.cookie)).not.toBeNull()
      while (clock.now() < start + 7 * DAY - 6 * HOUR) {
        const seen = mustBe(await access.session(cookie))
        cookie = seen.cookie ?? cookie
        clock.pass(6 * HOUR)
      }
      const last = await access.session(cookie)

      expect(last?.expiresAt).toBe(start + 7 * DAY)
      clock.pass(start + 7 * DAY - clock.now())
      expect(await access.session(last?.cookie ?? cookie)).toBeNull()
    })

    it('that nobody used for half a day is over', async () => {
      const { cookie } = await signedIn(await aMember('lin'))

      clock.pass(12 * HOUR)

      expect(await access.session(cookie)).toBeNull()
      expect(await access.session('made-up')).toBeNull()
    })

    it('changes its cookie every hour; the old one is good for a minute more', async () => {
      const { cookie, csrf } = await signedIn(await aMember('lin'))
      expect((await access.session(cookie))?.cookie).toBeNull()
      clock.pass(HOUR)

      const rotated = mustBe(await access.session(cookie))

      expect(rotated.cookie).toMatch(/^[\w-]{43}$/)
      expect(rotated.csrf).toBe(csrf)
      expect(await access.session(rotated.cookie ?? '')).toMatchObject({ csrf, cookie: null })
      clock.pass(MINUTE - 1)
      expect(await access.session(cookie)).toMatchObject({ csrf, cookie: null })
      clock.pass(1)
      expect(await access.session(cookie)).toBeNull()
      expect(await access.session(rotated.cookie ?? '')).not.toBeNull()
    })

    it('gets one new cookie when many requests come at the same moment', async () => {
      const { cookie } = await signedIn(await aMember('lin'))
      clock.pass(HOUR)

      const all = await Promise.all(Array.from({ length: 6 }, () => access.session(cookie)))

      expect(all.filter((each) => each === null)).toHaveLength(0)
      expect(all.filter((each) => each?.cookie)).toHaveLength(1)
    })

    it('ends with signing out, together with the cookie it had before', async () => {
      const { cookie } = await signedIn(await aMember('lin'))
      clock.pass(HOUR)
      const rotated = (await access.session(cookie))?.cookie ?? ''

      await access.signOut(rotated)

      expect(await access.session(rotated)).toBeNull()
      expect(await access.session(cookie)).toBeNull()
    })

    it('survives a new password where it was set, and nowhere else', async () => {
      const lin = await aMember('lin')
      const here = await signedIn(lin)
      const elsewhere = await signedIn(lin)

      await access.setPassword(lin, 'correct horse', here.cookie)

      expect(await access.session(here.cookie)).not.toBeNull()
      expect(await access.session(elsewhere.cookie)).toBeNull()
    })

    it('keeps cookies and codes in the database as digests only', async () => {
      const lin = await aMember('lin')
      const { cookie } = await signedIn(lin)
      const link = await access.signInLink('lin', 5)

      const stored = JSON.stringify([
        await database.prisma.webSession.findMany(),
        await database.prisma.oneTimeCode.findMany(),
      ])

      expect(stored).not.toContain(cookie)
      expect(stored).not.toContain(link.ok && link.value.code)
    })
  })
}

function mustBe<T>(value: T | null): T {
  if (value === null) throw new Error('Not there.')
  return value
}
