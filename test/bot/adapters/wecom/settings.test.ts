import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { wecomAbilities } from '../../../../src/bot/adapters/wecom/abilities.ts'
import { WECOM_GUIDE } from '../../../../src/bot/adapters/wecom/guide.ts'
import { wecomSetup } from '../../../../src/bot/adapters/wecom/settings.ts'

const LEAST = { corpId: 'ww0123456789abcdef', agentId: '1000002', secret: 'a secret' }
const AES_KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'

describe("WeCom's setup", () => {
  it('needs the app; hearing and groups are left out', () => {
    const setup = wecomSetup.parse({ ...LEAST, token: '', aesKey: ' ', baseUrl: '', botId: '', botUrl: '' })

    expect(setup).toMatchObject({
      agentId: 1_000_002,
      callback: null,
      bot: null,
      baseUrl: 'https://qyapi.weixin.qq.com',
    })
    expect(wecomAbilities(setup)).toMatchObject({ buttons: 0, updates: 'never' })
  })

  it('has a robot, at its own address', () => {
    expect(wecomSetup.parse({ ...LEAST, botId: 'aib', botSecret: 's' }).bot).toMatchObject({
      id: 'aib',
      url: 'wss://openws.work.weixin.qq.com',
    })
  })

  it.each([
    [{ agentId: '1', secret: 'x' }],
    [{ ...LEAST, agentId: 'first' }],
    [{ ...LEAST, secret: ' ' }],
    [{ ...LEAST, token: 'x1y2z3' }],
    [{ ...LEAST, aesKey: AES_KEY }],
    [{ ...LEAST, token: 'x1y2z3', aesKey: `${AES_KEY}=` }],
    [{ ...LEAST, botId: 'aib' }],
    [{ ...LEAST, botSecret: 's' }],
    [{ ...LEAST, baseUrl: 'qyapi.weixin.qq.com' }],
    [{ ...LEAST, botId: 'aib', botSecret: 's', botUrl: 'https://x' }],
  ])('refuses %j', (fields) => {
    expect(wecomSetup.safeParse(fields).success).toBe(false)
  })

  it('shows no secret', () => {
    const setup = wecomSetup.parse({
      ...LEAST,
      token: 'aToken',
      aesKey: AES_KEY,
      botId: 'b',
      botSecret: 'theirs',
    })

    expect(inspect(setup, { depth: 9 }) + JSON.stringify(setup)).not.toMatch(
      /a secret|aToken|abcdefgh|theirs/,
    )
  })

  it('has the fields of the guide', () => {
    const all = { token: 'aToken', aesKey: AES_KEY, botId: 'b', botSecret: 's' }
    const names = WECOM_GUIDE.fields.map(({ name }) => name)

    expect(names).toEqual([
      ...['corpId', 'agentId', 'secret', 'token', 'aesKey', 'baseUrl', 'botId', 'botSecret', 'botUrl'],
    ])
    expect(wecomSetup.safeParse({ ...LEAST, ...all }).success).toBe(true)
    expect(WECOM_GUIDE.fields.filter(({ required }) => required).map(({ name }) => name)).toEqual(
      Object.keys(LEAST),
    )
  })
})
