import type { Instant } from '../../lib/clock.ts'
import type { Prisma } from './generated/client.ts'

/** How instants and JSON stand in the database. */

export function instantOf(date: Date): Instant
export function instantOf(date: Date | null): Instant | null
export function instantOf(date: Date | null): Instant | null {
  return date === null ? null : date.getTime()
}

export function dateOf(instant: Instant): Date
export function dateOf(instant: Instant | null): Date | null
export function dateOf(instant: Instant | null): Date | null {
  return instant === null ? null : new Date(instant)
}

/** Our stored types are JSON through and through; Prisma's type cannot see that of an interface. */
export function toJson(value: object): Prisma.InputJsonValue {
  return value as Prisma.InputJsonValue
}
