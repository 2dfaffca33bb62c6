import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { isAddress, parseMailbox } from '../../../../src/bot/adapters/email/address.ts'
import { EMAIL_GUIDE } from '../../../../src/bot/adapters/email/guide.ts'
import { emailSetup } from '../../../../src/bot/adapters/email/settings.ts'
import { Secret } from '../../../../src/lib/secret.ts'

const rest = { from: 'sluice@example.com', publicUrl: null, linkKey: 'key' }
const server = (smtpUrl: string) => emailSetup.parse({ ...rest, smtpUrl }).server

describe('the setup of e-mail', () => {
  it.each([
    ['smtps://a%40example.com:p%2Fw@mail.example.com', { port: 465, secure: true, requireTls: true }],
    ['smtp://user:pw@mail.example.com', { port: 587, secure: false, requireTls: true }],
    ['smtp://user:pw@mail.example.com:2525?requireTLS=false', { port: 2525, requireTls: false }],
    ['smtp://mail.example.com:25', { port: 25, requireTls: false, login: null }],
    ['smtp://mail.example.com:25?requireTLS=true', { requireTls: true, login: null }],
    ['smtp://user:pw@127.0.0.1:25', { host: '127.0.0.1', requireTls: false }],
    ['smtp://user:pw@[::1]:25', { host: '::1', requireTls: false }],
  ])('reads %s', (smtpUrl, expected) => {
    expect(server(smtpUrl)).toMatchObject(expected)
  })

  it('reads user and password as they are', () => {
    const { login } = server('smtps://a%40example.com:p%2Fw%251@mail.example.com')

    expect(login?.user).toBe('a@example.com')
    expect(login?.password.reveal()).toBe('p/w%1')
  })

  it('shows no password and no key when printed', () => {
    const setup = emailSetup.parse({ ...rest, smtpUrl: 'smtp://u:hush@h', linkKey: new Secret('quiet') })

    expect(`${inspect(setup, { depth: 9 })}${JSON.stringify(setup)}`).not.toMatch(/hush|quiet/)
  })

  it.each([
    [{ smtpUrl: 'http://u:hush@h' }, 'must read smtp://'],
    [{ smtpUrl: 'mail.example.com' }, 'must read smtp://'],
    [{ smtpUrl: 'smtp://u:hush%@h' }, 'write @ as %40'],
    [{ smtpUrl: 'smtp://u:hush@h?requireTLS=perhaps' }, 'requireTLS'],
    [{ from: 'Sluice' }, 'must be an address'],
    [{ from: 'Sluice <a@b.com>, <c@d.com>' }, 'must be an address'],
  ])('says what is wrong with %j, and repeats no secret', (wrong, says) => {
    const read = emailSetup.safeParse({ ...rest, smtpUrl: 'smtp://h', ...wrong })

    expect(read.success).toBe(false)
    expect(JSON.stringify(read.error?.issues)).toContain(says)
    expect(JSON.stringify(read.error?.issues)).not.toContain('hush')
  })

  it.each([
    ['https://sluice.example.com/', 'https://sluice.example.com'],
    ['', null],
    [null, null],
    [undefined, null],
  ])('takes %j for the address of our pages', (publicUrl, expected) => {
    expect(emailSetup.parse({ ...rest, smtpUrl: 'smtp://h', publicUrl }).publicUrl).toBe(expected)
  })

  it('asks for exactly the fields that it reads', () => {
    expect(EMAIL_GUIDE.fields.map(({ name }) => name)).toEqual(['smtpUrl', 'from'])
  })
})

describe('an address', () => {
  it.each([
    'lin@example.com',
    'lin+flink@mail.example.co',
    'o’neil@例子.公司',
    'root@localhost',
  ])('may be %s', (text) => expect(isAddress(text)).toBe(true))

  it.each([
    'lin',
    'lin@',
    '@example.com',
    'a@b.com, c@d.com',
    'a@b.com\r\nBcc: c@d.com',
    'Lin <a@b.com>',
    'a b@c.com',
    'a@b..com',
    'a@-b.com',
    '"a@b.com"@c.com',
    `${'a'.repeat(250)}@b.com`,
  ])('may not be %j', (text) => expect(isAddress(text)).toBe(false))

  it.each([
    ['Sluice <a@b.com>', 'Sluice'],
    ['"Sluice, the bot" <a@b.com>', 'Sluice, the bot'],
    ['闸 <a@b.com>', '闸'],
    ['a@b.com', null],
    ['<a@b.com>', null],
  ])('%s is called %j', (text, name) => {
    expect(parseMailbox(text)).toEqual({ name, address: 'a@b.com' })
  })
})
