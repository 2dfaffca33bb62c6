import type { By, Member, MemberId, Permit, Subject, TeamId, Verb } from '../../src/platform/access/access.ts'

export const DATA = 'team_data' as TeamId
export const ADS = 'team_ads' as TeamId

export function aMember(more: Partial<Member> = {}): Member {
  return {
    id: 'member_lin' as MemberId,
    name: 'lin',
    displayName: 'Lin',
    language: 'en',
    zone: 'UTC',
    isAdmin: false,
    disabled: false,
    roles: new Map([[DATA, { team: 'data', role: 'viewer', permissions: new Set<Verb>(['job:view']) }]]),
    ...more,
  }
}

export function aBy(more: Partial<By> = {}): By {
  return { member: aMember(), via: 'web:ops', token: null, requestId: 'req_1', ...more }
}

export function onTeam(team: TeamId = DATA, environment: string | null = null): Subject {
  return { of: 'team', team, environment, job: null }
}

export function onJob(job: { id: string; name: string; team: { id: TeamId }; environment: string }): Subject {
  return {
    of: 'team',
    team: job.team.id,
    environment: job.environment,
    job: { id: job.id, name: job.name },
  }
}

export const ON_PLATFORM: Subject = { of: 'platform', what: 'clusters' }

/** As if access had said yes. */
export function permitFor<V extends Verb>(verb: V, subject: Subject, by: By = aBy()): Permit<V> {
  // Only access makes permits; a test of what happens behind one stands in for it.
  return { by, verb, subject, at: 0 } as unknown as Permit<V>
}
