import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type {
  By,
  Member,
  MemberId,
  Permit,
  Subject,
  TeamId,
  TokenScope,
  Verb,
} from '../../src/platform/access/access.ts'
import { SLUICE } from '../../src/platform/access/sluice-member.ts'
import { type AuditEntry, entryFor } from '../../src/platform/audit/audit.ts'
import { auditLog, createAudit } from '../../src/platform/audit/audit-log.prisma.ts'
import type { AuditApi } from '../../src/platform/platform.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { isRefusedByTrigger } from '../../src/platform/storage/errors.prisma.ts'
import { truncateAll } from '../support/database.ts'

const NOW = Date.parse('2026-03-02T01:00:00Z')
const DATA = 'team_data' as TeamId
const ADS = 'team_ads' as TeamId

/** What the audit promises on either database. */
export function auditContract(name: string, open: () => Promise<Database>): void {
  describe(`the audit (${name})`, () => {
    let database: Database
    let audit: AuditApi

    beforeAll(async () => {
      database = await open()
      audit = createAudit(database)
    })
    beforeEach(async () => {
      await truncateAll(database)
      await aCompany(database)
    })
    afterAll(() => database?.close())

    const record = (...entries: AuditEntry[]) =>
      database.transaction(async (tx) => {
        for (const entry of entries) await auditLog.record(tx, entry)
      })
    const verbsOf = async (permit: Permit<'audit:view'>, ask: Parameters<AuditApi['list']>[1] = {}) =>
      (await audit.list(permit, ask)).items.map(({ verb }) => verb)

    it('keeps what happened, with secrets masked', async () => {
      const what = {
        before: { sql: "WITH ('password' = 'hunter2')" },
        after: { apiKey: 'hunter2', parallelism: 4 },
        because: 'asked with password=hunter2',
      }

      await record({ ...anEntry('job:release'), ...what })

      expect((await audit.list(admin(), {})).items).toEqual([
        {
          id: '1',
          at: NOW,
          actor: 'lin',
          via: 'web:ops',
          verb: 'job:release',
          subject: 'job orders-cdc',
          decision: 'done',
          because: 'asked with password=***',
          before: { sql: "WITH ('password' = '***')" },
          after: { apiKey: '***', parallelism: 4 },
          requestId: 'req_1',
        },
      ])
    })

    it('keeps nothing of a transaction that was rolled back', async () => {
      const failing = database.transaction(async (tx) => {
        await auditLog.record(tx, anEntry('job:stop'))
        throw new Error('crash')
      })

      await expect(failing).rejects.toThrow('crash')
      expect(await verbsOf(admin())).toEqual([])
    })

    it.each([
      ['changed', `UPDATE "AuditEntry" SET actor = 'mei'`],
      ['deleted', 'DELETE FROM "AuditEntry"'],
      ['truncated', 'TRUNCATE "AuditEntry"'],
    ])('cannot be %s', async (_, sql) => {
      await record(anEntry('job:stop'))

      const error = await database.sql(sql).catch((each: unknown) => each)

      expect(isRefusedByTrigger(error)).toBe(true)
      expect(await verbsOf(admin())).toEqual(['job:stop'])
    })

    it('lists newest first, page by page, undisturbed by what comes meanwhile', async () => {
      for (let each = 1; each <= 5; each++) await record(anEntry(`v${each}`))

      const first = await audit.list(admin(), { limit: 2 })
      await record(anEntry('v6'))
      const second = await audit.list(admin(), { limit: 2, cursor: first.next })
      const third = await audit.list(admin(), { limit: 2, cursor: second.next })

      expect([first, second, third].map(({ items }) => items.map(({ verb }) => verb))).toEqual([
        ['v5', 'v4'],
        ['v3', 'v2'],
        ['v1'],
      ])
      expect(third.next).toBeNull()
    })

    it('takes a cursor or a limit that makes no sense for none', async () => {
      await record(anEntry('v1'))

      for (const cursor of ['', 'x', '-1', '9'.repeat(40), "1' OR 1=1"]) {
        expect(await verbsOf(admin(), { cursor })).toEqual(['v1'])
      }
      for (const limit of [0, -5, Number.NaN, 1e9]) expect(await verbsOf(admin(), { limit })).toEqual(['v1'])
    })

    it('filters by job, member, team and verb', async () => {
      await record(
        anEntry('job:stop'),
        { ...anEntry('job:start'), actor: 'mei' },
        { ...anEntry('job:view'), jobId: null },
        { ...anEntry('job:logs'), jobId: 'job_2', teamId: ADS },
      )

      expect(await verbsOf(admin(), { job: 'orders-cdc' })).toEqual(['job:start', 'job:stop'])
      expect(await verbsOf(admin(), { member: 'mei' })).toEqual(['job:start'])
      expect(await verbsOf(admin(), { team: 'ads' })).toEqual(['job:logs'])
      expect(await verbsOf(admin(), { verb: 'job:stop', team: 'data' })).toEqual(['job:stop'])
      expect(await verbsOf(admin(), { job: 'nowhere' })).toEqual([])
      expect(await verbsOf(admin(), { team: 'nowhere' })).toEqual([])
    })

    it('shows the platform’s entries to admins alone, a team’s to those who may view its audit', async () => {
      await record({ ...anEntry('cluster:manage'), jobId: null, teamId: null }, anEntry('job:stop'), {
        ...anEntry('job:start'),
        jobId: 'job_2',
        teamId: ADS,
      })
      const viewer = aMember({ [DATA]: ['audit:view'], [ADS]: ['job:view'] })

      expect(await verbsOf(admin())).toEqual(['job:start', 'job:stop', 'cluster:manage'])
      expect(await verbsOf(aPermit(viewer))).toEqual(['job:stop'])
      expect(await verbsOf(aPermit(viewer), { team: 'ads' })).toEqual([])
      expect(await verbsOf(aPermit(aMember({})))).toEqual([])
    })

    it('shows under a permit for a team or a job no more than that, also to an admin', async () => {
      await record(
        anEntry('job:stop'),
        { ...anEntry('job:start'), jobId: 'job_3' },
        { ...anEntry('job:logs'), jobId: 'job_2', teamId: ADS },
      )
      const root = { ...aMember({}), isAdmin: true }
      const job = { id: 'job_1', name: 'orders-cdc' }

      expect(await verbsOf(aPermit(root, onData()))).toEqual(['job:start', 'job:stop'])
      expect(await verbsOf(aPermit(root, onData()), { team: 'ads' })).toEqual([])
      expect(await verbsOf(aPermit(root, { ...onData(), job }))).toEqual(['job:stop'])
      expect(await verbsOf(aPermit(root, { ...onData(), job }), { team: 'data' })).toEqual(['job:stop'])
    })

    it('shows to a token limited to environments the entries of one job at a time', async () => {
      await record(anEntry('job:stop'))
      const viewer = aMember({ [DATA]: ['audit:view'] })
      const token = { tokenId: 'tok_1', verbs: [], teams: [], environments: ['prod'] }
      const job = { id: 'job_1', name: 'orders-cdc' }

      expect(await verbsOf(aPermit(viewer, onData(), token))).toEqual([])
      expect(await verbsOf(aPermit(viewer, { ...onData(), job }, token))).toEqual(['job:stop'])
    })

    it('names Sluice where Sluice acted, and the team where there is no job', async () => {
      const permit = {
        ...aPermit({ ...aMember({ [DATA]: [] }), id: SLUICE.id, name: 'sluice' }, onData()),
        verb: 'job:restart',
      }
      await record(entryFor(permit as Permit, { after: { attempt: 2 } }, NOW))

      const [row] = await database.prisma.auditEntry.findMany()

      expect(row).toMatchObject({
        memberId: null,
        actor: 'sluice',
        verb: 'job:restart',
        subject: 'team data',
        teamId: DATA,
        decision: 'done',
        before: null,
        after: { attempt: 2 },
      })
    })
  })
}

