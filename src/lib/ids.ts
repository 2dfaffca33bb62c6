import { randomBytes, randomInt } from 'node:crypto'

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz'

/** Makes identifiers; handed in, so that tests can make them predictable. */
export interface Ids {
  /** `prefix_` and 12 characters of [0-9a-z]: 62 bits, enough never to meet twice. */
  next(prefix: string): string
  /** A secret of 256 bits, url-safe. */
  secret(): string
}

export const randomIds: Ids = {
  next: (prefix) => `${prefix}_${Array.from({ length: 12 }, () => ALPHABET[randomInt(36)]).join('')}`,
  secret: () => randomBytes(32).toString('base64url'),
}
