import { entryFor } from '../audit/audit.ts'
import type { AccessApi } from '../platform.ts'
import type { AccessParts } from './dependencies.ts'
import { foldName, isGoodName } from './names.ts'

export type MembersApi = Pick<
  AccessApi,
  'memberByName' | 'memberById' | 'setLanguage' | 'members' | 'addMember' | 'disableMember'
>

type Parts = Pick<
  AccessParts,
  'database' | 'clock' | 'ids' | 'audit' | 'directory' | 'memberStore' | 'signInStore' | 'tokenStore'
>

const PAGE = 50
const LARGEST_PAGE = 200

export function createMembers(parts: Parts): MembersApi {
  const { database, directory, memberStore } = parts

  return {
    memberByName: (name) => directory.byName(foldName(name)),
    memberById: (id) => directory.byId(id),
    async setLanguage(member, language) {
      await database.transaction(async (tx) => {
        await memberStore.saveMember(tx, member.id, { language })
        await directory.changed(tx)
      })
    },
    async members({ like, cursor, limit }) {
      const size = Math.min(Math.max(1, Math.trunc(limit ?? PAGE) || PAGE), LARGEST_PAGE)
      const rows = await memberStore.listMembers(database.prisma, {
        like: like ?? null,
        after: cursor ?? null,
        limit: size + 1,
      })
      const items = rows.slice(0, size)
      return { items, next: rows.length > size ? (items.at(-1)?.name ?? null) : null }
    },
    addMember: (permit, draft) => addMember(parts, permit, draft),
    disableMember: (permit, name, disabled) => disableMember(parts, permit, name, disabled),
  }
}

const addMember = async (
  { database, clock, ids, audit, directory, memberStore }: Parts,
  ...[permit, draft]: Parameters<AccessApi['addMember']>
): ReturnType<AccessApi['addMember']> => {
  const name = foldName(draft.name)
  if (!isGoodName(name)) return { ok: false, why: 'bad-name' }
  const now = clock.now()
  const member = {
    id: ids.next('mem'),
    name,
    displayName: draft.displayName.trim() || name,
    email: draft.email ?? null,
    isAdmin: draft.admin ?? false,
    language: draft.language ?? 'zh',
    now,
  }

  return database.transaction(async (tx) => {
    if (!(await memberStore.insertMember(tx, member))) return { ok: false, why: 'name-taken' }
    const value = await memberStore.findMemberView(tx, name)
    if (!value) throw new Error('A member that was just written cannot be read.')
    await audit.record(
      tx,
      entryFor(permit, { subject: `member ${name}`, subjectId: value.id, after: value }, now),
    )
    await directory.changed(tx)
    return { ok: true, value }
  })
}

/** With the member go their sessions, open codes and tokens: none of them comes back when the member does. */
const disableMember = (
  { database, clock, audit, directory, memberStore, signInStore, tokenStore }: Parts,
  ...[permit, typed, disabled]: Parameters<AccessApi['disableMember']>
): ReturnType<AccessApi['disableMember']> =>
  database.transaction(async (tx) => {
    const admins = await memberStore.lockEnabledAdmins(tx)
    const before = await memberStore.findMemberView(tx, foldName(typed))
    if (!before) return { ok: false, why: 'unknown-member' }
    const back = disabled ? 0 : await memberStore.bringAccountsBack(tx, before.id)
    if (before.disabled === disabled && back === 0) return { ok: true, value: before }
    const isLast = admins.length === 1 && admins[0] === before.id
    if (disabled && isLast) return { ok: false, why: 'last-admin' }

    const now = clock.now()
    await memberStore.saveMember(tx, before.id, { disabledAt: disabled ? now : null })
    if (disabled) {
      await signInStore.endSessionsOf(tx, before.id)
      await signInStore.dropOpenCodes(tx, before.id)
      await tokenStore.revokeTokens(tx, { memberId: before.id }, now)
    }
    const what = {
      subject: `member ${before.name}`,
      subjectId: before.id,
      before: { disabled: before.disabled },
      after: { disabled, ...(back > 0 && { accountsBack: back }) },
    }
    await audit.record(tx, entryFor(permit, what, now))
    await directory.changed(tx)
    return { ok: true, value: { ...before, disabled } }
  })
