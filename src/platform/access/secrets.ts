import { createHash } from 'node:crypto'

const TOKEN_PREFIX = 'slu_'

/** What the database keeps of a secret. A plain digest is enough: these secrets have 256 bits, not a person's eight letters. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** A prefix, so that secret scanners and people recognise it. */
export function tokenSecret(secret: string): string {
  return `${TOKEN_PREFIX}${secret}`
}

/** Digits and letters that nobody mistakes for each other: no 0 O, 1 I L, U V. */
const LINK_LETTERS = '23456789ABCDEFGHJKMNPQRSTWXYZ'
const LINK_LENGTH = 8

/** Eight letters made from random bytes: 29^8, some 39 bits, which ten minutes and a throttle make enough. */
export function linkCode(secret: string): string {
  // Bytes beyond the last whole round would make the first letters likelier.
  const fair = Math.floor(256 / LINK_LETTERS.length) * LINK_LETTERS.length
  const digest = createHash('sha512').update(secret).digest()
  const letters = [...digest]
    .filter((byte) => byte < fair)
    .map((byte) => LINK_LETTERS[byte % LINK_LETTERS.length])
  return letters.slice(0, LINK_LENGTH).join('')
}

/** What was typed, as it was shown: any case, full-width letters, blanks and dashes between. */
export function foldLinkCode(typed: string): string {
  return typed
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[\s\p{Dash}]/gu, '')
}
