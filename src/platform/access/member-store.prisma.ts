import type { Instant } from '../../lib/clock.ts'
import type { AccountRef, MemberView } from '../platform.ts'
import type { Db, Tx } from '../storage/database.prisma.ts'
import type { Prisma } from '../storage/generated/client.ts'
import { type Language, languageOf, type Member, type MemberId, type TeamId, type Verb } from './access.ts'
import { LOCAL_MEMBER } from './local-member.ts'
import { knownVerbs } from './roles.ts'

type Client = Db | Tx

export interface KnownAccount {
  displayName: string
  memberId: string | null
  /** Set when the person left: the account can do nothing any more. */
  leftAt: Date | null
}

// --- members ------------------------------------------------------------------------------------------------------

const WITH_ROLES = {
  memberships: { include: { role: true, team: true } },
} as const satisfies Prisma.MemberInclude

export async function findMember(
  client: Client,
  where: { id: string } | { name: string },
): Promise<Member | null> {
  const row = await client.member.findUnique({ where, include: WITH_ROLES })
  if (!row) return null
  return {
    id: row.id as MemberId,
    name: row.name,
    displayName: row.displayName,
    language: languageOf(row.language),
    zone: row.zone,
    isAdmin: row.isAdmin,
    disabled: row.disabledAt !== null,
    roles: new Map(
      row.memberships.map(({ team, role }) => [
        team.id as TeamId,
        { team: team.name, role: role.name, permissions: new Set(knownVerbs(role.permissions)) },
      ]),
    ),
  }
}

const WITH_ALL = {
  memberships: { include: { team: true }, orderBy: { team: { name: 'asc' } } },
  accounts: { orderBy: { id: 'asc' } },
} as const satisfies Prisma.MemberInclude

export async function findMemberView(client: Client, name: string): Promise<MemberView | null> {
  const row = await client.member.findUnique({ where: { name }, include: WITH_ALL })
  return row && toMemberView(row)
}

export async function listMembers(
  client: Client,
  { like, after, limit }: { like: string | null; after: string | null; limit: number },
): Promise<MemberView[]> {
  const rows = await client.member.findMany({
    where: {
      ...(after !== null && { name: { gt: after } }),
      ...(like !== null && {
        OR: [
          { name: { contains: like, mode: 'insensitive' } },
          { displayName: { contains: like, mode: 'insensitive' } },
        ],
      }),
    },
    include: WITH_ALL,
    orderBy: { name: 'asc' },
    take: limit,
  })
  return rows.map(toMemberView)
}

/** False: the name is taken. */
export async function insertMember(
  client: Client,
  member: Pick<Member, 'name' | 'displayName' | 'language' | 'isAdmin'> & {
    id: string
    email: string | null
    staffNumber?: string | null
    now: Instant
  },
): Promise<boolean> {
  const { now, ...fields } = member
  const { count } = await client.member.createMany({
    data: [{ ...fields, createdAt: new Date(now) }],
    skipDuplicates: true,
  })
  return count === 1
}

export async function saveMember(
  client: Client,
  id: string,
  change: { language: Language } | { disabledAt: Instant | null },
): Promise<void> {
  const data =
    'language' in change
      ? change
      : { disabledAt: change.disabledAt === null ? null : new Date(change.disabledAt) }
  await client.member.updateMany({ where: { id }, data })
}

/** Locked, so that two who disable each other at the same moment do not both succeed. */
export async function lockEnabledAdmins(tx: Tx): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Member" WHERE "isAdmin" AND "disabledAt" IS NULL ORDER BY id FOR UPDATE`
  return rows.map(({ id }) => id)
}

/** Enabled members whose role in the team holds the verb, then admins. */
export async function findWhoCan(
  client: Client,
  { team, verb, limit }: { team: TeamId | null; verb: Verb; limit: number },
): Promise<{ name: string; displayName: string }[]> {
  const select = { name: true, displayName: true } as const
  const orderBy = { name: 'asc' } as const
  const byRole =
    team === null
      ? []
      : await client.member.findMany({
          where: {
            disabledAt: null,
            isAdmin: false,
            memberships: { some: { teamId: team, role: { permissions: { has: verb } } } },
          },
          select,
          orderBy,
          take: limit,
        })
  if (byRole.length === limit) return byRole
  const admins = await client.member.findMany({
    // No person: there is nobody behind it to ask.
    where: { disabledAt: null, isAdmin: true, name: { not: LOCAL_MEMBER } },
    select,
    orderBy,
    take: limit - byRole.length,
  })
  return [...byRole, ...admins]
}

