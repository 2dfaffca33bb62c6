import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  LINK_LIFE_MS,
  pressEventId,
  readLink,
  signLink,
} from '../../../../src/bot/adapters/email/press-link.ts'
import { languageOf } from '../../../../src/bot/adapters/email/press-page.ts'
import { Secret } from '../../../../src/lib/secret.ts'

const KEY = new Secret('a key')
const NOW = Date.UTC(2026, 2, 2, 6, 1)
const RUNS = 2000
const link = { press: 'abc.def', member: 'lin@example.com', label: '重启 & go', expires: NOW + LINK_LIFE_MS }
const signed = Object.fromEntries(signLink(link, KEY))

describe('a link in a mail', () => {
  it('reads as it was signed', () => {
    expect(readLink(signed, KEY, NOW)).toMatchObject({ is: 'good', link, nonce: null, query: signed })
  })

  it('is signed over everything it says', () => {
    const text = JSON.stringify([
      'email-press',
      'abc.def',
      'lin@example.com',
      '重启 & go',
      String(link.expires / 1000),
    ])

    expect(signed.s).toBe(createHmac('sha256', 'a key').update(text).digest('base64url'))
  })

  it.each([
    ['another button', { p: 'abc.deg' }],
    ['another person', { m: 'mei@example.com' }],
    ['another label', { l: 'Help' }],
    ['a later end', { e: String(link.expires / 1000 + 1) }],
    ['an end that is no number', { e: '9e9' }],
    ['a signature cut short', { s: signed.s?.slice(0, 20) }],
    ['no signature', { s: undefined }],
    ['two signatures', { s: [signed.s, signed.s] }],
    ['a nonce that is none of ours', { n: '<script>' }],
  ])('is wrong with %s', (_name, change) => {
    expect(readLink({ ...signed, ...change }, KEY, NOW)).toEqual({ is: 'wrong' })
  })

  it('is wrong under another key', () => {
    expect(readLink(signed, new Secret('another'), NOW)).toEqual({ is: 'wrong' })
  })

  it('is good for three days', () => {
    expect(readLink(signed, KEY, NOW + LINK_LIFE_MS - 1).is).toBe('good')
    expect(readLink(signed, KEY, NOW + LINK_LIFE_MS)).toEqual({ is: 'expired' })
  })

  it('counts one page once, and another page anew', () => {
    const id = pressEventId('digest', 'nonce-1')

    expect(pressEventId('digest', 'nonce-1')).toBe(id)
    expect(pressEventId('digest', 'nonce-2')).not.toBe(id)
    expect(pressEventId('another', 'nonce-1')).not.toBe(id)
  })

  it('never throws, whatever is in the address bar, and never takes what was changed', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue(), fc.constant(undefined))
    fc.assert(
      fc.property(fc.constantFrom(...'pmlesn'), value, (name, put) => {
        const read = readLink({ ...signed, [name]: put }, KEY, NOW)
        const same = name === 'n' || put === signed[name]
        if (!same) expect(read).toEqual({ is: 'wrong' })
      }),
      { numRuns: RUNS },
    )
    fc.assert(
      fc.property(fc.jsonValue(), (query) => {
        expect(readLink(query, KEY, NOW)).toEqual({ is: 'wrong' })
      }),
      { numRuns: RUNS },
    )
  })
})

describe('the language of its page', () => {
  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en-US,en;q=0.9', 'en'],
    ['de-DE,de;q=0.9,en;q=0.8', 'en'],
    ['fr', 'zh'],
    [undefined, 'zh'],
  ])('for %s is %s', (header, language) => {
    expect(languageOf(header)).toBe(language)
  })
})