// --- builders -----------------------------------------------------------------------------------------------------

function anEntry(verb: string): AuditEntry {
  return {
    at: NOW,
    memberId: 'mem_lin',
    actor: 'lin',
    via: 'web:ops',
    verb,
    subject: 'job orders-cdc',
    subjectId: 'job_1',
    jobId: 'job_1',
    teamId: DATA,
    decision: 'done',
    because: null,
    before: null,
    after: null,
    requestId: 'req_1',
  }
}

function onData(): Subject & { of: 'team' } {
  return { of: 'team', team: DATA, environment: 'prod', job: null }
}

function aMember(roles: Record<string, readonly Verb[]>): Member {
  return {
    id: 'mem_lin' as MemberId,
    name: 'lin',
    displayName: 'Lin',
    language: 'zh',
    zone: 'Asia/Shanghai',
    isAdmin: false,
    disabled: false,
    roles: new Map(
      Object.entries(roles).map(([team, permissions]) => [
        team as TeamId,
        { team: team.replace('team_', ''), role: 'some', permissions: new Set(permissions) },
      ]),
    ),
  }
}

/** Stands in for a permit that was asked for: what the audit shows depends on it alone. */
function aPermit(
  member: Member,
  subject: Subject = { of: 'platform', what: 'audit' },
  token: TokenScope | null = null,
): Permit<'audit:view'> {
  const by: By = { member, via: 'web:ops', token, requestId: 'req_1' }
  return { by, verb: 'audit:view', subject, at: NOW } as unknown as Permit<'audit:view'>
}

function admin(): Permit<'audit:view'> {
  return aPermit({ ...aMember({}), isAdmin: true })
}

async function aCompany({ prisma }: Database): Promise<void> {
  const createdAt = new Date(NOW)
  for (const team of ['data', 'ads']) {
    await prisma.team.create({ data: { id: `team_${team}`, name: team, title: team, createdAt } })
  }
  await prisma.environment.create({
    data: { name: 'prod', titleZh: '生产', titleEn: 'Production', approvals: [] },
  })
  await prisma.cluster.create({
    data: { id: 'cl_1', name: 'a', kind: 'session', environmentName: 'prod', address: 'http://a', createdAt },
  })
  await prisma.job.create({
    data: {
      id: 'job_1',
      name: 'orders-cdc',
      teamId: DATA,
      environmentName: 'prod',
      clusterId: 'cl_1',
      kind: 'sql',
      state: 'new',
      detail: { is: 'new' },
      stateSince: createdAt,
      restartPolicy: { is: 'none' },
      createdAt,
    },
  })
}
