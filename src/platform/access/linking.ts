import { entryFor } from '../audit/audit.ts'
import type { AccessApi, AccountRef } from '../platform.ts'
import type { By } from './access.ts'
import { AccessError } from './access-error.ts'
import type { AccessParts } from './dependencies.ts'
import { foldLinkCode, hashOf, linkCode } from './secrets.ts'
import { PER_MEMBER } from './throttle.ts'
import type { Tries, TryKey } from './tries.ts'

export type LinkingApi = Pick<AccessApi, 'memberOf' | 'linkCode' | 'link'>

type Parts = Pick<
  AccessParts,
  'database' | 'clock' | 'ids' | 'audit' | 'directory' | 'memberStore' | 'signInStore'
> & { tries: Tries }

const CODE_MS = 10 * 60_000
const VERB = 'account:link'

export function createLinking(parts: Parts): LinkingApi {
  const { database, clock, ids, audit, directory, memberStore, signInStore } = parts
  const { prisma } = database

  return {
    async memberOf(account) {
      const makeKnown = () =>
        memberStore.saveAccount(prisma, account, { id: ids.next('acc'), now: clock.now() })
      const { memberId, leftAt } = await directory.account(account, makeKnown)
      const member = memberId === null ? null : await directory.byId(memberId)
      return member && leftAt !== null ? { ...member, disabled: true } : member
    },
    async linkCode(permit) {
      refuseNarrowed(permit.by)
      const code = linkCode(ids.secret())
      const now = clock.now()
      const expiresAt = now + CODE_MS
      const memberId = permit.by.member.id
      await database.transaction(async (tx) => {
        await signInStore.dropOpenCodes(tx, memberId, 'link')
        await signInStore.insertCode(tx, { hash: hashOf(code), purpose: 'link', memberId, expiresAt })
        const subject = `member ${permit.by.member.name}`
        await audit.record(
          tx,
          entryFor(permit, { verb: 'account:link-code', subject, subjectId: memberId }, now),
        )
      })
      return { code, expiresAt }
    },
    async link(account, code, requestId) {
      const key: TryKey = { of: `link ${account.vendor} ${account.externalId}`, policy: PER_MEMBER }
      if (!(await parts.tries.take([key]))) return { ok: false, why: 'throttled' }
      const linked = await takeAndLink(parts, { account, code, requestId })
      if (!linked.ok) return linked
      await parts.tries.forget(key)
      const member = await directory.byId(linked.memberId)
      return member ? { ok: true, value: member } : { ok: false, why: 'unknown-code' }
    },
  }
}

/** A token must not grow into an account on a chat, which has all of the member's rights and never expires. */
function refuseNarrowed({ token }: By): void {
  if (!token || token.verbs.length + token.teams.length + token.environments.length === 0) return
  throw new AccessError('limited-token', 'A token that is limited cannot make a code that links an account.')
}

function takeAndLink(
  { database, clock, ids, audit, directory, memberStore, signInStore }: Parts,
  { account, code, requestId }: { account: AccountRef; code: string; requestId: string },
): Promise<{ ok: true; memberId: string } | { ok: false; why: 'unknown-code' | 'expired' | 'used' }> {
  return database.transaction(async (tx) => {
    const now = clock.now()
    const hash = hashOf(foldLinkCode(code))
    const taken = await signInStore.takeCode(tx, hash, { purpose: 'link', now })
    const member = taken.ok ? await memberStore.findMember(tx, { id: taken.memberId }) : null
    const why = taken.ok ? (member && !member.disabled ? null : 'unknown-code') : taken.why

    const entry = {
      at: now,
      memberId: member?.id ?? null,
      actor: member?.name ?? account.displayName,
      via: account.vendor,
      verb: VERB,
      subject: `account ${account.vendor} ${account.displayName}`,
      subjectId: account.externalId,
      jobId: null,
      teamId: null,
      requestId,
    }
    if (why !== null || !member) {
      await audit.record(tx, { ...entry, decision: 'refused', because: why, before: null, after: null })
      return { ok: false, why: why ?? 'unknown-code' }
    }

    const former = await memberStore.findAccount(tx, account)
    await memberStore.saveAccount(tx, account, { id: ids.next('acc'), now, memberId: member.id })
    await audit.record(tx, {
      ...entry,
      decision: 'done',
      because: null,
      before: { memberId: former?.memberId ?? null },
      after: { memberId: member.id },
    })
    await directory.changed(tx)
    return { ok: true, memberId: member.id }
  })
}
