import fc from 'fast-check'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drawMessage } from '../../scripts/fake-chats/draw.ts'
import { type SampleCard, sampleCards } from '../../scripts/fake-chats/sample-cards.ts'
import { type FakeChats, startFakeChats } from '../../scripts/fake-chats/server.ts'
import { VENDORS } from '../../src/bot/adapters/adapter.ts'

describe('the page of every chat', () => {
  let fakes: FakeChats

  beforeAll(async () => {
    fakes = await startFakeChats({ port: 0, sluiceUrl: 'http://127.0.0.1:9' })
  })
  afterAll(() => fakes.close())

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    request(`${fakes.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  it('has every vendor, and what Sluice is started with to reach it', async () => {
    const setup = (await (await request(`${fakes.url}/setup`)).body.json()) as { chats: { vendor: string }[] }

    expect(fakes.skipped).toEqual([])
    expect(setup.chats.map(({ vendor }) => vendor)).toEqual([...VENDORS])
    expect(fakes.settings.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'FEISHU_APP_ID',
        'DINGTALK_CLIENT_ID',
        'WECOM_CORP_ID',
        'SLACK_BOT_TOKEN',
        'SMTP_URL',
      ]),
    )
  })

  it('shows what was said, and that nobody heard it', async () => {
    await post('/say', { vendor: 'wecom', person: 'lin', place: 'direct', text: '/job list <b>' })
    const view = (await (await request(`${fakes.url}/view?person=lin`)).body.json()) as {
      vendor: string
      lines: { html: string }[]
    }[]

    const line = view.find(({ vendor }) => vendor === 'wecom')?.lines.at(-1)?.html
    expect(line).toContain('/job list &lt;b&gt;')
    expect(line).toContain('not heard')
  })

  it('refuses what another page in the same browser could send', async () => {
    const foreign = await request(`${fakes.url}/view`, { headers: { host: 'evil.example.com' } })
    const form = await post('/say', {}, { 'content-type': 'text/plain' })
    const wrong = await post('/fault', { vendor: 'slack', fault: 'explode', value: 1 })

    expect([foreign.statusCode, form.statusCode, wrong.statusCode]).toEqual([403, 415, 400])
  })

  it('runs no script but its own', async () => {
    const { headers } = await request(fakes.url)

    expect(headers['content-security-policy']).toMatch(/script-src 'sha256-[^']+'/)
    expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/)
  })
})

describe('a drawing', () => {
  let cards: SampleCard[]

  beforeAll(async () => {
    cards = await sampleCards((name) => name === 'approval')
  })

  it('never takes people’s words for markup', () => {
    const evil = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '<img src=x onerror=alert(1)>',
        '"><script>alert(1)</script>',
        "'-alert(1)-'",
        '&lt;b&gt;',
      ),
    )
    for (const { vendor, messages } of cards) {
      const [message] = messages
      if (!message) throw new Error(`${vendor} showed nothing`)
      fc.assert(
        fc.property(evil, (text) => {
          const html = drawMessage({ ...message, raw: injected(message.raw, text) }, vendor)
          expect(html).not.toMatch(/<script|<img src=x|<[a-z]+[^>"]* on\w+=/i)
        }),
        { numRuns: 40 },
      )
    }
  })
})

/** Every text of a card in its vendor's form, replaced. */
function injected(raw: unknown, text: string): unknown {
  if (Array.isArray(raw)) return raw.map((one) => injected(one, text))
  if (typeof raw !== 'object' || raw === null) return raw
  return Object.fromEntries(
    Object.entries(raw).map(([key, value]) => {
      const isText = typeof value === 'string' && /text|content|title|label|desc/i.test(key)
      return [key, isText ? text : injected(value, text)]
    }),
  )
}
