import { entryFor } from '../audit/audit.ts'
import type { AccessApi, AccountRef } from '../platform.ts'
import type { Tx } from '../storage/database.prisma.ts'
import type { AccessParts } from './dependencies.ts'
import { foldName, isGoodName } from './names.ts'

export type ReachingApi = Pick<AccessApi, 'reachOf' | 'linkByDirectory' | 'accountLeft' | 'importPerson'>

type Parts = Pick<AccessParts, 'database' | 'clock' | 'ids' | 'audit' | 'directory' | 'memberStore'>

interface DirectoryPerson {
  email: string | null
  staffNumber: string | null
}

/** People as vendors' directories know them: who they are among us, how they are reached, and that they left. */
export function createReaching(parts: Parts): ReachingApi {
  const { database, memberStore, directory } = parts
  return {
    reachOf: (memberId) => memberStore.findReach(database.prisma, memberId),
    async linkByDirectory(account, person, requestId) {
      const linked = await database.transaction((tx) =>
        linkByDirectory(parts, tx, { account, person, requestId }),
      )
      return linked === null ? null : directory.byId(linked)
    },
    accountLeft: (account, requestId) => accountLeft(parts, account, requestId),
    importPerson: (permit, person) => importPerson(parts, permit, person),
  }
}

async function linkByDirectory(
  { clock, ids, audit, directory, memberStore }: Parts,
  tx: Tx,
  { account, person, requestId }: { account: AccountRef; person: DirectoryPerson; requestId: string },
): Promise<string | null> {
  const known = await memberStore.findAccount(tx, account)
  if (known?.memberId || known?.leftAt) return null
  const [member, another] = await memberStore.findByDirectory(tx, person)
  if (!member || another) return null
  const now = clock.now()
  await memberStore.saveAccount(tx, account, { id: ids.next('acc'), now, memberId: member.id })
  await audit.record(tx, {
    at: now,
    memberId: member.id,
    actor: member.name,
    via: account.vendor,
    verb: 'account:link',
    subject: `account ${account.vendor} ${account.displayName}`,
    subjectId: account.externalId,
    jobId: null,
    teamId: null,
    requestId,
    decision: 'done',
    because: 'the directory says so',
    before: { memberId: null },
    after: { memberId: member.id },
  })
  await directory.changed(tx)
  return member.id
}

function accountLeft(
  { database, clock, audit, directory, memberStore }: Parts,
  account: Pick<AccountRef, 'vendor' | 'externalId'>,
  requestId: string,
): ReturnType<AccessApi['accountLeft']> {
  return database.transaction(async (tx) => {
    const now = clock.now()
    const known = await memberStore.findAccount(tx, { ...account, displayName: '' })
    if (!known || !(await memberStore.markAccountLeft(tx, account, now))) return null
    await audit.record(tx, {
      at: now,
      memberId: known.memberId,
      actor: known.displayName,
      via: account.vendor,
      verb: 'account:left',
      subject: `account ${account.vendor} ${known.displayName}`,
      subjectId: account.externalId,
      jobId: null,
      teamId: null,
      requestId,
      decision: 'done',
      because: null,
      before: null,
      after: { left: true },
    })
    await directory.changed(tx)
    return known.memberId === null ? null : memberStore.findMember(tx, { id: known.memberId })
  })
}

function importPerson(
  parts: Parts,
  ...[permit, { account, email, staffNumber }]: Parameters<AccessApi['importPerson']>
): ReturnType<AccessApi['importPerson']> {
  const { database, clock, ids, audit, directory, memberStore } = parts
  return database.transaction(async (tx) => {
    await memberStore.lockImports(tx)
    const known = await memberStore.findAccount(tx, account)
    if (known?.memberId) return 'known'
    const { requestId } = permit.by
    if (await linkByDirectory(parts, tx, { account, person: { email, staffNumber }, requestId }))
      return 'linked'
    const now = clock.now()
    const { displayName } = account
    const free = await freeNumber(parts, tx, staffNumber)
    const fields = { displayName, email, staffNumber: free, isAdmin: false, language: 'zh' } as const
    const id = ids.next('mem')
    const name = await insertNamed(parts, tx, { ...fields, id, now, account })
    await memberStore.saveAccount(tx, account, { id: ids.next('acc'), now, memberId: id })
    const after = { name, displayName, account: `${account.vendor} ${account.externalId}` }
    await audit.record(tx, entryFor(permit, { subject: `member ${name}`, subjectId: id, after }, now))
    await directory.changed(tx)
    return 'added'
  })
}

/** A number means one person: who comes second goes without. */
async function freeNumber({ memberStore }: Parts, tx: Tx, number: string | null): Promise<string | null> {
  return number && !(await memberStore.isStaffNumberTaken(tx, number)) ? number : null
}

/**
 * What people type for somebody: the e-mail's first part, else the name there, with a number when it is taken. Its name.
 */
async function insertNamed(
  { memberStore }: Parts,
  tx: Tx,
  { account, ...member }: Omit<NewMember, 'name'> & { account: AccountRef },
): Promise<string> {
  const wished = [
    member.email?.split('@')[0],
    account.displayName.replaceAll(/\s+/g, '.'),
    account.externalId,
  ]
  const base = wished.map((each) => foldName(each ?? '')).find(isGoodName) ?? `member-${account.vendor}`
  for (let i = 1; ; i++) {
    const name = i === 1 ? base : `${base}-${i}`
    if (await memberStore.insertMember(tx, { ...member, name })) return name
  }
}

type NewMember = Parameters<Parts['memberStore']['insertMember']>[1]
