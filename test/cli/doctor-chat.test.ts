import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Language } from '../../src/cli/cli.ts'
import { runCli } from '../../src/cli/run.cli.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { type RealApp, startRealApp } from '../api/real-app.ts'
import { type FakeFeishu, startFakeFeishu } from '../fakes/chats/feishu.ts'

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

async function sluice(
  words: string,
  environment: Record<string, string> = {},
  language: Language = 'en',
): Promise<{ code: number; said: string }> {
  const lines: string[] = []
  const code = await runCli(words.split(' '), {
    language,
    environment: { SLUICE_HOME: home, ...environment },
    cwd: home,
    clock: systemClock,
    ids: randomIds,
    out: (line) => void lines.push(line),
    err: (line) => void lines.push(line),
    screen: null,
    isTerminal: false,
  })
  return { code, said: lines.join('\n') }
}

describe('sluice doctor chat without a server', () => {
  it('looks at what the environment sets up, and connects to nothing', async () => {
    const { code, said } = await sluice('doctor chat', feishu())

    expect(said).toMatch(/^ok {4}server: does not run/)
    expect(said).toMatch(/^ok {4}Feishu \/ Lark: App ID and App Secret are taken$/m)
    expect(said).toMatch(/^warn {2}Feishu \/ Lark: Whether messages come in is not known.* → Save/m)
    expect(code).toBe(0)
  })

  it('fails with the cure, and never says the secret', async () => {
    const wrong = await sluice('doctor chat feishu', feishu('hunter2hunter2'), 'zh')

    expect(wrong.code).toBe(1)
    expect(wrong.said).toMatch(/^异常 {2}飞书 \/ Lark：拿不到访问凭证.* → .*重新复制 App ID 和 App Secret$/m)
    expect(wrong.said).not.toContain('hunter2')
  })

  it('fails settings that are given in part', async () => {
    const { code, said } = await sluice('doctor chat', { FEISHU_APP_ID: fake.setup().appId ?? '' })

    expect(code).toBe(1)
    expect(said).toMatch(/^fail {2}settings: FEISHU_APP_SECRET is not set, but FEISHU_APP_ID is/m)
  })

  it('is content where no chat is set up, unless one was asked for', async () => {
    const all = await sluice('doctor chat')
    const one = await sluice('doctor chat slack')
    const other = await sluice('doctor chat teams')

    expect(all).toMatchObject({ code: 0, said: expect.stringContaining('chats: none is set up') })
    expect(one).toMatchObject({ code: 1, said: expect.stringContaining('docs/setup/slack.md') })
    expect(other).toMatchObject({ code: 2, said: expect.stringContaining('There are: feishu, dingtalk') })
  })
})

describe('sluice doctor chat with a server', () => {
  let world: RealApp
  beforeAll(async () => {
    world = await startRealApp()
    const { authorization = '' } = world.as('root').headers
    const file = { url: world.url, pid: process.pid, token: authorization.replace('Bearer ', '') }
    await writeFile(join(home, 'server.json'), JSON.stringify(file), { mode: 0o600 })
  })
  afterAll(() => world.close())

  it('has it look at what an admin set up on the page', async () => {
    const before = await sluice('doctor chat')
    await world.as('root').put('/setups/feishu', {
      fields: { appId: fake.setup().appId, appSecret: fake.setup().appSecret, baseUrl: fake.setup().baseUrl },
    })
    const { code, said } = await sluice('doctor chat')

    expect(before.said).toContain('chats: none is set up')
    expect(said).toMatch(/^ok {4}Feishu \/ Lark: The long connection stands$/m)
    expect(said).toMatch(/^warn {2}Feishu \/ Lark: No button was pressed there .* → Send a test card/m)
    expect(code).toBe(0)
  })
})
