import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Encrypts what rests in the database and must not be read there: AES-256-GCM under a key of its own per purpose. */
export interface Seal {
  close(text: string): string
  /** Throws when it was closed under another key or purpose, or changed since. */
  open(sealed: string): string
}

const NONCE = 12
const TAG = 16

/** A key for one purpose, from which neither our secret nor another key follows. */
export function keyFor(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `sluice ${purpose}`, 32))
}

export function createSeal(secret: string, purpose: string): Seal {
  const key = keyFor(secret, purpose)
  return {
    close(text) {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE))
      decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG))
      const body = bytes.subarray(NONCE + TAG)
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
    },
  }
}
