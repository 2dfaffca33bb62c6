import { describe, expect, it } from 'vitest'
import { CHAT_SETTINGS, MATCH_PEOPLE, readMatchPeople } from '../../src/chats/chat-settings.ts'
import { parseSettings } from '../../src/settings.ts'

const read = (environment: Readonly<Record<string, string>>) =>
  parseSettings({ environment, file: null, cwd: '/' })

/** Machines are set up by them: a name that changed would silently close a company's chat. */
const NAMES = {
  feishu: ['APP_ID', 'APP_SECRET', 'ENCRYPT_KEY', 'VERIFICATION_TOKEN', 'MODE', 'BASE_URL'],
  dingtalk: ['CLIENT_ID', 'CLIENT_SECRET', 'CARD_TEMPLATE_ID', 'ROBOT_CODE', 'API_URL', 'OAPI_URL'],
  wecom: ['CORP_ID', 'AGENT_ID', 'SECRET', 'TOKEN', 'AES_KEY', 'BASE_URL', 'BOT_ID', 'BOT_SECRET', 'BOT_URL'],
  slack: ['BOT_TOKEN', 'APP_TOKEN', 'SIGNING_SECRET', 'API_URL'],
}

describe('chats by environment', () => {
  it.each(Object.entries(NAMES))('of %s keep their names', (vendor, names) => {
    const known = CHAT_SETTINGS.filter((one) => one.vendor === vendor).map(({ env }) => env)

    expect(known).toEqual(expect.arrayContaining(names.map((name) => `${vendor.toUpperCase()}_${name}`)))
  })

  it('of e-mail keep theirs', () => {
    const known = CHAT_SETTINGS.filter((one) => one.vendor === 'email').map(({ env }) => env)

    expect(known).toEqual(expect.arrayContaining(['SMTP_URL', 'MAIL_FROM']))
  })

  it('are none where nothing is said, and only those of which something is', () => {
    expect(read({}).chats.given).toEqual([])
    const mail = { SMTP_URL: 'smtps://sluice:pass@mail.example.com:465', MAIL_FROM: 'sluice@example.com' }
    expect(read(mail).chats.given.map(({ vendor }) => vendor)).toEqual(['email'])
  })

  it('must be whole, and everything that is missing or wrong is said at once, without repeating it', () => {
    const wrong = { FEISHU_APP_ID: 'my-secret-paste', SLACK_BOT_TOKEN: 'xoxb-1-2-abcdefghijkl' }

    expect(() => read({ ...wrong, FEISHU_APP_SECRET: 'x' })).toThrow(/FEISHU_APP_ID.*SLACK_/s)
    expect(() => read(wrong)).toThrow(/FEISHU_APP_SECRET is not set, but FEISHU_APP_ID is/)
    expect(() => read(wrong)).not.toThrow(/my-secret-paste/)
  })
})

describe(`${MATCH_PEOPLE}`, () => {
  it.each([
    ['feishu,wecom', ['feishu', 'wecom']],
    [' Feishu， WeCom、slack ', ['feishu', 'wecom', 'slack']],
    ['', []],
  ])('%s names vendors whose directory says who somebody is', (text, vendors) => {
    expect([...(readMatchPeople(text) ?? [])]).toEqual(vendors)
  })

  it('is read from the environment, and a vendor that there is not is said', () => {
    expect([...read({ [MATCH_PEOPLE]: 'feishu' }).chats.matchPeople]).toEqual(['feishu'])
    expect(() => read({ [MATCH_PEOPLE]: 'icq' })).toThrow(MATCH_PEOPLE)
  })
})
