import { AESCipher } from '@larksuiteoapi/node-sdk'
import { describe, expect, it } from 'vitest'
import { sameText, signatureOf, verifyCall } from '../../../../src/bot/adapters/feishu/verify.ts'
import { encryptWith } from '../../../fakes/chats/feishu/push.ts'

const KEY = 'test key'
const ENCRYPTED =
  'AAECAwQFBgcICQoLDA0OD+IYGLa3VZJR7EU+faBqn72bSTL0bFLTaL5s6/ylhw+j/MamWv1RnF9eEpc9jRDKQu0cLAfA5EGA+OkujCTyZRg='
const PLAIN = '{"challenge":"c1","token":"v1","type":"url_verification"}'
const raw = Buffer.from(JSON.stringify({ encrypt: ENCRYPTED }))
const call = { timestamp: '1700000000', nonce: 'n0nce', raw }
const SIGNATURE = 'e3ad3e91254e44641841f2eac32b4bac1f0f9511230e78a75ec792f6615034b1'
const SENT = 1_700_000_000_000

describe('a call of Feishu', () => {
  it('is signed as the vector says', () => {
    expect(signatureOf(call, KEY)).toBe(SIGNATURE)
  })

  it('is encrypted as the vector says', () => {
    expect(encryptWith(KEY, PLAIN, Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'))).toBe(ENCRYPTED)
    expect(new AESCipher(KEY).decrypt(ENCRYPTED)).toBe(PLAIN)
  })

  it.each([
    ['genuine', SIGNATURE, SENT],
    ['genuine', SIGNATURE, SENT + 300_000],
    ['stale', SIGNATURE, SENT + 300_001],
    ['stale', SIGNATURE, SENT - 300_001],
    ['forged', SIGNATURE.replace('e', 'f'), SENT],
    ['forged', '', SENT],
    ['forged', `${SIGNATURE}0`, SENT],
  ])('is %s with the signature %s at %i', (verdict, signature, now) => {
    expect(verifyCall({ ...call, signature }, KEY, now)).toBe(verdict)
  })

  it('is forged when a byte of it was changed', () => {
    const changed = Buffer.concat([raw, Buffer.from(' ')])

    expect(verifyCall({ ...call, raw: changed, signature: SIGNATURE }, KEY, SENT)).toBe('forged')
  })

  it('is stale when its time is none', () => {
    const timeless = { ...call, timestamp: 'soon' }

    expect(verifyCall({ ...timeless, signature: signatureOf(timeless, KEY) }, KEY, SENT)).toBe('stale')
  })

  it('has the same token or not, whatever its length', () => {
    expect([sameText('abc', 'abc'), sameText('abc', 'abcd'), sameText('', 'a')]).toEqual([true, false, false])
  })
})
