import { describe, expect, it } from 'vitest'
import { postedOf, type SmtpTrouble, troubleOf } from '../../../../src/bot/adapters/email/outcome.ts'

const asItIs = (text: string) => text
const posted = (trouble: SmtpTrouble) => postedOf(trouble, asItIs)
const reply = (code: string, command: string, response: string): SmtpTrouble => ({
  ...{ code, command, response, responseCode: Number(response.slice(0, 3)), message: response },
})

describe('what an answer of the mail server means', () => {
  it.each<[string, SmtpTrouble, object]>([
    ['no such user', reply('EENVELOPE', 'RCPT TO', '550 5.1.1 No such user'), { is: 'refused' }],
    [
      'greylisted',
      reply('EENVELOPE', 'RCPT TO', '451 4.7.1 Greylisted'),
      { is: 'unreached', uncertain: false },
    ],
    ['mailbox full', reply('EENVELOPE', 'RCPT TO', '452 4.2.2 Full'), { is: 'unreached', uncertain: false }],
    [
      'after the data, later',
      reply('EMESSAGE', 'DATA', '451 4.3.0 Try later'),
      { is: 'unreached', uncertain: false },
    ],
    ['after the data, never', reply('EMESSAGE', 'DATA', '554 5.7.1 Spam'), { is: 'refused' }],
    ['too large', reply('EMESSAGE', 'DATA', '552 5.3.4 Too large'), { is: 'refused' }],
    ['too large by what was announced', { code: 'EMESSAGE', command: 'MAIL FROM' }, { is: 'refused' }],
    ['too large by its size', reply('EENVELOPE', 'MAIL FROM', '552 5.3.4 Too large'), { is: 'refused' }],
    [
      'receiver too busy',
      reply('EENVELOPE', 'RCPT TO', '450 4.2.1 Too quickly'),
      { is: 'limited', scope: 'receiver' },
    ],
    ['going down', reply('EENVELOPE', 'MAIL FROM', '421 4.7.0 Too many'), { is: 'limited', scope: 'app' }],
    [
      'too many of us',
      reply('EPROTOCOL', 'CONN', '421 Too many connections'),
      { is: 'limited', scope: 'app' },
    ],
    ['busy', reply('EMESSAGE', 'DATA', '450-4.7.28 Rate\n450 4.7.28 x'), { is: 'limited', scope: 'app' }],
    ['bad login', reply('EAUTH', 'AUTH PLAIN', '535 5.7.8 Bad'), { is: 'misconfigured' }],
    ['login later', reply('EAUTH', 'AUTH PLAIN', '454 4.7.0 Later'), { is: 'unreached', uncertain: false }],
    ['login needed', reply('EENVELOPE', 'MAIL FROM', '530 5.7.0 Login first'), { is: 'misconfigured' }],
    ['sender refused', reply('EENVELOPE', 'MAIL FROM', '553 5.7.1 Not yours'), { is: 'misconfigured' }],
    ['we are refused', reply('EPROTOCOL', 'CONN', '554 5.7.1 Blocked'), { is: 'misconfigured' }],
    ['no TLS', reply('ETLS', 'STARTTLS', '500 No'), { is: 'misconfigured' }],
    ['TLS broke off', { code: 'ETLS', command: 'CONN' }, { is: 'unreached', uncertain: false }],
    [
      'expired certificate',
      { code: 'ESOCKET', command: 'CONN', originalCode: 'CERT_HAS_EXPIRED' },
      { is: 'misconfigured' },
    ],
    [
      'certificate of another',
      { code: 'ESOCKET', command: 'CONN', originalCode: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      { is: 'misconfigured' },
    ],
    [
      'nobody listens',
      { code: 'ESOCKET', command: 'CONN', originalCode: 'ECONNREFUSED' },
      { is: 'unreached', uncertain: false },
    ],
    [
      'cut off',
      { code: 'ESOCKET', command: 'CONN', originalCode: 'ECONNRESET' },
      { is: 'unreached', uncertain: true },
    ],
    ['hung up', { code: 'ECONNECTION', command: 'CONN' }, { is: 'unreached', uncertain: true }],
    ['name unknown', { code: 'EDNS', command: 'CONN' }, { is: 'unreached', uncertain: false }],
    [
      'no greeting',
      { code: 'ETIMEDOUT', command: 'CONN', timeoutType: 'GREETING_TIMEOUT' },
      { is: 'unreached', uncertain: false },
    ],
    [
      'silent later',
      { code: 'ETIMEDOUT', command: 'CONN', timeoutType: 'SOCKET_TIMEOUT' },
      { is: 'unreached', uncertain: true },
    ],
    ['we gave up', { code: 'EABORT', message: 'aborted' }, { is: 'unreached', uncertain: true }],
    [
      'unreadable answer to the sender',
      { code: 'EENVELOPE', command: 'MAIL FROM' },
      { is: 'unreached', uncertain: false },
    ],
    [
      'unreadable answer to the data',
      { code: 'EMESSAGE', command: 'DATA' },
      { is: 'unreached', uncertain: true },
    ],
    [
      'an odd command',
      reply('EENVELOPE', 'RCPT TO', '503 5.5.1 Bad sequence'),
      { is: 'unreached', uncertain: false },
    ],
    ['the pool is closed', { code: 'ECONNECTION' }, { is: 'unreached', uncertain: false }],
    ['the pool was closed', { message: 'Connection pool was closed' }, { is: 'unreached', uncertain: false }],
    ['no receiver', { code: 'EENVELOPE', command: 'API' }, { is: 'refused' }],
  ])('%s', (_name, trouble, expected) => {
    expect(posted(trouble)).toMatchObject(expected)
  })

  it('passes on the words of the server in one line, without what must not be said', () => {
    const trouble = reply('EAUTH', 'AUTH PLAIN', '535 5.7.8 bad\r\npassword hush')

    expect(postedOf(trouble, (text) => text.replaceAll('hush', '***'))).toEqual({
      is: 'misconfigured',
      said: { code: '535', message: '535 5.7.8 bad password ***' },
    })
  })

  it('reads whatever is thrown', () => {
    for (const thrown of [null, 'x', new Error('y'), { code: 'ESOCKET' }])
      expect(posted(troubleOf(thrown)).is).toBe('unreached')
  })
})
