import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Language } from '../../src/cli/cli.ts'
import { type FakeFeishu, startFakeFeishu } from '../fakes/chats/feishu.ts'
import { doctor } from '../support/doctor.ts'

let home: string
let fake: FakeFeishu
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sluice-doctor-chat-'))
  fake = await startFakeFeishu()
})
afterAll(async () => {
  await fake.close()
  await rm(home, { recursive: true, force: true })
})

const feishu = (secret = fake.setup().appSecret ?? '') => ({
  FEISHU_APP_ID: fake.setup().appId ?? '',
  FEISHU_APP_SECRET: secret,
  FEISHU_BASE_URL: fake.setup().baseUrl ?? '',
})

const sluice = (words: string, environment: Record<string, string> = {}, language: Language = 'en') =>
  doctor(words, { home, environment, language })

describe('sluice doctor chat without a server', () => {
  it('looks at what the environment sets up, and connects to nothing', async () => {
    const { code, said } = await sluice('chat', feishu())

    expect(said).toMatch(/^ok {4}server: does not run/)
    expect(said).toMatch(/^ok {4}Feishu \/ Lark: App ID and App Secret are taken$/m)
    expect(said).toMatch(/^warn {2}Feishu \/ Lark: Whether messages come in is not known.* → Save/m)
    expect(code).toBe(0)
  })

  it('fails with the cure, and never says the secret', async () => {
    const wrong = await sluice('chat feishu', feishu('hunter2hunter2'), 'zh')

    expect(wrong.code).toBe(1)
    expect(wrong.said).toMatch(/^异常 {2}飞书 \/ Lark：拿不到访问凭证.* → .*重新复制 App ID 和 App Secret$/m)
    expect(wrong.said).not.toContain('hunter2')
  })

  it('fails settings that are given in part', async () => {
    const { code, said } = await sluice('chat', { FEISHU_APP_ID: fake.setup().appId ?? '' })

    expect(code).toBe(1)
    expect(said).toMatch(/^fail {2}settings: FEISHU_APP_SECRET is not set, but FEISHU_APP_ID is/m)
  })

  it('is content where no chat is set up, unless one was asked for', async () => {
    const all = await sluice('chat')
    const one = await sluice('chat slack')
    const other = await sluice('chat teams')

    expect(all).toMatchObject({ code: 0, said: expect.stringContaining('chats: none is set up') })
    expect(one).toMatchObject({ code: 1, said: expect.stringContaining('docs/setup/slack.md') })
    expect(other).toMatchObject({ code: 2, said: expect.stringContaining('There are: feishu, dingtalk') })
  })
})
