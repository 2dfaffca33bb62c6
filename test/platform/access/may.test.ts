import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Member,
  type MemberId,
  type Subject,
  type TeamId,
  type TokenScope,
  VERBS,
  type Verb,
} from '../../../src/platform/access/access.ts'
import { GROUNDS, may } from '../../../src/platform/access/may.ts'
import { BUILT_IN_ROLES, GRANTABLE } from '../../../src/platform/access/roles.ts'

const DATA = 'team_data' as TeamId
const ADS = 'team_ads' as TeamId
const ENVIRONMENTS = ['prod', 'preprod'] as const
const PLATFORM: Subject = { of: 'platform', what: 'platform' }

function onTeam(team: TeamId, environment: string | null = null): Subject {
  return { of: 'team', team, environment, job: null }
}

function aMember(
  roles: Record<string, readonly Verb[]> = {},
  extra: Partial<Pick<Member, 'isAdmin' | 'disabled'>> = {},
): Member {
  return {
    id: 'mem_lin' as MemberId,
    name: 'lin',
    displayName: 'Lin',
    language: 'zh',
    zone: 'Asia/Shanghai',
    isAdmin: false,
    disabled: false,
    ...extra,
    roles: new Map(
      Object.entries(roles).map(([team, permissions]) => [
        team as TeamId,
        { team: team.replace('team_', ''), role: 'some-role', permissions: new Set(permissions) },
      ]),
    ),
  }
}

function aToken(narrow: Partial<TokenScope> = {}): TokenScope {
  return { tokenId: 'tok_1', verbs: [], teams: [], environments: [], ...narrow }
}

const permissionsOf = (role: string) => BUILT_IN_ROLES.find(({ name }) => name === role)?.permissions ?? []
const allowed = (member: Member, subject: Subject, token: TokenScope | null = null) =>
  VERBS.filter((verb) => may(member, token, verb, subject).yes)

const EVERYONES: Verb[] = ['cluster:view', 'flink:view', 'team:view', 'member:view']

