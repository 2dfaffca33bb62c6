import { createHmac, timingSafeEqual } from 'node:crypto'
import { Problem } from './problem.ts'

/**
 * Cursors as they leave us: signed for the list they came from, so that the stores only ever see cursors they made.
 */
export interface Cursors {
  seal(list: string, cursor: string | null): string | null
  /** Throws a problem when it is not one of ours for this list. */
  open(list: string, sealed: string | undefined): string | null
}

export function createCursors(secret: string): Cursors {
  const key = createHmac('sha256', secret).update('cursors').digest()
  const sign = (list: string, cursor: string) =>
    createHmac('sha256', key).update(`${list}\n${cursor}`).digest('base64url').slice(0, 16)

  return {
    seal: (list, cursor) =>
      cursor === null ? null : `${Buffer.from(cursor).toString('base64url')}.${sign(list, cursor)}`,
    open(list, sealed) {
      if (sealed === undefined) return null
      const [encoded = '', signature = ''] = sealed.split('.')
      const cursor = Buffer.from(encoded, 'base64url').toString()
      if (!same(signature, sign(list, cursor))) throw new Problem('unknown-cursor', {})
      return cursor
    },
  }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
