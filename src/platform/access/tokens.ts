import type { Instant } from '../../lib/clock.ts'
import { type AuditEntry, entryFor } from '../audit/audit.ts'
import type { AccessApi, TokenView } from '../platform.ts'
import type { By, TeamId, TokenScope, Verb } from './access.ts'
import type { AccessParts } from './dependencies.ts'
import { may } from './may.ts'
import { foldName } from './names.ts'
import { hashOf, tokenSecret } from './secrets.ts'
import type { StoredToken } from './token-store.prisma.ts'

export type TokensApi = Pick<AccessApi, 'tokens' | 'createToken' | 'revokeToken' | 'byToken'>

type Parts = Pick<
  AccessParts,
  'database' | 'clock' | 'ids' | 'log' | 'audit' | 'directory' | 'teamStore' | 'tokenStore'
>

const DAY = 86_400_000
const MOST_DAYS = 365
const TOUCH_AFTER_MS = 60_000

export function createTokens(parts: Parts): TokensApi {
  const { database, directory, clock, tokenStore, teamStore } = parts
  const { prisma } = database
  const touch = createToucher(parts)

  return {
    async tokens(by) {
      const all = mayManage(by)
      const tokens = await tokenStore.listTokens(prisma, all ? null : by.member.id)
      const names = await teamStore.teamNames(prisma)
      return tokens.map((token) => toView(token, names))
    },
    createToken: (permit, draft) => createToken(parts, permit, draft),
    revokeToken: (by, id) => revokeToken(parts, by, id),
    async byToken(secret) {
      const token = await directory.tokenByHash(hashOf(secret))
      if (!token) return { ok: false, why: 'unknown' }
      const member = await directory.byId(token.memberId)
      if (!member || member.disabled) return { ok: false, why: 'disabled' }
      if (token.revokedAt !== null) return { ok: false, why: 'revoked' }
      const now = clock.now()
      if (now >= token.expiresAt) return { ok: false, why: 'expired' }
      await touch(token, now)
      const { id: tokenId, verbs, teams, environments } = token
      return { ok: true, value: { member, token: { tokenId, verbs, teams, environments } } }
    },
  }
}

/** Records the last use, at most once a minute per token: a write on every request would be dear for what it tells. */
function createToucher({ database, log, tokenStore }: Parts) {
  const touched = new Map<string, Instant>()
  return async ({ id, lastUsedAt }: StoredToken, now: Instant): Promise<void> => {
    const last = Math.max(lastUsedAt ?? 0, touched.get(id) ?? 0)
    if (now - last < TOUCH_AFTER_MS) return
    touched.set(id, now)
    try {
      await tokenStore.touchToken(database.prisma, id, now)
    } catch (error) {
      log.warn({ error, tokenId: id }, 'The last use of a token could not be recorded')
    }
  }
}

const createToken = async (
  { database, clock, ids, audit, teamStore, tokenStore }: Parts,
  ...[permit, draft]: Parameters<AccessApi['createToken']>
): ReturnType<AccessApi['createToken']> => {
  const { by } = permit
  const isGood = Number.isInteger(draft.days) && draft.days >= 1 && draft.days <= MOST_DAYS
  if (!isGood) return { ok: false, why: 'bad-days' }

  const { prisma } = database
  const names = await teamStore.teamNames(prisma)
  const teams = idsOf(draft.teams ?? [], names)
  if (!teams) return { ok: false, why: 'unknown-team' }
  const known = new Set((await teamStore.listEnvironments(prisma)).map(({ name }) => name))
  const environments = (draft.environments ?? []).map(foldName)
  if (environments.some((name) => !known.has(name))) return { ok: false, why: 'unknown-environment' }

  const now = clock.now()
  const expiresAt = now + draft.days * DAY
  const scope = inherited({ verbs: draft.verbs, teams, environments }, by.token)
  const maker = by.token && (await tokenStore.findToken(prisma, by.token.tokenId))
  const outlives = maker !== null && expiresAt > maker.expiresAt
  if (outlives || !isWithin(scope, by)) return { ok: false, why: 'beyond-own-rights' }

  const secret = tokenSecret(ids.secret())
  const token = {
    id: ids.next('tok'),
    name: draft.name,
    hash: hashOf(secret),
    memberId: by.member.id,
    ...scope,
    createdAt: now,
    expiresAt,
  }
  return database.transaction(async (tx) => {
    const view = toView(await tokenStore.insertToken(tx, token), names)
    await audit.record(tx, tokenEntry(entryFor(permit, { after: scopeFacts(view) }, now), view))
    return { ok: true, value: { token: view, secret } }
  })
}

