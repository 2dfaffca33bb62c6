import type { Ids } from '../lib/ids.ts'
import { LOCAL_MEMBER } from '../platform/access/local-member.ts'
import type { Permits } from '../platform/access/permits.ts'
import type { AccessApi, By, Language, Member } from '../platform/platform.ts'

export type AccessOfOurs = AccessApi & Permits

/** The admin in whose name commands of this machine act; made when there is none. */
export async function localMember(access: AccessOfOurs, ids: Ids): Promise<Member> {
  const there = await access.memberByName(LOCAL_MEMBER)
  if (there) return there
  const permit = await access.permitSluice(
    'member:manage',
    { of: 'platform', what: `member ${LOCAL_MEMBER}` },
    ids.next('req'),
  )
  const draft = { name: LOCAL_MEMBER, displayName: 'sluice (command line)', admin: true }
  const added = await access.addMember(permit, draft)
  // Two servers that start together: the other one made it.
  if (!added.ok && added.why !== 'name-taken')
    throw new Error(`The member ${LOCAL_MEMBER} was refused: ${added.why}`)
  const member = await access.memberByName(LOCAL_MEMBER)
  if (!member) throw new Error(`The member ${LOCAL_MEMBER} cannot be read.`)
  return member
}

export async function byLocal(access: AccessOfOurs, ids: Ids): Promise<By> {
  return { member: await localMember(access, ids), via: 'cli', token: null, requestId: ids.next('req') }
}

export const FIRST_ADMIN = 'admin'
export const LINK_MINUTES = 60

/**
 * A new installation has nobody who could sign in: its first start makes an admin and a link for them. Null when there
 * are people already.
 */
export async function firstAdminCode(
  access: AccessOfOurs,
  { ids, language }: { ids: Ids; language: Language },
): Promise<string | null> {
  const { items } = await access.members({ limit: 2 })
  if (items.some(({ name }) => name !== LOCAL_MEMBER)) return null
  const what = { of: 'platform', what: `member ${FIRST_ADMIN}` } as const
  const permit = await access.permitSluice('member:manage', what, ids.next('req'))
  const draft = { name: FIRST_ADMIN, displayName: FIRST_ADMIN, admin: true, language }
  const added = await access.addMember(permit, draft)
  if (!added.ok) return null
  const link = await access.signInLink(FIRST_ADMIN, LINK_MINUTES)
  return link.ok ? link.value.code : null
}

export function signInAddress(url: string, code: string): string {
  return `${url}/sign-in?code=${encodeURIComponent(code)}`
}
