import type { AuditEntry } from '../audit/audit.ts'
import type { AccessApi, WebSignIn } from '../platform.ts'
import type { Tx } from '../storage/database.prisma.ts'
import type { Member } from './access.ts'
import type { AccessParts } from './dependencies.ts'
import { foldName } from './names.ts'
import { MIN_PASSWORD_LENGTH } from './passwords.ts'
import { hashOf } from './secrets.ts'
import { expiryOf, graceEnd, nextStep, type WebSessionRow } from './session-life.ts'
import { addressOf, PER_ADDRESS, PER_MEMBER } from './throttle.ts'
import type { Tries, TryKey } from './tries.ts'

export type SignInApi = Pick<
  AccessApi,
  'signInLink' | 'signInByCode' | 'signInByPassword' | 'setPassword' | 'session' | 'signOut'
>

type Parts = Pick<
  AccessParts,
  'database' | 'clock' | 'ids' | 'audit' | 'passwords' | 'directory' | 'signInStore'
> & { tries: Tries }

const DAY = 86_400_000
const LONGEST_LINK_MIN = 24 * 60

export function createSignIn(parts: Parts): SignInApi {
  const { database, signInStore } = parts

  return {
    signInLink: (name, minutes) => signInLink(parts, name, minutes),
    signInByCode: (code, from) => signInByCode(parts, code, from),
    signInByPassword: (name, password, from) => signInByPassword(parts, { name, password, from }),
    setPassword: (member, password, keepCookie) => setPassword(parts, { member, password, keepCookie }),
    session: (cookie) => session(parts, cookie),
    signOut: (cookie) => database.transaction((tx) => signInStore.endSession(tx, hashOf(cookie))),
  }
}

// --- signing in ---------------------------------------------------------------------------------------------------

/** For whoever may hand out the link: the command line, the demo. It asks for no permit. */
async function signInLink(
  { database, clock, ids, directory, signInStore }: Parts,
  name: string,
  minutes: number,
): ReturnType<AccessApi['signInLink']> {
  const member = await directory.byName(foldName(name))
  if (!member || member.disabled) return { ok: false, why: 'unknown-member' }
  const code = ids.secret()
  const expiresAt = clock.now() + Math.min(Math.max(1, minutes), LONGEST_LINK_MIN) * 60_000
  const row = { hash: hashOf(code), purpose: 'sign-in', memberId: member.id, expiresAt } as const
  await signInStore.insertCode(database.prisma, row)
  return { ok: true, value: { code, expiresAt } }
}

async function signInByCode(parts: Parts, code: string, from: string): ReturnType<AccessApi['signInByCode']> {
  const { database, clock, audit, directory, signInStore, tries } = parts
  const address = addressKey(from)
  if (!(await tries.take([address]))) return { ok: false, why: 'throttled' }

  const taken = await database.transaction(async (tx) => {
    const answer = await signInStore.takeCode(tx, hashOf(code), { purpose: 'sign-in', now: clock.now() })
    if (!answer.ok) await audit.record(tx, entry(parts, null, { from, by: 'code' }, answer.why))
    return answer
  })
  if (!taken.ok) return taken
  await tries.forgive(address)
  const member = await directory.byId(taken.memberId)
  return enter(parts, member, { from, by: 'code' })
}

async function signInByPassword(
  parts: Parts,
  { name, password, from }: { name: string; password: string; from: string },
): ReturnType<AccessApi['signInByPassword']> {
  const { database, audit, passwords, directory, signInStore, tries } = parts
  const address = addressKey(from)
  const named: TryKey = { of: `member ${foldName(name)}`, policy: PER_MEMBER }
  if (!(await tries.take([address, named]))) return { ok: false, why: 'throttled' }

  // Nobody of that name: the same work, the same answer.
  const found = await signInStore.findPassword(database.prisma, foldName(name))
  const matches = await passwords.matches(password, found?.passwordHash ?? null)
  const member = found && (await directory.byId(found.memberId))
  if (!matches) {
    await audit.record(database.prisma, entry(parts, member, { from, by: 'password' }, 'wrong'))
    return { ok: false, why: 'wrong' }
  }
  await tries.forgive(address)
  await tries.forget(named)
  return enter(parts, member, { from, by: 'password' })
}

interface Origin {
  from: string
  by: 'code' | 'password'
}