type Scope = Omit<TokenScope, 'tokenId'>

/** What a token makes is as narrow as the token itself where nothing narrower was asked. */
function inherited(asked: Scope, maker: TokenScope | null): Scope {
  if (!maker) return asked
  return {
    verbs: asked.verbs.length ? asked.verbs : maker.verbs,
    teams: asked.teams.length ? asked.teams : maker.teams,
    environments: asked.environments.length ? asked.environments : maker.environments,
  }
}

/**
 * Each verb must be the maker's own: in every team that is named, else somewhere. Use is checked again each time, so
 * this only spares people a token that will not do what it says.
 */
function isWithin(scope: Scope, { member, token }: By): boolean {
  const fits =
    !token ||
    (isPart(scope.verbs, token.verbs) &&
      isPart(scope.teams, token.teams) &&
      isPart(scope.environments, token.environments))
  if (!fits) return false
  // The environments were compared as lists: no one of them needs to be tried.
  const own = (verb: Verb, team: string) =>
    may(member, null, verb, { of: 'team', team: team as TeamId, environment: null, job: null }).yes
  const anywhere = (verb: Verb) =>
    may(member, null, verb, { of: 'platform', what: 'token' }).yes ||
    [...member.roles.keys()].some((team) => own(verb, team))
  return scope.verbs.every((verb) =>
    scope.teams.length ? scope.teams.every((team) => own(verb, team)) : anywhere(verb),
  )
}

function isPart(list: readonly string[], whole: readonly string[]): boolean {
  return whole.length === 0 || (list.length > 0 && list.every((each) => whole.includes(each)))
}

const revokeToken = async (
  { database, clock, audit, directory, teamStore, tokenStore }: Parts,
  ...[by, id]: Parameters<AccessApi['revokeToken']>
): ReturnType<AccessApi['revokeToken']> => {
  const { prisma } = database
  const token = await tokenStore.findToken(prisma, id)
  // Whose token it is stays unsaid: to others it does not exist.
  if (!token || (token.memberId !== by.member.id && !mayManage(by)))
    return { ok: false, why: 'unknown-token' }
  if (!mayRevoke(by, token)) return { ok: false, why: 'not-allowed' }

  const names = await teamStore.teamNames(prisma)
  const now = clock.now()
  return database.transaction(async (tx) => {
    await tokenStore.revokeTokens(tx, { id }, now)
    const view = toView({ ...token, revokedAt: token.revokedAt ?? now }, names)
    await audit.record(
      tx,
      tokenEntry(
        {
          at: now,
          memberId: by.member.id,
          actor: by.member.name,
          via: by.via,
          verb: token.memberId === by.member.id ? 'token:revoke' : 'token:manage',
          jobId: null,
          teamId: null,
          decision: 'done',
          because: null,
          before: scopeFacts(view),
          after: null,
          requestId: by.requestId,
        },
        view,
      ),
    )
    await directory.changed(tx)
    return { ok: true, value: view }
  })
}

function mayManage({ member, token }: By): boolean {
  return may(member, token, 'token:manage', { of: 'platform', what: 'token' }).yes
}

/** Whoever comes by a token may end that one; others only if the token was given that power. */
function mayRevoke(by: By, token: StoredToken): boolean {
  if (by.member.disabled) return false
  if (mayManage(by)) return true
  if (!by.token || by.token.tokenId === token.id) return true
  return by.token.verbs.length === 0 || by.token.verbs.includes('token:create')
}

// --- shapes -------------------------------------------------------------------------------------------------------

function idsOf(names: readonly string[], teams: ReadonlyMap<string, string>): string[] | null {
  const byName = new Map([...teams].map(([id, name]) => [name, id]))
  const found = names.flatMap((name) => byName.get(foldName(name)) ?? [])
  return found.length === names.length ? found : null
}

function toView(token: StoredToken, teams: ReadonlyMap<string, string>): TokenView {
  const { memberId: _, memberName, ...rest } = token
  return { ...rest, member: memberName, teams: token.teams.map((id) => teams.get(id) ?? id) }
}

function tokenEntry(entry: Omit<AuditEntry, 'subject' | 'subjectId'>, token: TokenView): AuditEntry {
  return { ...entry, subject: `token ${token.name}`, subjectId: token.id }
}

function scopeFacts({ name, member, verbs, teams, environments, expiresAt }: TokenView) {
  return { name, member, verbs, teams, environments, expiresAt: new Date(expiresAt).toISOString() }
}
