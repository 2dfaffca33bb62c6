import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSecretKey, maskSecrets, maskText, maskWhole } from '../../../src/platform/audit/mask-secrets.ts'

describe('masking', () => {
  it.each([
    'password',
    'dbPassword',
    'DB_PASSWORD',
    's3.secret-key',
    'apiKey',
    'accessKeyId',
    'auth.token',
    'credentials',
    'userpassword',
    'clientSecret',
  ])('takes %s for the name of a secret', (key) => {
    expect(isSecretKey(key)).toBe(true)
    expect(maskSecrets({ [key]: 'hunter2' })).toEqual({ [key]: '***' })
  })

  it.each([
    'name',
    'keyword',
    'monkey',
    'parallelism',
    'tokenizer',
    'hockey.team',
  ])('leaves %s alone', (key) => {
    expect(maskSecrets({ [key]: 'orders' })).toEqual({ [key]: 'orders' })
  })

  it.each([
    ["'password' = 'hunter2',", "'password' = '***',"],
    ["'properties.sasl.password'='it''s; mine' ,", "'properties.sasl.password'='***' ,"],
    ['password=hunter2&user=lin', 'password=***&user=lin'],
    [
      'jdbc:mysql://db:3306/orders?user=lin&password=hunter2',
      'jdbc:mysql://db:3306/orders?user=lin&password=***',
    ],
    ['jdbc:mysql://lin:hunter2@db:3306/orders', 'jdbc:mysql://lin:***@db:3306/orders'],
    ['https://lin:hunter2@nacos:8848/x', 'https://lin:***@nacos:8848/x'],
    ['jdbc:oracle:thin:lin/hunter2@db:1521:x', 'jdbc:oracle:thin:lin/***@db:1521:x'],
    ['{"secretKey": "hunter2", "n": 1}', '{"secretKey": "***", "n": 1}'],
    ['Authorization: Bearer abcdef.0123456-xyz', 'Authorization: ***'],
    ['curl with bearer abcdef.0123456-xyz', 'curl with bearer ***'],
    ['basic checks passed', 'basic checks passed'],
    ['--access-key hunter2 --port 80', '--access-key *** --port 80'],
    ["CREATE USER lin PASSWORD 'hunter2'", "CREATE USER lin PASSWORD '***'"],
    ['password:\n  user: lin', 'password:\n  user: lin'],
    ["'key.format' = 'json'", "'key.format' = 'json'"],
    ["url = 'jdbc:x?password=hunter2'", "url = 'jdbc:x?password=***'"],
    ['https://lin:p@ss:w@nacos:8848/x', 'https://lin:***@nacos:8848/x'],
    ['the token is missing', 'the token is missing'],
    ['s3.access-key: hunter2', 's3.access-key: ***'],
    ['used slu_0123456789abcdef to sign', 'used slu_*** to sign'],
    ['PRIMARY KEY (id) NOT ENFORCED', 'PRIMARY KEY (id) NOT ENFORCED'],
    ['https://example.org/a@b', 'https://example.org/a@b'],
  ])('turns %j into %j', (text, masked) => {
    expect(maskText(text)).toBe(masked)
  })

  it('goes into lists, objects and maps, and leaves JSON', () => {
    const before = {
      at: new Date('2026-03-01T00:00:00Z'),
      size: 12n,
      list: [{ password: 'x' }, 'password=x', null, undefined],
      args: ['--db.password', 'hunter2', '--port', '80'],
      map: new Map([['a', new Set([1])]]),
      secret: null,
      token: true,
    }

    expect(maskSecrets(before)).toEqual({
      at: '2026-03-01T00:00:00.000Z',
      size: '12',
      list: [{ password: '***' }, 'password=***', null, null],
      args: ['--db.password', '***', '--port', '80'],
      map: [['a', [1]]],
      secret: null,
      token: true,
    })
  })

  it('leaves a text whole where it is shown whole, and masks it just the same', () => {
    const text = `${'x'.repeat(9_000)} password=hunter2`

    expect(maskWhole(text)).toBe(`${'x'.repeat(9_000)} password=***`)
  })

  it('takes an option behind an option for no value', () => {
    expect(maskSecrets(['--token', '--verbose'])).toEqual(['--token', '--verbose'])
  })

  it('cuts long texts and ends in structures without end', () => {
    const loop: Record<string, unknown> = {}
    loop.self = loop

    expect(maskText('x'.repeat(10_000))).toHaveLength(4_000 + '… (10000)'.length)
    expect(JSON.stringify(maskSecrets(loop))).toContain('…')
  })

  it('lets no value under a secret’s name through, however deep', () => {
    const secret = fc.stringMatching(/^SECRET[a-z]{4,12}$/)
    fc.assert(
      fc.property(secret, fc.array(fc.string(), { maxLength: 6 }), (value, path) => {
        const deep = path.reduce<unknown>((inner, key) => ({ [`k${key}`]: inner }), { 'db.password': value })
        expect(JSON.stringify(maskSecrets(deep))).not.toContain(value)
      }),
    )
  })

  it('changes nothing when it is done twice', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const once = maskSecrets(JSON.parse(json))
        expect(maskSecrets(once)).toEqual(once)
      }),
    )
  })

  it.each([
    'password'.repeat(20_000),
    'password='.repeat(20_000),
    '"'.repeat(100_000),
    `${'a.'.repeat(50_000)}=`,
    `a='b="`.repeat(20_000),
    'password '.repeat(20_000),
    `password${' '.repeat(100_000)}`,
    '://a:'.repeat(30_000),
    'jdbc:oracle:thin:'.repeat(10_000),
    'aB'.repeat(60_000),
  ])('takes time in proportion to the text, also when it is made to be slow (%#)', (text) => {
    // Anything worse than linear takes minutes here; the test's own time limit fails it.
    expect(maskText(text).length).toBeLessThanOrEqual(4_100)
  })
})