async function enter(
  parts: Parts,
  member: Member | null,
  origin: Origin,
): Promise<{ ok: true; value: WebSignIn } | { ok: false; why: 'disabled' }> {
  const { database, clock, ids, audit, signInStore } = parts
  if (!member || member.disabled) {
    await audit.record(database.prisma, entry(parts, member, origin, 'disabled'))
    return { ok: false, why: 'disabled' }
  }
  const now = clock.now()
  const cookie = ids.secret()
  const row: WebSessionRow = {
    hash: hashOf(cookie),
    memberId: member.id,
    csrf: ids.secret(),
    signedInAt: now,
    createdAt: now,
    seenAt: now,
    expiresAt: expiryOf(now, now),
    rotatedTo: null,
  }
  await database.transaction(async (tx: Tx) => {
    await signInStore.insertSession(tx, row)
    await audit.record(tx, entry(parts, member, origin, null))
  })
  await signInStore.dropOld(database.prisma, now - DAY)
  return { ok: true, value: { member, cookie, csrf: row.csrf, expiresAt: row.expiresAt } }
}

function entry(
  { clock, ids }: Parts,
  member: Member | null,
  { from, by }: Origin,
  because: string | null,
): AuditEntry {
  return {
    at: clock.now(),
    memberId: member?.id ?? null,
    // What was typed as a name may be a password.
    actor: member?.name ?? 'unknown',
    via: 'web',
    verb: 'session:sign-in',
    subject: 'web page',
    subjectId: null,
    jobId: null,
    teamId: null,
    decision: because === null ? 'allowed' : 'refused',
    because,
    before: null,
    after: { from, by },
    requestId: ids.next('req'),
  }
}

function addressKey(from: string): TryKey {
  return { of: `address ${addressOf(from)}`, policy: PER_ADDRESS }
}

// --- being signed in ----------------------------------------------------------------------------------------------

async function session(parts: Parts, cookie: string): ReturnType<AccessApi['session']> {
  const { database, clock, directory, signInStore } = parts
  const row = await signInStore.findSession(database.prisma, hashOf(cookie))
  if (!row) return null
  const now = clock.now()
  const step = nextStep(row, now)
  if (step === 'over') return null
  const member = await directory.byId(row.memberId)
  if (!member || member.disabled) return null

  const { csrf } = row
  if (step === 'keep') return { member, csrf, cookie: null, expiresAt: row.expiresAt }
  const expiresAt = expiryOf(row.signedInAt, now)
  if (step === 'touch') {
    await signInStore.touchSession(database.prisma, row.hash, { seenAt: now, expiresAt })
    return { member, csrf, cookie: null, expiresAt }
  }
  return { member, csrf, cookie: await rotate(parts, row, expiresAt), expiresAt }
}

/** The new cookie, or null when a request beside this one got it. */
async function rotate(
  { database, clock, ids, signInStore }: Parts,
  row: WebSessionRow,
  expiresAt: number,
): Promise<string | null> {
  const now = clock.now()
  const cookie = ids.secret()
  // The page keeps its CSRF token: it belongs to the sign-in, and a form that is open must still go through.
  const next = { ...row, hash: hashOf(cookie), createdAt: now, seenAt: now, expiresAt }
  const won = await database.transaction((tx) =>
    signInStore.replaceSession(tx, row.hash, { next, graceEnd: graceEnd(row, now) }),
  )
  return won ? cookie : null
}

async function setPassword(
  { database, clock, ids, audit, passwords, signInStore }: Parts,
  { member, password, keepCookie }: { member: Member; password: string; keepCookie: string | undefined },
): ReturnType<AccessApi['setPassword']> {
  if ([...password].length < MIN_PASSWORD_LENGTH) return { ok: false, why: 'too-short' }
  const hash = await passwords.hash(password)
  await database.transaction(async (tx) => {
    await signInStore.savePassword(tx, member.id, hash)
    await signInStore.endSessionsOf(tx, member.id, keepCookie && hashOf(keepCookie))
    await audit.record(tx, {
      at: clock.now(),
      memberId: member.id,
      actor: member.name,
      via: 'web',
      verb: 'member:set-password',
      subject: `member ${member.name}`,
      subjectId: member.id,
      jobId: null,
      teamId: null,
      decision: 'done',
      because: null,
      before: null,
      after: null,
      requestId: ids.next('req'),
    })
  })
  return { ok: true, value: null }
}
