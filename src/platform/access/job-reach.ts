import type { By } from './access.ts'
import { may } from './may.ts'

/** Whose jobs somebody may look at, as a filter for lists. */
export interface JobReach {
  /** Ids of teams. */
  teams: readonly string[] | 'all'
  /** Only these; absent: every environment. */
  environments?: readonly string[]
}

export function jobReach({ member, token }: By): JobReach {
  if (member.disabled || (token && token.verbs.length > 0 && !token.verbs.includes('job:view')))
    return { teams: [] }
  const narrowed = token && token.environments.length > 0 ? { environments: token.environments } : {}
  if (member.isAdmin) return { teams: token && token.teams.length > 0 ? token.teams : 'all', ...narrowed }
  const environment = token?.environments[0] ?? null
  const teams = [...member.roles.keys()].filter(
    (team) => may(member, token, 'job:view', { of: 'team', team, environment, job: null }).yes,
  )
  return { teams, ...narrowed }
}
