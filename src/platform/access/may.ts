import type { Because, Decision, Member, Subject, TeamId, TokenScope, Verb } from './access.ts'

/**
 * Where a verb's right comes from.
 * - `role`: the member's role in the team that the subject belongs to. On the platform itself: admins alone.
 * - `role-somewhere`: like `role`; on the platform itself, a role in any team that holds it. What such a permit
 *   reaches there is narrowed again by who uses it: the audit lists only those teams, a token never exceeds its maker.
 * - `everyone`: every enabled member. Clusters, Flink versions, teams and members are no secret inside the company.
 * - `admins`: nobody else, whatever a role claims.
 */
export type Ground = 'role' | 'role-somewhere' | 'everyone' | 'admins'

export const GROUNDS = {
  'job:view': 'role',
  'job:logs': 'role',
  'job:create': 'role',
  'job:release': 'role',
  'job:start': 'role',
  'job:stop': 'role',
  'job:restart': 'role',
  'job:rollback': 'role',
  'job:savepoint': 'role',
  'job:scale': 'role',
  'job:cancel': 'role',
  'job:adopt': 'role',
  'job:archive': 'role',
  'job:force': 'role',
  'operation:cancel': 'role',
  'approval:decide': 'role',
  // What is wrong with a cluster is no team's: whoever keeps some team's jobs alive may take it.
  'incident:acknowledge': 'role-somewhere',
  'incident:manage': 'role-somewhere',
  'alert:silence': 'role',
  'alert:manage': 'role',
  'alert:route': 'admins',
  'oncall:override': 'role',
  'oncall:manage': 'role',
  'cluster:view': 'everyone',
  'cluster:manage': 'admins',
  'flink:view': 'everyone',
  'flink:manage': 'admins',
  'team:view': 'everyone',
  'team:manage': 'role',
  'member:view': 'everyone',
  'member:manage': 'admins',
  'member:page': 'role-somewhere',
  'chat:manage': 'admins',
  'token:create': 'role-somewhere',
  'token:manage': 'admins',
  'audit:view': 'role-somewhere',
  'work:view': 'admins',
  'work:manage': 'admins',
} as const satisfies Record<Verb, Ground>

const YES: Decision = { yes: true }

/**
 * May this member, through this token if there is one, do this? The one rule behind chat, buttons, REST and web.
 * What nothing below allows is refused. A token only narrows.
 */
export function may(member: Member, token: TokenScope | null, verb: Verb, subject: Subject): Decision {
  if (member.disabled) return no({ why: 'disabled' })
  const own = ownRight(member, verb, subject)
  if (!own.yes) return own
  return !token || covers(token, verb, subject) ? YES : no({ why: 'token-scope', verb })
}

function ownRight(member: Member, verb: Verb, subject: Subject): Decision {
  if (member.isAdmin) return YES
  const ground: Ground = GROUNDS[verb]
  if (ground === 'everyone') return YES
  if (ground === 'admins') return no({ why: 'admins-only' })
  if (subject.of === 'team') return inTeam(member, verb, subject.team)
  return ground === 'role-somewhere' ? inAnyTeam(member, verb) : no({ why: 'admins-only' })
}

function inTeam(member: Member, verb: Verb, team: TeamId): Decision {
  const held = member.roles.get(team)
  if (!held) return no({ why: 'not-in-team', team })
  return held.permissions.has(verb) ? YES : no({ why: 'role-lacks', role: held.role, verb, team: held.team })
}

function inAnyTeam(member: Member, verb: Verb): Decision {
  const roles = [...member.roles.values()]
  if (roles.some((held) => held.permissions.has(verb))) return YES
  return no({ why: 'role-lacks', role: roles[0]?.role ?? 'none', verb, team: null })
}

function covers(token: TokenScope, verb: Verb, subject: Subject): boolean {
  if (!isIn(token.verbs, verb)) return false
  // What every member may see belongs to no team and no environment.
  if (GROUNDS[verb] === 'everyone') return true
  if (subject.of === 'team')
    return isIn(token.teams, subject.team) && isIn(token.environments, subject.environment)
  return token.teams.length === 0 && token.environments.length === 0
}

/** An empty list does not narrow. Something without an environment is in none of those a token names. */
function isIn(list: readonly string[], value: string | null): boolean {
  return list.length === 0 || (value !== null && list.includes(value))
}

function no(because: Because): Decision {
  return { yes: false, because }
}