describe('who may do what', () => {
  const viewer: Verb[] = ['job:view', 'cluster:view', 'flink:view', 'team:view', 'member:view', 'audit:view']
  const running: Verb[] = [
    'job:logs',
    'job:start',
    'job:stop',
    'job:restart',
    'job:rollback',
    'job:savepoint',
    'job:scale',
    'job:cancel',
    'operation:cancel',
    'incident:acknowledge',
    'incident:manage',
    'alert:silence',
    'oncall:override',
    'member:page',
    'token:create',
  ]
  const developer: Verb[] = [...viewer, ...running, 'job:create', 'job:release']
  const operator: Verb[] = [...viewer, ...running, 'job:adopt', 'approval:decide']
  const lead: Verb[] = [
    ...new Set<Verb>([
      ...developer,
      ...operator,
      'job:archive',
      'job:force',
      'team:manage',
      'alert:manage',
      'oncall:manage',
    ]),
  ]
  const somewhere: Verb[] = [
    ...EVERYONES,
    ...(['audit:view', 'incident:acknowledge', 'incident:manage', 'member:page', 'token:create'] as const),
  ]
  const teamAdmin = [...GRANTABLE, ...EVERYONES]

  it.each([
    ['viewer', viewer, [...EVERYONES, 'audit:view']],
    ['developer', developer, somewhere],
    ['operator', operator, somewhere],
    ['lead', lead, somewhere],
    ['admin', teamAdmin, somewhere],
  ])('a %s may do exactly this in the team, and no more on the platform', (role, inTeam, onPlatform) => {
    const member = aMember({ [DATA]: permissionsOf(role) })

    expect(allowed(member, onTeam(DATA, 'prod')).toSorted()).toEqual(inTeam.toSorted())
    expect(allowed(member, PLATFORM).toSorted()).toEqual(onPlatform.toSorted())
    expect(allowed(member, onTeam(ADS, 'prod')).toSorted()).toEqual(EVERYONES.toSorted())
  })

  it('a member of no team may look at clusters, Flink versions, teams and members', () => {
    expect(allowed(aMember(), PLATFORM)).toEqual(EVERYONES)
    expect(allowed(aMember(), onTeam(DATA))).toEqual(EVERYONES)
  })

  it('an admin may do everything, on the platform and in every team', () => {
    const admin = aMember({}, { isAdmin: true })

    expect(allowed(admin, PLATFORM)).toEqual(VERBS)
    expect(allowed(admin, onTeam(ADS, 'prod'))).toEqual(VERBS)
  })

  it('a disabled member may do nothing, not even as an admin', () => {
    const gone = aMember({ [DATA]: VERBS }, { isAdmin: true, disabled: true })

    expect(allowed(gone, PLATFORM)).toEqual([])
    expect(allowed(gone, onTeam(DATA))).toEqual([])
    expect(may(gone, null, 'job:view', onTeam(DATA))).toEqual({ yes: false, because: { why: 'disabled' } })
  })

  it('a role that claims a right of admins gives it neither in the team nor on the platform', () => {
    const member = aMember({ [DATA]: VERBS })
    const admins = VERBS.filter((verb) => GROUNDS[verb] === 'admins')

    expect(admins).toEqual([
      'alert:route',
      'cluster:manage',
      'flink:manage',
      'member:manage',
      'chat:manage',
      'token:manage',
      'work:view',
      'work:manage',
    ])
    for (const verb of admins) {
      expect(may(member, null, verb, onTeam(DATA))).toEqual({ yes: false, because: { why: 'admins-only' } })
      expect(may(member, null, verb, PLATFORM)).toEqual({ yes: false, because: { why: 'admins-only' } })
    }
  })

  it('making a team is for admins, although a lead manages their own', () => {
    const lead = aMember({ [DATA]: permissionsOf('lead') })

    expect(may(lead, null, 'team:manage', onTeam(DATA)).yes).toBe(true)
    expect(may(lead, null, 'team:manage', PLATFORM)).toEqual({ yes: false, because: { why: 'admins-only' } })
  })

  it('says why not', () => {
    const viewer = aMember({ [DATA]: permissionsOf('viewer') })

    expect(may(viewer, null, 'job:stop', onTeam(DATA))).toEqual({
      yes: false,
      because: { why: 'role-lacks', role: 'some-role', verb: 'job:stop', team: 'data' },
    })
    expect(may(viewer, null, 'job:stop', onTeam(ADS))).toEqual({
      yes: false,
      because: { why: 'not-in-team', team: ADS },
    })
    expect(may(viewer, null, 'token:create', PLATFORM)).toEqual({
      yes: false,
      because: { why: 'role-lacks', role: 'some-role', verb: 'token:create', team: null },
    })
    expect(may(viewer, aToken({ verbs: ['job:logs'] }), 'job:view', onTeam(DATA))).toEqual({
      yes: false,
      because: { why: 'token-scope', verb: 'job:view' },
    })
  })
})

describe('what a token leaves of it', () => {
  const lead = aMember({ [DATA]: permissionsOf('lead'), [ADS]: permissionsOf('lead') })
  const admin = aMember({}, { isAdmin: true })

  it('an unlimited token leaves everything', () => {
    expect(allowed(lead, onTeam(DATA, 'prod'), aToken())).toEqual(allowed(lead, onTeam(DATA, 'prod')))
    expect(allowed(admin, PLATFORM, aToken())).toEqual(VERBS)
  })

  it('a token for some verbs leaves those, also to an admin', () => {
    const token = aToken({ verbs: ['job:view', 'job:start', 'cluster:manage'] })

    expect(allowed(lead, onTeam(DATA, 'prod'), token)).toEqual(['job:view', 'job:start'])
    expect(allowed(admin, PLATFORM, token)).toEqual(['job:view', 'job:start', 'cluster:manage'])
  })

  it('a token for one team reaches neither another team nor the platform, apart from what everyone sees', () => {
    const token = aToken({ teams: [DATA] })

    expect(allowed(lead, onTeam(DATA, 'prod'), token)).toEqual(allowed(lead, onTeam(DATA, 'prod')))
    expect(allowed(lead, onTeam(ADS, 'prod'), token)).toEqual(EVERYONES)
    expect(allowed(admin, PLATFORM, token)).toEqual(EVERYONES)
  })

  it('a token for one environment reaches nothing in another, nor what has none', () => {
    const token = aToken({ environments: ['preprod'] })

    expect(allowed(lead, onTeam(DATA, 'preprod'), token)).toEqual(allowed(lead, onTeam(DATA, 'preprod')))
    expect(allowed(lead, onTeam(DATA, 'prod'), token)).toEqual(EVERYONES)
    expect(allowed(lead, onTeam(DATA, null), token)).toEqual(EVERYONES)
    expect(allowed(admin, PLATFORM, token)).toEqual(EVERYONES)
  })
})

