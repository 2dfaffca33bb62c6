import type { Instant } from '../lib/clock.ts'

/** Where a list that shows the newest first goes on: behind this row, whatever was added meanwhile. */
export interface Place {
  at: Instant
  id: string
}

export function cursorOf({ at, id }: Place): string {
  return Buffer.from(`${at}.${id}`).toString('base64url')
}

/** A cursor that we never gave begins at the first page again. */
export function placeOf(cursor: string | null | undefined): Place | null {
  if (!cursor) return null
  const match = /^(\d{1,15})\.([\w-]{1,64})$/.exec(Buffer.from(cursor, 'base64url').toString())
  return match?.[1] && match[2] ? { at: Number(match[1]), id: match[2] } : null
}

/** The same for lists that count down by number. */
export function numberOf(cursor: string | null | undefined): number | null {
  return cursor && /^\d{1,9}$/.test(cursor) ? Number(cursor) : null
}
