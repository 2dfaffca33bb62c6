import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Meaning } from './cards/card.ts'

/** Signs what a button means, and reads it back from a tap. */
export interface PressSigner {
  sign(cardId: string, meaning: Meaning): string
  read(press: string): SignedPress | null
}

export interface SignedPress {
  /** Digest of the press: the same button of the same card has the same one. */
  id: string
  cardId: string
  meaning: Meaning
}

// 128 bits: chats limit what a button may carry.
const SIGNATURE_BYTES = 16

/**
 * A press is `payload.signature`, both base64url. The card's version is not part of it: a button that means the same
 * stays the same while its card is redrawn, so the second tap is recognised whichever version it was made on.
 */
export function createPressSigner(key: string | Uint8Array): PressSigner {
  const signature = (payload: string) =>
    createHmac('sha256', key).update(payload).digest().subarray(0, SIGNATURE_BYTES)

  return {
    sign(cardId, meaning) {
      const payload = payloadOf(cardId, meaning)
      return `${payload}.${signature(payload).toString('base64url')}`
    },
    read(press) {
      const [payload, given, ...more] = press.split('.')
      if (!payload || !given || more.length > 0) return null
      const bytes = Buffer.from(given, 'base64url')
      if (bytes.length !== SIGNATURE_BYTES || !timingSafeEqual(bytes, signature(payload))) return null
      // Signed by us, so it has the shape that `sign` gave it.
      const [cardId, ...parts] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [
        string,
        ...Compact,
      ]
      return { id: pressId(press), cardId, meaning: expand(parts) }
    },
  }
}

function payloadOf(cardId: string, meaning: Meaning): string {
  return Buffer.from(JSON.stringify([cardId, ...compact(meaning)])).toString('base64url')
}

/** By which a tap on this button of this card is found. */
export function pressIdOf(cardId: string, meaning: Meaning): string {
  return pressId(payloadOf(cardId, meaning))
}

/** A form sent again with other values is another wish; with the same values it is the same tap. */
export function pressId(press: string, values: Readonly<Record<string, string>> = {}): string {
  // The signature may be spelled in several ways that read the same; the payload that it signs may not.
  const [payload = ''] = press.split('.')
  const sent = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))
  const hash = createHash('sha256').update(payload)
  if (sent.length > 0) hash.update(JSON.stringify(sent))
  return hash.digest('base64url')
}

type Compact =
  | ['s', text: string]
  | ['s', text: string, jobId: string, generation: number]
  | ['+' | '-' | 'x', operationId: string, version: number]
  | ['k', incidentId: string, generation: number]
  | ['f', command: string, given: Readonly<Record<string, string>>]
  | ['a', test: string]

function compact(meaning: Meaning): Compact {
  switch (meaning.is) {
    case 'says':
      return meaning.job ? ['s', meaning.text, meaning.job.id, meaning.job.generation] : ['s', meaning.text]
    case 'approves':
      return ['+', meaning.operationId, meaning.version]
    case 'rejects':
      return ['-', meaning.operationId, meaning.version]
    case 'cancels':
      return ['x', meaning.operationId, meaning.version]
    case 'acknowledges':
      return ['k', meaning.incidentId, meaning.generation]
    case 'submits':
      return ['f', meaning.command, meaning.given]
    case 'arrives':
      return ['a', meaning.test]
  }
}

function expand(parts: Compact): Meaning {
  switch (parts[0]) {
    case 's': {
      const [, text, id, generation] = parts
      const job = id === undefined || generation === undefined ? null : { id, generation }
      return { is: 'says', text, job }
    }
    case '+':
      return { is: 'approves', operationId: parts[1], version: parts[2] }
    case '-':
      return { is: 'rejects', operationId: parts[1], version: parts[2] }
    case 'x':
      return { is: 'cancels', operationId: parts[1], version: parts[2] }
    case 'k':
      return { is: 'acknowledges', incidentId: parts[1], generation: parts[2] }
    case 'f':
      return { is: 'submits', command: parts[1], given: parts[2] }
    case 'a':
      return { is: 'arrives', test: parts[1] }
  }
}
