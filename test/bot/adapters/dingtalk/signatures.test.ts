import { describe, expect, it } from 'vitest'
import {
  cardApiSecret,
  cardSignature,
  robotSignature,
  verify,
} from '../../../../src/bot/adapters/dingtalk/signatures.ts'

const SECRET = 'app-secret-1'
const TIMESTAMP = '1700000000000'
const SENT = Number(TIMESTAMP)
const SIGNATURE = 'm+z+mEC1i0Yjl/Aw0bx4oW/d2N2yJVwOXC0dBmBAufA='
const HOUR = 3_600_000

describe('a call of DingTalk', () => {
  it.each([
    [SECRET, SIGNATURE],
    ['SECtest-secret', 'LC7hxZ4wslL+P7j7gu1hoQ+wzByekL+yWgiUMekZs0g='],
  ])('with the secret %s is signed as the vector says', (secret, signature) => {
    expect(robotSignature(TIMESTAMP, secret)).toBe(signature)
  })

  it.each([
    ['genuine', SIGNATURE, SENT],
    ['genuine', SIGNATURE, SENT + HOUR],
    ['stale', SIGNATURE, SENT + HOUR + 1],
    ['genuine', SIGNATURE, SENT - 300_000],
    ['stale', SIGNATURE, SENT - 300_001],
    ['forged', SIGNATURE.replace('m', 'n'), SENT],
    ['forged', `${SIGNATURE}=`, SENT],
    ['forged', 'x', SENT],
    ['unsigned', '', SENT],
    ['unsigned', undefined, SENT],
  ])('is %s with the signature %s at %i', (verdict, signature, now) => {
    const signed = { timestamp: TIMESTAMP, signature }

    expect(verify(signed, (timestamp) => robotSignature(timestamp, SECRET), now)).toBe(verdict)
  })

  it.each([
    undefined,
    '',
    'soon',
    '1.7e12',
    '-1700000000000',
    '99999999999999999',
  ])('is unsigned when its time is %j', (timestamp) => {
    expect(verify({ timestamp, signature: SIGNATURE }, () => SIGNATURE, SENT)).toBe('unsigned')
  })

  it('is forged when its time was changed', () => {
    const signed = { timestamp: String(SENT + 1), signature: SIGNATURE }

    expect(verify(signed, (timestamp) => robotSignature(timestamp, SECRET), SENT)).toBe('forged')
  })
})

describe('a tap over HTTP', () => {
  it('is signed with another key than messages, which does not tell the secret', () => {
    const key = cardApiSecret(SECRET)

    expect(key).toMatch(/^[0-9a-f]{32}$/)
    expect(key).toBe(cardApiSecret(SECRET))
    expect(key).not.toBe(cardApiSecret('another'))
    expect(cardSignature(TIMESTAMP, key)).not.toBe(robotSignature(TIMESTAMP, SECRET))
  })
})