// --- accounts -----------------------------------------------------------------------------------------------------

export async function findAccount(client: Client, account: AccountRef): Promise<KnownAccount | null> {
  return client.account.findUnique({
    where: { vendor_externalId: { vendor: account.vendor, externalId: account.externalId } },
    select: KNOWN,
  })
}

const KNOWN = { displayName: true, memberId: true, leftAt: true } as const

export async function saveAccount(
  client: Client,
  account: AccountRef,
  extra: { id: string; now: number; memberId?: string },
): Promise<KnownAccount> {
  const { vendor, externalId, displayName } = account
  // Whoever links it again is back.
  const linked = extra.memberId === undefined ? {} : { memberId: extra.memberId, leftAt: null }
  return client.account.upsert({
    where: { vendor_externalId: { vendor, externalId } },
    create: { id: extra.id, vendor, externalId, displayName, createdAt: new Date(extra.now), ...linked },
    update: { displayName, ...linked },
    select: KNOWN,
  })
}

/** False: there is no such account, or it had left before. */
export async function markAccountLeft(
  client: Client,
  { vendor, externalId }: Pick<AccountRef, 'vendor' | 'externalId'>,
  now: Instant,
): Promise<boolean> {
  const { count } = await client.account.updateMany({
    where: { vendor, externalId, leftAt: null },
    data: { leftAt: new Date(now) },
  })
  return count > 0
}

/** Accounts of a member that had left can be used again. How many. */
export async function bringAccountsBack(client: Client, memberId: string): Promise<number> {
  const { count } = await client.account.updateMany({
    where: { memberId, leftAt: { not: null } },
    data: { leftAt: null },
  })
  return count
}

/** Enabled members whom a vendor's directory means: at most two, as two are too many already. */
export async function findByDirectory(
  client: Client,
  { email, staffNumber }: { email: string | null; staffNumber: string | null },
): Promise<{ id: string; name: string }[]> {
  // Not by Prisma's comparison without case, which takes `_` and `%` of an address for wildcards.
  return client.$queryRaw<{ id: string; name: string }[]>`
    SELECT "id", "name" FROM "Member"
    WHERE "disabledAt" IS NULL
      AND (lower("email") = lower(nullif(${email}::text, '')) OR "staffNumber" = nullif(${staffNumber}::text, ''))
    ORDER BY "id" LIMIT 2`
}

export async function isStaffNumberTaken(client: Client, staffNumber: string): Promise<boolean> {
  return (await client.member.count({ where: { staffNumber } })) > 0
}

/** One imports at a time: two would make two members of one person. */
export async function lockImports(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('sluice member import'))`
}

export async function findReach(
  client: Client,
  id: string,
): Promise<{ email: string | null; accounts: { vendor: string; externalId: string }[] } | null> {
  return client.member.findUnique({
    where: { id },
    select: {
      email: true,
      accounts: {
        where: { leftAt: null },
        select: { vendor: true, externalId: true },
        orderBy: { createdAt: 'asc' },
      },
    },
  })
}

// --- shapes -------------------------------------------------------------------------------------------------------

function toMemberView(row: Prisma.MemberGetPayload<{ include: typeof WITH_ALL }>): MemberView {
  return {
    id: row.id,
    name: row.name,
    displayName: row.displayName,
    email: row.email,
    language: languageOf(row.language),
    zone: row.zone,
    isAdmin: row.isAdmin,
    disabled: row.disabledAt !== null,
    teams: row.memberships.map(({ team, roleName }) => ({ team: team.name, role: roleName })),
    accounts: row.accounts.map(({ vendor, externalId, displayName }) => ({
      vendor,
      externalId,
      displayName,
    })),
  }
}
