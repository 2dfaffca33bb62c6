import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  DINGTALK_ABILITIES,
  DINGTALK_PACE,
  dingtalkAbilities,
} from '../../../../src/bot/adapters/dingtalk/abilities.ts'
import { DINGTALK_GUIDE } from '../../../../src/bot/adapters/dingtalk/guide.ts'
import { dingtalkSetup } from '../../../../src/bot/adapters/dingtalk/settings.ts'
import { startFakeDingtalk } from '../../../fakes/chats/dingtalk.ts'

const LEAST = { clientId: 'ding0123456789', clientSecret: 'a secret' }
const FIELDS = ['clientId', 'clientSecret', 'cardTemplateId', 'robotCode', 'mode', 'apiUrl', 'oapiUrl']

describe("DingTalk's setup", () => {
  it('needs an app and its secret; the rest has defaults', () => {
    const empty = { cardTemplateId: '', robotCode: ' ', mode: '', apiUrl: '', oapiUrl: '', publicUrl: '' }

    expect(dingtalkSetup.parse({ ...LEAST, ...empty })).toMatchObject({
      cardTemplateId: null,
      robotCode: LEAST.clientId,
      mode: 'stream',
      apiUrl: 'https://api.dingtalk.com',
      oapiUrl: 'https://oapi.dingtalk.com',
      publicUrl: null,
    })
  })

  it('takes space and slashes off', () => {
    const given = { clientId: ' ding1 ', clientSecret: ' s ', apiUrl: 'https://proxy.example.com/ding//' }
    const { clientId, clientSecret, apiUrl } = dingtalkSetup.parse(given)

    expect([clientId, clientSecret.reveal(), apiUrl]).toEqual([
      'ding1',
      's',
      'https://proxy.example.com/ding',
    ])
  })

  it.each([
    [{ clientSecret: 'x' }],
    [{ ...LEAST, clientId: '  ' }],
    [{ ...LEAST, clientSecret: '' }],
    [{ ...LEAST, mode: 'carrier pigeon' }],
    [{ ...LEAST, apiUrl: 'api.dingtalk.com' }],
    [{ ...LEAST, oapiUrl: 'file:///etc/passwd' }],
  ])('refuses %j', (fields) => {
    expect(dingtalkSetup.safeParse(fields).success).toBe(false)
  })

  it('wants to know where taps can reach us in http mode, and only for cards', () => {
    const http = { ...LEAST, mode: 'http' }
    const read = dingtalkSetup.safeParse({ ...http, cardTemplateId: 'x.schema' })

    expect(read.error?.issues).toMatchObject([
      { path: ['publicUrl'], message: expect.stringContaining('PUBLIC_URL') },
    ])
    expect(dingtalkSetup.safeParse(http).success).toBe(true)
    expect(dingtalkSetup.safeParse({ ...http, publicUrl: null }).success).toBe(true)
  })

  it('shows no secret', () => {
    const setup = dingtalkSetup.parse(LEAST)

    expect(inspect(setup) + JSON.stringify(setup)).not.toContain('a secret')
  })
})

describe('without a template', () => {
  it('there are no buttons and no updates', () => {
    expect(dingtalkAbilities({ cardTemplateId: null })).toMatchObject({ buttons: 0, updates: 'never' })
    expect(dingtalkAbilities({ cardTemplateId: 'x.schema' })).toBe(DINGTALK_ABILITIES)
  })
})

describe('the pace', () => {
  it('stays below what DingTalk publishes', () => {
    expect(DINGTALK_PACE.app.every(({ count, ms }) => count / ms <= 20 / 1_000)).toBe(true)
    expect(DINGTALK_PACE.chat.every(({ count, ms }) => count / ms <= 20 / 60_000)).toBe(true)
  })
})

describe('the guide', () => {
  const { fields, steps, scopes, limits, title, summary } = DINGTALK_GUIDE

  it('asks for exactly the fields that are read', () => {
    expect(fields.map(({ name }) => name)).toEqual(FIELDS)
    expect(fields.map(({ env }) => env)).toEqual(
      FIELDS.map((name) => `DINGTALK_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase()),
    )
  })

  it.each([
    'zh',
    'en',
  ] as const)('says in %s where each field comes from, or that it may stay empty', (language) => {
    const text = steps.map((step) => step.text[language]).join('\n')
    for (const { env, required, hint } of fields) {
      const optional = !required && /留空|Empty|empty/.test(hint[language])
      expect(text.includes(env) || optional, env).toBe(true)
    }
  })

  it('takes only its secret for a secret', () => {
    expect(fields.filter(({ secret }) => secret).map(({ name }) => name)).toEqual(['clientSecret'])
  })

  it('says everything in both languages', () => {
    const both = [
      title,
      summary,
      ...fields.flatMap(({ label, hint }) => [label, hint]),
      ...steps.flatMap((step) => [step.title, step.text]),
      ...scopes.map(({ why }) => why),
      ...limits,
    ]
    for (const { zh, en } of both) {
      expect(zh.trim()).not.toBe('')
      expect(en.trim()).not.toBe('')
    }
    for (const { text } of steps) expect(text.zh).toMatch(/\p{Script=Han}/u)
  })

  /** On our own page, which speaks English to who reads it. */
  const OURS = new Set(['聊天', '检查'])

  it('names every menu in English by the Chinese name that the console has', () => {
    for (const { text } of steps) {
      const named = [...text.zh.matchAll(/「([\p{Script=Han}]{2,})」/gu)].map(([, name]) => name)
      const missing = named.filter((name) => name !== undefined && !OURS.has(name) && !text.en.includes(name))
      expect(missing).toEqual([])
    }
  })

  it.each(['Card.Instance.Write', 'qyapi_robot_sendmsg'])('has the scope %s', (name) => {
    expect(scopes.map((scope) => scope.name)).toContain(name)
  })

  it('names the file of the template, and each of its variables for who builds it by hand', () => {
    const template = readFileSync(
      join(import.meta.dirname, '../../../../deploy/dingtalk/sluice-card.json'),
      'utf8',
    )
    const { variableList } = JSON.parse(JSON.parse(template).editorData) as {
      variableList: { name: string }[]
    }
    for (const language of ['zh', 'en'] as const) {
      const text = steps.map((step) => step.text[language]).join('\n')
      expect(text).toContain('deploy/dingtalk/sluice-card.json')
      for (const { name } of variableList) {
        const numbered = /^(body|buttons)\d$/.test(name)
        expect(numbered || text.includes(name), name).toBe(true)
      }
      for (const name of ['body1', 'body8', 'buttons1', 'buttons3']) expect(text).toContain(name)
    }
  })

  it('names where the app is called', () => {
    for (const language of ['zh', 'en'] as const) {
      const text = steps.map((step) => step.text[language]).join('\n')
      expect(text).toContain('/chat/dingtalk')
      expect(text).toContain('user_leave_org')
    }
  })

  it('names what the fake hands out', async () => {
    const fake = await startFakeDingtalk()

    expect(FIELDS).toEqual(expect.arrayContaining(Object.keys(fake.setup())))
    await fake.close()
  })
})
