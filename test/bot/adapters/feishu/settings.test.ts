import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { FEISHU_GUIDE } from '../../../../src/bot/adapters/feishu/guide.ts'
import { feishuSetup } from '../../../../src/bot/adapters/feishu/settings.ts'

const LEAST = { appId: 'cli_0123456789abcdef', appSecret: 'a secret' }

describe("Feishu's setup", () => {
  it('needs an app and its secret; the rest has defaults', () => {
    expect(feishuSetup.parse({ ...LEAST, encryptKey: '', mode: '', baseUrl: '' })).toMatchObject({
      encryptKey: null,
      verificationToken: null,
      mode: 'socket',
      baseUrl: 'https://open.feishu.cn',
    })
  })

  it('takes the slash off the address', () => {
    expect(feishuSetup.parse({ ...LEAST, baseUrl: 'https://open.larksuite.com/' }).baseUrl).toBe(
      'https://open.larksuite.com',
    )
  })

  it.each([
    [{ appSecret: 'x' }],
    [{ ...LEAST, appId: 'cli_short' }],
    [{ ...LEAST, appSecret: '  ' }],
    [{ ...LEAST, mode: 'carrier pigeon' }],
    [{ ...LEAST, baseUrl: 'open.feishu.cn' }],
  ])('refuses %j', (fields) => {
    expect(feishuSetup.safeParse(fields).success).toBe(false)
  })

  it('shows no secret', () => {
    const setup = feishuSetup.parse({ ...LEAST, encryptKey: 'a key', verificationToken: 'a token' })

    expect(inspect(setup) + JSON.stringify(setup)).not.toMatch(/a secret|a key|a token/)
  })

  it('has the fields of the guide', () => {
    expect(FEISHU_GUIDE.fields.map(({ name }) => name)).toEqual(Object.keys(feishuSetup.shape))
  })
})
