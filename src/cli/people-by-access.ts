import { notFound, Problem } from '../api/problem.ts'
import { sentence } from '../api/texts.ts'
import { nearNames } from '../lib/near-names.ts'
import type { By, Permit, Subject, TeamId, Verb } from '../platform/platform.ts'
import { type Context, EXIT, Refusal } from './cli.ts'
import { type AccessOfOurs, byLocal, LINK_MINUTES, signInAddress } from './local-member.ts'
import type { People } from './people.ts'

/** People in the database itself, under the same permits and with the same audit as through a server. */
export function peopleByAccess(
  access: AccessOfOurs,
  { ids, language, url }: Pick<Context, 'ids' | 'language'> & { url: string },
): People {
  function refuse(problem: Problem): never {
    throw new Refusal(EXIT.notDone, sentence(problem, language))
  }

  async function permit<V extends Verb>(verb: V, subject: Subject, by?: By): Promise<Permit<V>> {
    const asked = await access.permit(by ?? (await byLocal(access, ids)), verb, subject)
    if (asked.ok) return asked.permit
    return refuse(new Problem('not-allowed', { because: asked.because, whoCan: asked.whoCan }))
  }

  return {
    async demandRole(team, role) {
      const found = await access.team(team)
      if (!found.ok) refuse(notFound('team', team, found.near))
      const roles = (await access.roles()).map(({ name }) => name)
      if (!roles.includes(role)) refuse(notFound('role', role, nearNames(role, roles)))
    },
    async addMember(draft) {
      const added = await access.addMember(
        await permit('member:manage', { of: 'platform', what: 'members' }),
        draft,
      )
      return added.ok ? added.value : refuse(new Problem(added.why, { name: draft.name }))
    },
    async setRole(change) {
      const team = await access.team(change.team)
      if (!team.ok) return refuse(notFound('team', change.team, team.near))
      // The id was just read from the database.
      const subject = { of: 'team', team: team.value.id as TeamId, environment: null, job: null } as const
      const set = await access.setRole(await permit('team:manage', subject), change)
      if (!set.ok) refuse(roleProblem(set.why, change))
    },
    async signInLink(name) {
      await permit('member:manage', { of: 'platform', what: `sign-in link for ${name}` })
      const link = await access.signInLink(name, LINK_MINUTES)
      if (!link.ok) return refuse(notFound('member', name, await near(access, name)))
      return signInAddress(url, link.value.code)
    },
    async createToken(draft, member) {
      const by = member === null ? await byLocal(access, ids) : await byMember(member)
      const made = await access.createToken(
        await permit('token:create', { of: 'platform', what: 'tokens' }, by),
        draft,
      )
      if (!made.ok) return refuse(tokenProblem(made.why, draft))
      const { secret, token } = made.value
      return { secret, id: token.id, member: token.member, expiresAt: new Date(token.expiresAt) }
    },
  }

  /** Whoever may use the database may act for a member; that it was done from here stands in the audit. */
  async function byMember(name: string): Promise<By> {
    await permit('member:manage', { of: 'platform', what: `token for ${name}` })
    const member = await access.memberByName(name)
    if (!member || member.disabled) return refuse(notFound('member', name, await near(access, name)))
    return { member, via: 'cli', token: null, requestId: ids.next('req') }
  }
}

type RoleRefusal = Extract<Awaited<ReturnType<AccessOfOurs['setRole']>>, { ok: false }>['why']

function roleProblem(
  why: RoleRefusal,
  { team, member, role }: { team: string; member: string; role: string },
): Problem {
  if (why === 'beyond-own-rights') return new Problem(why, {})
  if (why === 'unknown-team') return notFound('team', team)
  return why === 'unknown-member' ? notFound('member', member) : notFound('role', role)
}

type TokenRefusal = Extract<Awaited<ReturnType<AccessOfOurs['createToken']>>, { ok: false }>['why']

function tokenProblem(
  why: TokenRefusal,
  { teams, environments }: { teams: readonly string[]; environments: readonly string[] },
): Problem {
  if (why === 'unknown-team') return notFound('team', teams.join(', '))
  if (why === 'unknown-environment') return notFound('environment', environments.join(', '))
  return new Problem(why, {})
}

async function near(access: AccessOfOurs, name: string): Promise<string[]> {
  const { items } = await access.members({ limit: 200 })
  return nearNames(
    name,
    items.map((member) => member.name),
  )
}
