import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { draft, startApp, type TestApp, type Visitor } from './app.ts'

let app: TestApp
let lin: Visitor
beforeAll(async () => {
  app = await startApp()
  lin = await app.token('lin')
})
afterAll(() => app.close())

describe('saying something over REST', () => {
  it('reaches the bot as a person does, and answers with its cards', async () => {
    const answer = await lin.post('/say', { text: '/job list', chat: 'ops' })

    expect(answer.status).toBe(200)
    expect(answer.body.cards).toEqual([
      expect.objectContaining({
        chat: 'web:ops',
        text: '/job list',
        version: 1,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.+Z$/),
      }),
    ])
    expect(app.heard.at(-1)).toMatchObject({
      text: '/job list',
      chat: { id: 'web:ops', vendor: 'web', title: 'Operations' },
      speaker: { is: 'token', memberId: 'mem_lin000000000' },
      requestId: answer.headers['x-request-id'],
    })
  })

  it('takes the language of the message from a token, and from a page only a deliberate one', async () => {
    const page = await app.signIn('lin')

    await lin.post('/say', { text: 'a' }, { 'accept-language': 'zh-CN,zh;q=0.9' })
    await page.post('/say', { text: 'b' }, { 'accept-language': 'zh-CN,zh;q=0.9' })
    await page.post('/say', { text: 'c' }, { 'accept-language': 'zh' })

    expect(app.heard.slice(-3).map(({ language }) => language)).toEqual(['zh', null, 'zh'])
  })

  it('names the chats there are when the chat is unknown, and not those of other teams', async () => {
    const answer = await lin.post('/say', { text: 'hi', chat: 'opps' })

    expect(answer.status).toBe(404)
    expect(answer.body).toMatchObject({ type: 'urn:sluice:problem:not-found', near: ['ops'] })
  })

  it("keeps a team's chat to its members and to admins", async () => {
    const [ada, root] = await Promise.all([app.token('ada'), app.token('root')])

    const asked = await Promise.all(
      [lin, ada, root].map((one) => one.post('/say', { text: 'hi', chat: 'ads' })),
    )

    expect(asked.map(({ status }) => status)).toEqual([404, 200, 200])
    expect((await lin.get('/chats')).body.map(({ name }: { name: string }) => name)).toEqual(['ops'])
    expect((await ada.get('/chats')).body).toEqual([
      { id: 'web:ops', name: 'ops', title: 'Operations', team: null, language: 'en' },
      { id: 'web:ads', name: 'ads', title: 'Ads', team: 'ads', language: 'en' },
    ])
  })

  it.each([
    ['no text', {}, 'body.text'],
    ['an empty text', { text: '' }, 'body.text'],
    ['a text that is too long', { text: 'x'.repeat(10_001) }, 'body.text'],
    ['a NUL, which the database cannot keep', { text: 'a\u0000b' }, 'body.text'],
    ['half a surrogate pair', { text: '\ud800' }, 'body.text'],
    ['a field we do not know', { text: 'hi', chta: 'ops' }, 'body'],
  ])('refuses %s and names the field', async (_, body, path) => {
    const answer = await lin.post('/say', body)

    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
    expect(answer.body).toMatchObject({
      type: 'urn:sluice:problem:not-valid',
      status: 400,
      requestId: answer.headers['x-request-id'],
      errors: [{ path, message: expect.any(String) }],
    })
  })

  it('refuses what is not JSON, says it is JSON and is not, or is too large', async () => {
    const asForm = await lin.post('/say', 'text=hi', { 'content-type': 'application/x-www-form-urlencoded' })
    const broken = await lin.post('/say', '{"text":', { 'content-type': 'application/json' })
    const large = await lin.post('/say', { text: 'x'.repeat(1_100_000) })

    expect([asForm.status, broken.status, large.status]).toEqual([415, 400, 413])
    expect(broken.body.type).toBe('urn:sluice:problem:not-json')
  })

  it('speaks the language of the reader', async () => {
    const zh = await lin.post('/say', {}, { 'accept-language': 'zh' })
    const en = await lin.post('/say', {})

    expect(zh.body.title).toBe('请求有误')
    expect(zh.body.detail).toContain('1 个字段')
    expect(en.body.detail).toContain('One field needs attention')
  })
})

describe('pressing a button over REST', () => {
  it('hands the press and the values of a form to the bot', async () => {
    const answer = await lin.post('/press', { press: 'signed', values: { name: 'orders' } })

    expect(answer.body.cards[0].text).toBe('pressed signed')
    expect(app.pressed.at(-1)).toMatchObject({ press: 'signed', values: { name: 'orders' } })
  })
})

