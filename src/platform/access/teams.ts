import { nearNames } from '../../lib/near-names.ts'
import { entryFor } from '../audit/audit.ts'
import type { AccessApi, TeamView } from '../platform.ts'
import type { Tx } from '../storage/database.prisma.ts'
import type { Permit, Verb } from './access.ts'
import { AccessError } from './access-error.ts'
import type { AccessParts } from './dependencies.ts'
import { foldName, isGoodName } from './names.ts'
import { notGrantable } from './roles.ts'

export type TeamsApi = Pick<
  AccessApi,
  'teams' | 'team' | 'createTeam' | 'setRole' | 'roles' | 'createRole' | 'environments' | 'saveEnvironment'
>

type Parts = Pick<
  AccessParts,
  'database' | 'clock' | 'ids' | 'audit' | 'directory' | 'memberStore' | 'teamStore'
>

export function createTeams(parts: Parts): TeamsApi {
  const { database, teamStore } = parts
  const { prisma } = database

  return {
    teams: () => teamStore.listTeams(prisma),
    async team(name) {
      const team = await teamStore.findTeam(prisma, foldName(name))
      if (team) return { ok: true, value: team }
      const names = [...(await teamStore.teamNames(prisma)).values()]
      return { ok: false, near: nearNames(name, names) }
    },
    createTeam: (permit, draft) => createTeam(parts, permit, draft),
    setRole: (permit, change) => setRole(parts, permit, change),
    roles: () => teamStore.listRoles(prisma),
    createRole: (permit, draft) => createRole(parts, permit, draft),
    environments: () => teamStore.listEnvironments(prisma),
    saveEnvironment: (permit, environment) => saveEnvironment(parts, permit, environment),
  }
}

const createTeam = async (
  { database, clock, ids, audit, directory, teamStore }: Parts,
  ...[permit, draft]: Parameters<AccessApi['createTeam']>
): ReturnType<AccessApi['createTeam']> => {
  if (permit.subject.of !== 'platform')
    throw new AccessError('other-subject', 'A permit for one team was used to make another.')
  const name = foldName(draft.name)
  if (!isGoodName(name)) return { ok: false, why: 'bad-name' }
  const now = clock.now()
  const team = { ...draft, id: ids.next('team'), name, now }

  return database.transaction(async (tx) => {
    if (!(await teamStore.insertTeam(tx, team))) return { ok: false, why: 'name-taken' }
    const value = await mustFind(teamStore.findTeam(tx, name))
    const { members: _, ...after } = value
    await audit.record(
      tx,
      entryFor(permit, { subject: `team ${name}`, subjectId: value.id, teamId: value.id, after }, now),
    )
    await directory.changed(tx)
    return { ok: true, value }
  })
}

const setRole = (
  { database, clock, audit, directory, memberStore, teamStore }: Parts,
  ...[permit, change]: Parameters<AccessApi['setRole']>
): ReturnType<AccessApi['setRole']> =>
  database.transaction(async (tx) => {
    const team = await teamStore.findTeam(tx, foldName(change.team))
    if (!team) return { ok: false, why: 'unknown-team' }
    refuseOtherTeam(permit, team)
    const member = await memberStore.findMemberView(tx, foldName(change.member))
    if (!member) return { ok: false, why: 'unknown-member' }
    const role = change.role === null ? null : foldName(change.role)
    if (role !== null && !(await teamStore.findRole(tx, role))) return { ok: false, why: 'unknown-role' }

    const place = { memberId: member.id, teamId: team.id }
    const former = await teamStore.lockRoleOf(tx, place)
    const permissions = await permissionsOf(teamStore, tx, [former, role])
    if (!holdsAll(permit, team, permissions)) return { ok: false, why: 'beyond-own-rights' }

    await teamStore.saveRoleOf(tx, { ...place, role })
    const what = {
      subject: `team ${team.name}`,
      subjectId: team.id,
      teamId: team.id,
      before: { member: member.name, role: former },
      after: { member: member.name, role },
    }
    await audit.record(tx, entryFor(permit, what, clock.now()))
    await directory.changed(tx)
    return { ok: true, value: await mustFind(teamStore.findTeam(tx, team.name)) }
  })

function refuseOtherTeam({ subject }: Permit, team: TeamView): void {
  if (subject.of === 'platform' || subject.team === team.id) return
  throw new AccessError('other-subject', 'A permit for one team was used for another.')
}

/** Nobody gives, or takes away, more than they hold themselves: a lead cannot make a team admin of anybody. */
function holdsAll({ by }: Permit, team: TeamView, permissions: readonly Verb[]): boolean {
  if (by.member.isAdmin) return true
  const own = [...by.member.roles.values()].find((held) => held.team === team.name)?.permissions
  return permissions.every((verb) => own?.has(verb))
}

async function permissionsOf(
  teamStore: Parts['teamStore'],
  tx: Tx,
  names: readonly (string | null)[],
): Promise<Verb[]> {
  const roles = await teamStore.listRoles(tx)
  return roles.filter(({ name }) => names.includes(name)).flatMap(({ permissions }) => permissions)
}

const createRole = async (
  { database, clock, audit, directory, teamStore }: Parts,
  ...[permit, draft]: Parameters<AccessApi['createRole']>
): ReturnType<AccessApi['createRole']> => {
  const name = foldName(draft.name)
  if (!isGoodName(name)) return { ok: false, why: 'bad-name' }
  if (notGrantable(draft.permissions).length > 0) return { ok: false, why: 'not-grantable' }
  const value = { ...draft, name, permissions: [...new Set(draft.permissions)], builtIn: false }

  return database.transaction(async (tx) => {
    if (!(await teamStore.insertRole(tx, value))) return { ok: false, why: 'name-taken' }
    await audit.record(
      tx,
      entryFor(permit, { subject: `role ${name}`, subjectId: name, after: value }, clock.now()),
    )
    await directory.changed(tx)
    return { ok: true, value }
  })
}

const saveEnvironment = (
  { database, clock, audit, teamStore }: Parts,
  ...[permit, asked]: Parameters<AccessApi['saveEnvironment']>
): ReturnType<AccessApi['saveEnvironment']> =>
  database.transaction(async (tx) => {
    const environment = { ...asked, name: foldName(asked.name) }
    const all = await teamStore.listEnvironments(tx)
    await teamStore.saveEnvironment(tx, environment)
    const what = {
      subject: `environment ${environment.name}`,
      subjectId: environment.name,
      before: all.find(({ name }) => name === environment.name) ?? null,
      after: environment,
    }
    await audit.record(tx, entryFor(permit, what, clock.now()))
    return environment
  })

async function mustFind<T>(found: Promise<T | null>): Promise<T> {
  const value = await found
  if (value === null) throw new Error('What was just written cannot be read.')
  return value
}
