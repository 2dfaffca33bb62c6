import { Prisma } from './generated/client.ts'

/**
 * The name of the unique constraint or index that a write ran into, null for every other error. Stores turn the name
 * into a domain answer ("name taken"). After it the transaction is over: wrap a risky write in `tx.$transaction` to
 * go on behind it.
 */
export function uniqueViolation(error: unknown): string | null {
  const cause = databaseCause(error)
  if (cause?.kind === 'UniqueConstraintViolation') return cause.constraint?.index ?? null
  if (isPgError(error) && error.code === '23505') return error.constraint ?? null
  return null
}

/** Two transactions got into each other's way (serialisation failure or deadlock): trying again is right. */
export function isConflict(error: unknown): boolean {
  if (databaseCause(error)?.kind === 'TransactionWriteConflict') return true
  if (isPgError(error)) return error.code === '40001' || error.code === '40P01'
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2034'
}

/** A trigger of ours refused the write: an audit entry or a release was to be changed. */
export function isRefusedByTrigger(error: unknown): boolean {
  const code = isPgError(error) ? error.code : databaseCause(error)?.originalCode
  return code === REFUSED_BY_TRIGGER
}

/** The SQLSTATE that prisma/hand-written.sql raises with: class SL is ours alone. */
const REFUSED_BY_TRIGGER = 'SL001'

interface DatabaseCause {
  kind?: string
  originalCode?: string
  constraint?: { index?: string; fields?: string[] }
}

function databaseCause(error: unknown): DatabaseCause | null {
  if (!isObject(error)) return null
  // A driver adapter error as it is (outside of Prisma's own wrapping), or inside of a known request error.
  if (error.name === 'DriverAdapterError' && isObject(error.cause)) return error.cause
  if (!isObject(error.meta) || !isObject(error.meta.driverAdapterError)) return null
  const { cause } = error.meta.driverAdapterError
  return isObject(cause) ? cause : null
}

function isPgError(error: unknown): error is Error & { code: string; constraint?: string } {
  return error instanceof Error && 'code' in error && 'severity' in error && typeof error.code === 'string'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
