import type { Instant } from '../../lib/clock.ts'
import type { EnvironmentView, RoleView, TeamView } from '../platform.ts'
import type { Db, Tx } from '../storage/database.prisma.ts'
import type { Prisma } from '../storage/generated/client.ts'
import { type Language, languageOf } from './access.ts'
import { knownVerbs } from './roles.ts'

type Client = Db | Tx

const WITH_MEMBERS = {
  memberships: { include: { member: true }, orderBy: { member: { name: 'asc' } } },
} as const satisfies Prisma.TeamInclude

export async function findTeam(client: Client, name: string): Promise<TeamView | null> {
  const row = await client.team.findUnique({ where: { name }, include: WITH_MEMBERS })
  return row && toTeamView(row)
}

export async function listTeams(client: Client): Promise<TeamView[]> {
  const rows = await client.team.findMany({ include: WITH_MEMBERS, orderBy: { name: 'asc' } })
  return rows.map(toTeamView)
}

/** False: the name is taken. */
export async function insertTeam(
  client: Client,
  team: { id: string; name: string; title: string; zone?: string; language?: Language; now: Instant },
): Promise<boolean> {
  const { now, ...fields } = team
  const { count } = await client.team.createMany({
    data: [{ ...fields, createdAt: new Date(now) }],
    skipDuplicates: true,
  })
  return count === 1
}

/** What the member holds in the team, null for nothing; locked until the transaction ends. */
export async function lockRoleOf(
  tx: Tx,
  { memberId, teamId }: { memberId: string; teamId: string },
): Promise<string | null> {
  const [row] = await tx.$queryRaw<{ roleName: string }[]>`
    SELECT "roleName" FROM "Membership" WHERE "memberId" = ${memberId} AND "teamId" = ${teamId} FOR UPDATE`
  return row?.roleName ?? null
}

export async function saveRoleOf(
  client: Client,
  { memberId, teamId, role }: { memberId: string; teamId: string; role: string | null },
): Promise<void> {
  if (role === null) {
    await client.membership.deleteMany({ where: { memberId, teamId } })
    return
  }
  await client.membership.upsert({
    where: { memberId_teamId: { memberId, teamId } },
    create: { memberId, teamId, roleName: role },
    update: { roleName: role },
  })
}

/** False: the name is taken. */
export async function insertRole(client: Client, role: RoleView): Promise<boolean> {
  const { name, title, permissions, builtIn } = role
  const { count } = await client.role.createMany({
    data: [{ name, titleZh: title.zh, titleEn: title.en, permissions: [...permissions], builtIn }],
    skipDuplicates: true,
  })
  return count === 1
}

/** Names of all teams by id. */
export async function teamNames(client: Client): Promise<ReadonlyMap<string, string>> {
  const rows = await client.team.findMany({ select: { id: true, name: true } })
  return new Map(rows.map(({ id, name }) => [id, name]))
}

export async function listRoles(client: Client): Promise<RoleView[]> {
  const rows = await client.role.findMany({ orderBy: [{ builtIn: 'desc' }, { name: 'asc' }] })
  return rows.map(toRoleView)
}

export async function findRole(client: Client, name: string): Promise<RoleView | null> {
  const row = await client.role.findUnique({ where: { name } })
  return row && toRoleView(row)
}

export async function listEnvironments(client: Client): Promise<EnvironmentView[]> {
  const rows = await client.environment.findMany({ orderBy: { name: 'asc' } })
  return rows.map(({ name, titleZh, titleEn, approvals, expiresMin }) => ({
    name,
    title: { zh: titleZh, en: titleEn },
    approvals: knownVerbs(approvals),
    expiresMin,
  }))
}

export async function saveEnvironment(client: Client, environment: EnvironmentView): Promise<void> {
  const { name, title, approvals, expiresMin } = environment
  const fields = { titleZh: title.zh, titleEn: title.en, approvals: [...approvals], expiresMin }
  await client.environment.upsert({ where: { name }, create: { name, ...fields }, update: fields })
}

// --- shapes -------------------------------------------------------------------------------------------------------

function toTeamView(row: Prisma.TeamGetPayload<{ include: typeof WITH_MEMBERS }>): TeamView {
  return {
    id: row.id,
    name: row.name,
    title: row.title,
    zone: row.zone,
    language: languageOf(row.language),
    members: row.memberships.map(({ member, roleName }) => ({
      name: member.name,
      displayName: member.displayName,
      role: roleName,
      disabled: member.disabledAt !== null,
    })),
  }
}

function toRoleView(row: Prisma.RoleGetPayload<object>): RoleView {
  return {
    name: row.name,
    title: { zh: row.titleZh, en: row.titleEn },
    permissions: knownVerbs(row.permissions),
    builtIn: row.builtIn,
  }
}
