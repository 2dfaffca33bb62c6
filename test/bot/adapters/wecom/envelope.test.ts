import { encrypt, getSignature } from '@wecom/crypto'
import { describe, expect, it } from 'vitest'
import { type Keys, openSealed, type Sealed } from '../../../../src/bot/adapters/wecom/envelope.ts'

const RANDOM = Buffer.from('0123456789abcdef')
const KEYS: Keys = {
  token: 'chatopsToken1',
  aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  corpId: 'ww0123456789abcdef',
}
const ENCRYPTED = 'Q3stYC6hdFzMh9T8HCvyDHbO3BpRQ0iYGceFJ9gSwfAa/3xG81EswctpKPNaWs4EGet7toIOAPLU/SYY+fwnyg=='
const CALL: Sealed = {
  signature: '23b907cf582fd251b65eacc210d6939971f3fea3',
  timestamp: '1760000001',
  nonce: 'n0nce42',
  encrypted: ENCRYPTED,
}
const SENT = 1_760_000_001_000

const signed = (encrypted: string, more: Partial<Sealed> = {}): Sealed => ({
  ...CALL,
  encrypted,
  signature: getSignature(KEYS.token, '1760000001', 'n0nce42', encrypted),
  ...more,
})

describe('a sealed call', () => {
  it('is signed and encrypted as the vectors say', () => {
    expect(encrypt(KEYS.aesKey, 'hello', KEYS.corpId, RANDOM)).toBe(ENCRYPTED)
    expect(openSealed(CALL, KEYS, SENT)).toEqual({ is: 'open', message: 'hello' })

    const robots = encrypt(KEYS.aesKey, '{"msgtype":"text"}', '', RANDOM)
    expect(robots).toBe(
      'Q3stYC6hdFzMh9T8HCvyDD712uX8onmHUva9KNYQqhHhJQeojMWP+B2d9+v8WlysuzAHHrvUZ9vvpslnY8rN/A==',
    )
    expect(getSignature(KEYS.token, '1760000001', 'n0nce42', robots)).toBe(
      '2e414593f4ef486a19d0b08d9d93df54c2e88240',
    )
  })

  it.each([
    ['forged', { ...CALL, signature: '23b907cf582fd251b65eacc210d6939971f3fea4' }],
    ['forged', { ...CALL, signature: '23b9' }],
    ['forged', { ...CALL, nonce: 'other' }],
    ['forged', { ...CALL, encrypted: `${ENCRYPTED} ` }],
    ['incomplete', { ...CALL, signature: undefined }],
    ['incomplete', { ...CALL, timestamp: ['1760000001', '1'] }],
    ['incomplete', { ...CALL, nonce: '' }],
    ['incomplete', { ...CALL, encrypted: undefined }],
    [
      'stale',
      signed(ENCRYPTED, {
        timestamp: 'soon',
        signature: getSignature(KEYS.token, 'soon', 'n0nce42', ENCRYPTED),
      }),
    ],
    ['other-company', signed(encrypt(KEYS.aesKey, 'hello', 'wwother', RANDOM))],
    ['other-company', signed(encrypt(KEYS.aesKey, 'hello', '', RANDOM))],
    ['unreadable', signed('bm90aGluZw==')],
    ['unreadable', signed('%%%')],
  ])('is refused as %s: %#', (because, call) => {
    expect(openSealed(call, KEYS, SENT)).toEqual({ is: 'refused', because })
  })

  it.each([299_000, -299_000])('is fresh %i ms after it was sent', (ms) => {
    expect(openSealed(CALL, KEYS, SENT + ms).is).toBe('open')
  })

  it.each([301_000, -301_000])('is stale %i ms after it was sent', (ms) => {
    expect(openSealed(CALL, KEYS, SENT + ms)).toEqual({ is: 'refused', because: 'stale' })
  })

  it('opens with no other key', () => {
    const other = { ...KEYS, aesKey: 'zbcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' }

    expect(openSealed(CALL, other, SENT).is).toBe('refused')
  })
})