describe('an Idempotency-Key', () => {
  it('makes a repeated message one message, and gives the first answer again', async () => {
    const key = { 'idempotency-key': 'say-1' }
    const before = app.heard.length

    const first = await lin.post('/say', { text: 'once' }, key)
    const second = await lin.post('/say', { text: 'once' }, key)

    expect(second.body).toEqual(first.body)
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect(app.heard.length - before).toBe(1)
  })

  it('makes many at the same time one message', async () => {
    const key = { 'idempotency-key': 'say-2' }
    const before = app.heard.length

    const answers = await Promise.all(
      Array.from({ length: 8 }, () => lin.post('/say', { text: 'together' }, key)),
    )

    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(app.heard.length - before).toBe(1)
  })

  it('is refused for another request', async () => {
    const key = { 'idempotency-key': 'say-3' }
    await lin.post('/say', { text: 'one' }, key)

    const other = await lin.post('/say', { text: 'another' }, key)

    expect(other.status).toBe(409)
    expect(other.body.type).toBe('urn:sluice:problem:key-reused')
  })

  it('is one member’s own', async () => {
    const key = { 'idempotency-key': 'say-4' }
    const mei = await app.token('mei')
    await lin.post('/say', { text: 'from lin' }, key)

    expect((await mei.post('/say', { text: 'from mei' }, key)).status).toBe(200)
  })

  it('keeps refusals too', async () => {
    const key = { 'idempotency-key': 'say-5' }

    const first = await lin.post('/say', { text: 'hi', chat: 'nowhere' }, key)
    const second = await lin.post('/say', { text: 'hi', chat: 'nowhere' }, key)

    expect([first.status, second.status]).toEqual([404, 404])
    expect(second.body.requestId).toBe(first.body.requestId)
  })

  it('must be printable', async () => {
    expect((await lin.post('/say', { text: 'hi' }, { 'idempotency-key': 'a b' })).status).toBe(400)
  })
})

describe('reading a chat', () => {
  it('gives everything after a position, in pages, with what the reader said marked', async () => {
    const chat = await startApp()
    const reader = await chat.token('mei')
    const other = await chat.signIn('vic')
    await reader.post('/say', { text: 'first' })
    await other.post('/say', { text: 'second' })

    const start = await reader.get('/chats/ops/cards?after=0&limit=3')
    const rest = await reader.get(`/chats/ops/cards?after=${start.body.next}&limit=3`)

    expect(
      start.body.utterances.map(({ text, mine }: { text: string; mine: boolean }) => [text, mine]),
    ).toEqual([
      ['first', true],
      ['second', false],
    ])
    expect(start.body.cards.map(({ seq }: { seq: string }) => seq)).toEqual(['2'])
    expect(start.body.next).toBe('3')
    expect(rest.body).toMatchObject({ utterances: [], next: null, cards: [{ seq: '4', text: 'second' }] })

    const newest = await reader.get('/chats/ops/history?limit=2')
    const older = await reader.get(`/chats/ops/history?limit=2&before=${newest.body.next}`)
    expect(newest.body.next).toBe('3')
    expect(older.body.utterances[0].text).toBe('first')
    await chat.close()
  })

  it('shows a card to whom it is for, and to nobody else', async () => {
    const kept = await app.conversation.insert({
      ...draft('web:ops', 'secret'),
      onlyFor: 'mem_lin000000000',
      at: 1,
    })
    const mei = await app.token('mei')
    const path = `/cards/${kept?.id}`

    expect((await lin.get(path)).body.text).toBe('secret')
    expect((await mei.get(path)).status).toBe(404)
    expect((await mei.get('/chats/ops/history')).text).not.toContain('secret')
  })

  it("keeps a card of a team's chat from others", async () => {
    const kept = await app.conversation.insert({ ...draft('web:ads', 'ads only'), at: 1 })

    expect((await lin.get(`/cards/${kept?.id}`)).status).toBe(404)
    expect((await lin.get('/chats/ads/history')).status).toBe(404)
  })

  it.each([
    'after=-1',
    'after=x',
    'limit=0',
    'limit=201',
    'limit=ten',
    'unknown=1',
  ])('refuses ?%s', async (query) => {
    expect((await lin.get(`/chats/ops/cards?${query}`)).status).toBe(400)
  })
})

describe('completion', () => {
  it('completes at the caret', async () => {
    const answer = await lin.get(`/complete?text=${encodeURIComponent('/jo list')}&at=3&chat=ops`)

    expect(answer.body).toEqual({
      from: 0,
      to: 3,
      items: [{ insert: '/jo!', label: 'louder', detail: 'adds a mark' }],
    })
  })
})
