import type { Instant } from '../../lib/clock.ts'
import type { Db, Tx } from '../storage/database.prisma.ts'
import type { WebSession } from '../storage/generated/client.ts'
import type { WebSessionRow } from './session-life.ts'
import type { Throttle } from './throttle.ts'

type Client = Db | Tx

// --- one-time codes -----------------------------------------------------------------------------------------------

export type CodePurpose = 'link' | 'sign-in'

export interface CodeRow {
  hash: string
  purpose: CodePurpose
  memberId: string
  expiresAt: Instant
}

export async function insertCode(client: Client, code: CodeRow): Promise<void> {
  await client.oneTimeCode.create({ data: { ...code, expiresAt: new Date(code.expiresAt) } })
}

/** Takes the code, which only one of several at once can do. */
export async function takeCode(
  tx: Tx,
  hash: string,
  { purpose, now }: { purpose: CodePurpose; now: Instant },
): Promise<{ ok: true; memberId: string } | { ok: false; why: 'unknown-code' | 'expired' | 'used' }> {
  const code = await tx.oneTimeCode.findUnique({ where: { hash } })
  if (!code || code.purpose !== purpose) return { ok: false, why: 'unknown-code' }
  if (code.usedAt) return { ok: false, why: 'used' }
  if (code.expiresAt.getTime() <= now) return { ok: false, why: 'expired' }
  const { count } = await tx.oneTimeCode.updateMany({
    where: { hash, usedAt: null },
    data: { usedAt: new Date(now) },
  })
  return count === 1 ? { ok: true, memberId: code.memberId } : { ok: false, why: 'used' }
}

/** Codes of one member that were not used, of one purpose or of all. */
export async function dropOpenCodes(client: Client, memberId: string, purpose?: CodePurpose): Promise<void> {
  await client.oneTimeCode.deleteMany({ where: { memberId, usedAt: null, ...(purpose && { purpose }) } })
}

// --- sessions -----------------------------------------------------------------------------------------------------

export async function findSession(client: Client, hash: string): Promise<WebSessionRow | null> {
  const row = await client.webSession.findUnique({ where: { hash } })
  return row && toSession(row)
}

export async function insertSession(client: Client, session: WebSessionRow): Promise<void> {
  await client.webSession.create({ data: toData(session) })
}

export async function touchSession(
  client: Client,
  hash: string,
  { seenAt, expiresAt }: { seenAt: Instant; expiresAt: Instant },
): Promise<void> {
  await client.webSession.updateMany({
    // A session that was rotated meanwhile must not live on.
    where: { hash, rotatedTo: null },
    data: { seenAt: new Date(seenAt), expiresAt: new Date(expiresAt) },
  })
}

/** False when another request was first. */
export async function replaceSession(
  tx: Tx,
  hash: string,
  { next, graceEnd }: { next: WebSessionRow; graceEnd: Instant },
): Promise<boolean> {
  const { count } = await tx.webSession.updateMany({
    where: { hash, rotatedTo: null },
    data: { rotatedTo: next.hash, expiresAt: new Date(graceEnd) },
  })
  if (count === 1) await insertSession(tx, next)
  return count === 1
}

/** Ends the session, the one that replaced it and the one it replaced. */
export async function endSession(tx: Tx, hash: string): Promise<void> {
  const row = await tx.webSession.findUnique({ where: { hash } })
  if (!row) return
  await tx.webSession.deleteMany({
    where: { OR: [{ hash }, { rotatedTo: hash }, ...(row.rotatedTo ? [{ hash: row.rotatedTo }] : [])] },
  })
}

export async function endSessionsOf(client: Client, memberId: string, exceptHash = ''): Promise<void> {
  await client.webSession.deleteMany({ where: { memberId, hash: { not: exceptHash } } })
}

// --- throttles ----------------------------------------------------------------------------------------------------

/** Reads the throttle, locked until the transaction ends. */
export async function lockThrottle(tx: Tx, key: string): Promise<Throttle | null> {
  // Locking needs a row, and two who make it at once must not fail.
  await tx.$executeRaw`
    INSERT INTO "SignInThrottle" (key, failures, until) VALUES (${key}, 0, to_timestamp(0)) ON CONFLICT DO NOTHING`
  const [row] = await tx.$queryRaw<{ failures: number; until: Date }[]>`
    SELECT failures, until FROM "SignInThrottle" WHERE key = ${key} FOR UPDATE`
  return row ? { failures: row.failures, until: row.until.getTime() } : null
}

export async function saveThrottle(tx: Tx, key: string, { failures, until }: Throttle): Promise<void> {
  await tx.signInThrottle.update({ where: { key }, data: { failures, until: new Date(until) } })
}

/** Takes back one failure: the try that was counted in advance went well. Those of others stay. */
export async function forgiveThrottle(client: Client, key: string, now: Instant): Promise<void> {
  await client.$executeRaw`
    UPDATE "SignInThrottle" SET failures = GREATEST(failures - 1, 0), until = LEAST(until, ${new Date(now)})
    WHERE key = ${key}`
}

export async function dropThrottle(client: Client, key: string): Promise<void> {
  await client.signInThrottle.deleteMany({ where: { key } })
}

// --- tidying ------------------------------------------------------------------------------------------------------

/** What has been over for a day. Until then a used code is told from an unknown one. */
export async function dropOld(client: Client, before: Instant): Promise<void> {
  const lt = new Date(before)
  await client.webSession.deleteMany({ where: { expiresAt: { lt } } })
  await client.oneTimeCode.deleteMany({ where: { expiresAt: { lt } } })
  await client.signInThrottle.deleteMany({ where: { until: { lt } } })
}

// --- passwords ----------------------------------------------------------------------------------------------------

export async function findPassword(
  client: Client,
  name: string,
): Promise<{ memberId: string; passwordHash: string | null } | null> {
  const row = await client.member.findUnique({ where: { name }, select: { id: true, passwordHash: true } })
  return row && { memberId: row.id, passwordHash: row.passwordHash }
}

export async function savePassword(client: Client, memberId: string, passwordHash: string): Promise<void> {
  await client.member.update({ where: { id: memberId }, data: { passwordHash } })
}

// --- shapes -------------------------------------------------------------------------------------------------------

function toSession(row: WebSession): WebSessionRow {
  return {
    hash: row.hash,
    memberId: row.memberId,
    csrf: row.csrf,
    signedInAt: row.signedInAt.getTime(),
    createdAt: row.createdAt.getTime(),
    seenAt: row.seenAt.getTime(),
    expiresAt: row.expiresAt.getTime(),
    rotatedTo: row.rotatedTo,
  }
}

function toData(session: WebSessionRow): WebSession {
  return {
    ...session,
    signedInAt: new Date(session.signedInAt),
    createdAt: new Date(session.createdAt),
    seenAt: new Date(session.seenAt),
    expiresAt: new Date(session.expiresAt),
  }
}