describe('always', () => {
  const verb = fc.constantFrom(...VERBS)
  const verbs = fc.uniqueArray(verb)
  const team = fc.constantFrom(DATA, ADS)
  const member = fc
    .record({
      data: fc.option(verbs, { nil: undefined }),
      ads: fc.option(verbs, { nil: undefined }),
      isAdmin: fc.boolean(),
      disabled: fc.boolean(),
    })
    .map(({ data, ads, isAdmin, disabled }) =>
      aMember({ ...(data && { [DATA]: data }), ...(ads && { [ADS]: ads }) }, { isAdmin, disabled }),
    )
  const environment = fc.constantFrom(...ENVIRONMENTS, null)
  const subject: fc.Arbitrary<Subject> = fc.oneof(
    fc.constant(PLATFORM),
    fc.record({ of: fc.constant('team' as const), team, environment, job: fc.constant(null) }),
  )
  const token = fc
    .record({
      verbs,
      teams: fc.subarray([DATA, ADS]),
      environments: fc.subarray([...ENVIRONMENTS]),
    })
    .map(aToken)

  it('nobody without a role is allowed what is not everybody’s', () => {
    fc.assert(
      fc.property(verb, subject, fc.option(token), (asked, on, through) => {
        fc.pre(!EVERYONES.includes(asked))
        expect(may(aMember(), through, asked, on).yes).toBe(false)
      }),
    )
  })

  it('losing a role never adds a right', () => {
    fc.assert(
      fc.property(member, verb, subject, team, (who, asked, on, lost) => {
        const less = { ...who, roles: new Map([...who.roles].filter(([held]) => held !== lost)) }
        if (may(less, null, asked, on).yes) expect(may(who, null, asked, on).yes).toBe(true)
      }),
    )
  })

  it('a token never allows what its member may not', () => {
    fc.assert(
      fc.property(member, verb, subject, token, (who, asked, on, through) => {
        if (may(who, through, asked, on).yes) expect(may(who, null, asked, on).yes).toBe(true)
      }),
    )
  })

  it('a narrower token never allows more', () => {
    fc.assert(
      fc.property(member, verb, subject, token, verb, (who, asked, on, wide, only) => {
        const narrow = {
          ...wide,
          verbs: wide.verbs.length ? wide.verbs.slice(0, 1) : [only],
          teams: wide.teams.length ? wide.teams.slice(0, 1) : [ADS],
        }
        if (may(who, narrow, asked, on).yes) expect(may(who, wide, asked, on).yes).toBe(true)
      }),
    )
  })

  it('what one holds in one team changes nothing in another', () => {
    fc.assert(
      fc.property(member, verb, verbs, environment, (who, asked, other, where) => {
        const richer = {
          ...who,
          roles: new Map(who.roles).set(ADS, { team: 'ads', role: 'other', permissions: new Set(other) }),
        }
        expect(may(richer, null, asked, onTeam(DATA, where))).toEqual(
          may(who, null, asked, onTeam(DATA, where)),
        )
      }),
    )
  })

  it('a disabled member is refused whatever else is true', () => {
    fc.assert(
      fc.property(member, verb, subject, fc.option(token), (who, asked, on, through) => {
        expect(may({ ...who, disabled: true }, through, asked, on).yes).toBe(false)
      }),
    )
  })
})
