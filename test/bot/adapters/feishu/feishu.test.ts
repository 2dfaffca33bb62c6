import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FEISHU_ABILITIES } from '../../../../src/bot/adapters/feishu/abilities.ts'
import type { FakePerson } from '../../../fakes/chats/fake-chat.ts'
import { type FakeFeishu, startFakeFeishu } from '../../../fakes/chats/feishu.ts'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { shownSample } from '../../../support/shown-samples.ts'
import { type Opened, openFeishu } from './opened.ts'
import { aPost, openCard, posted } from './posting.ts'

const START = Date.parse('2026-03-02T01:00:00Z')
const inbox = rememberedInbox()
let now = START
let fake: FakeFeishu
let opened: Opened
let lin: FakePerson

beforeAll(async () => {
  fake = await startFakeFeishu({ now: () => now })
  opened = await openFeishu(fake, { inbox, now: () => now })
  lin = fake.person('Lin', { email: 'lin@example.com', staffNumber: '1001' })
  await opened.adapter.start()
})
beforeEach(() => {
  // Every window of the limits has passed.
  now += 120_000
  inbox.clear()
})
afterAll(async () => {
  await opened.close()
  await fake.close()
})

const toLin = () => ({ is: 'person', id: lin.id }) as const
const post = (...more: Parameters<typeof aPost>) => opened.adapter.post(aPost(...more))

describe('a token', () => {
  it('is fetched again before it ends', async () => {
    await posted(opened.adapter, aPost(toLin()))
    const before = fake.counts.tokens

    now += 7_200_000 - 10 * 60_000
    await posted(opened.adapter, aPost(toLin()))

    expect(fake.counts.tokens - before).toBe(1)
  })

  it('that is not taken twice is somebody else to mend', async () => {
    const answer = { path: /messages/, status: 400, code: 99991663, msg: 'Invalid access token' }
    fake.world.faults.answers.push(answer, answer)

    expect(await post(toLin())).toMatchObject({ is: 'misconfigured', said: { code: '99991663' } })
  })

  it('that is not given for a wrong secret shows nothing', async () => {
    const wrong = await openFeishu(fake, { inbox, setup: { appSecret: 'wrong', mode: 'webhook' } })

    expect(await wrong.adapter.post(aPost(toLin()))).toMatchObject({
      is: 'misconfigured',
      said: { code: '10014' },
    })
    expect(await wrong.adapter.check()).toContainEqual(expect.objectContaining({ of: 'token', is: 'fail' }))
    await wrong.close()
    fake.callAt(null)
  })

  it('that could not be fetched leaves no doubt: nothing was shown', async () => {
    const away = await openFeishu(fake, { inbox, setup: { baseUrl: 'http://127.0.0.1:9', mode: 'webhook' } })

    expect(await away.adapter.post(aPost(toLin()))).toMatchObject({ is: 'unreached', uncertain: false })
    await away.close()
    fake.callAt(null)
  })
})

describe('a post', () => {
  it('mentions whom it should, in the group that it is for', async () => {
    const group = fake.group('data', [lin])

    await posted(opened.adapter, aPost({ is: 'chat', id: group.id }, { mention: [lin.id] }))

    expect(fake.messages({ chat: group.id })).toMatchObject([{ mentions: [lin.id], tone: 'warning' }])
  })

  it('is refused by a group that the bot left', async () => {
    const group = fake.group('data', [lin])
    await group.remove()

    expect(await post({ is: 'chat', id: group.id })).toMatchObject({
      is: 'refused',
      said: { code: '230002' },
    })
  })

  it('is paced by the published limits: the sixth within a second waits', async () => {
    const answers = []
    for (let i = 0; i < 6; i++) answers.push(await post(toLin()))

    expect(answers.map(({ is }) => is)).toEqual([...Array(5).fill('accepted'), 'limited'])
    expect(answers[5]).toMatchObject({ ms: 1_000, scope: 'receiver' })
  })

  it('goes on from the message that it follows, and stands alone when that is gone', async () => {
    const after = await posted(opened.adapter, aPost(toLin()))

    await posted(opened.adapter, aPost(toLin(), { after }))
    expect(fake.world.messages.at(-1)?.replyTo).toBe(after.messageId)

    const first = fake.world.messages.find(({ id }) => id === after.messageId)
    if (first) first.recalled = true
    await posted(opened.adapter, aPost(toLin(), { after }))
    expect(fake.world.messages.at(-1)?.replyTo).toBeNull()
  })

  it('uploads a picture once, however often it is shown', async () => {
    const shown = shownSample(FEISHU_ABILITIES, 'picture')
    const before = fake.world.pictures.size

    await Promise.all([1, 2, 3].map(() => posted(opened.adapter, aPost(toLin(), { shown }))))

    expect(fake.world.pictures.size - before).toBe(1)
    expect(fake.messages({ person: lin }).at(-1)).toMatchObject({ pictures: 1 })
  })

  it('says a picture in words when Feishu does not take it', async () => {
    const shown = shownSample(FEISHU_ABILITIES, 'picture')
    const png = Buffer.from('no picture').toString('base64')
    const broken = {
      ...shown,
      card: { ...shown.card, body: [{ is: 'picture', alt: 'a chart', png } as const] },
    }

    await posted(opened.adapter, aPost(toLin(), { shown: broken }))

    expect(fake.messages({ person: lin }).at(-1)).toMatchObject({
      pictures: 0,
      text: expect.stringContaining('a chart'),
    })
  })

  it('waits while a picture cannot be uploaded for now', async () => {
    const shown = shownSample(FEISHU_ABILITIES, 'picture')
    const png = Buffer.from('another one').toString('base64')
    const other = {
      ...shown,
      card: { ...shown.card, body: [{ is: 'picture', alt: 'a chart', png } as const] },
    }
    fake.world.faults.answers.push({ path: /images/, status: 429, code: 99991400, msg: 'too fast' })

    expect(await post(toLin(), { shown: other })).toMatchObject({ is: 'limited' })
  })
})

describe('an edit', () => {
  const shown = shownSample(FEISHU_ABILITIES, 'done')
  const edit = (at: Record<string, string>) =>
    opened.adapter.edit({ to: toLin(), at, shown, key: 'dlv_edit' })

  it('that comes after 14 days is to be followed by a new message', async () => {
    const at = await posted(opened.adapter, aPost(toLin()))

    now += 14 * 24 * 3_600_000 + 1

    expect((await edit(at)).is).toBe('fixed')
  })

  it('of a message that was recalled is to be followed by a new one', async () => {
    const at = await posted(opened.adapter, aPost(toLin()))
    const message = fake.world.messages.find(({ id }) => id === at.messageId)
    if (message) message.recalled = true

    expect(await edit(at)).toMatchObject({ is: 'fixed', said: { code: '230011' } })
  })

  it('is paced for each message', async () => {
    const at = await posted(opened.adapter, aPost(toLin()))
    const answers = []
    for (let i = 0; i < 6; i++) answers.push(await edit(at))

    expect(answers.at(-1)).toMatchObject({ is: 'limited', scope: 'message' })
  })
})

describe('ringing', () => {
  it('tells whom it did not reach', async () => {
    const at = await posted(opened.adapter, aPost(toLin()))

    const answer = await opened.adapter.urge?.({
      at,
      people: [lin.id, 'ou_nobody'],
      means: 'phone',
      text: '',
    })

    expect(answer).toMatchObject({ is: 'accepted', missed: ['ou_nobody'] })
    expect(fake.messages({ person: lin }).at(-1)?.urged).toEqual([{ means: 'phone', people: [lin.id] }])
  })

  it.each([
    [230023, 'refused'],
    [230024, 'misconfigured'],
  ])('that Feishu answers with %i is %s', async (code, is) => {
    const at = await posted(opened.adapter, aPost(toLin()))
    fake.world.faults.answers.push({ path: /urgent/, status: 400, code, msg: 'no' })

    expect((await opened.adapter.urge?.({ at, people: [lin.id], means: 'sms', text: '' }))?.is).toBe(is)
  })
})

describe('a tap', () => {
  it('is told from a conversation of two, and answered as the inbox says', async () => {
    inbox.answer = { tone: 'warning', text: 'Mei approved this at 14:05' }
    const message = await openCard(fake, opened.adapter, lin)

    const { ok, toast } = await lin.press(message, 'Help')

    expect([ok, toast]).toEqual([true, 'Mei approved this at 14:05'])
    expect(inbox.taps).toMatchObject([{ chat: { direct: true }, from: { id: lin.id } }])
  })

  it('on a form brings its values', async () => {
    const shown = shownSample(FEISHU_ABILITIES, 'form')
    await posted(opened.adapter, aPost(toLin(), { shown }))
    const message = await fake.seen(({ fields }) => fields.length > 0, { person: lin })

    await lin.send(message, { job: 'orders-cdc' })

    expect(inbox.taps).toMatchObject([{ values: { job: 'orders-cdc', how: 'savepoint' } }])
  })
})

describe('groups and people', () => {
  it('are told of when they come and go', async () => {
    const group = fake.group('data', [lin])
    await group.remove()
    await group.invite()
    await fake.person('Tom').leave()

    expect(inbox.notes.map(({ is }) => is)).toEqual(['left', 'joined', 'person-left'])
    expect(await opened.adapter.titleOf?.(group.id)).toBe('data')
    expect(await opened.adapter.titleOf?.('oc_none')).toBeNull()
  })

  it('are known one by one', async () => {
    expect(await opened.adapter.directory?.person(lin.id)).toEqual({
      id: lin.id,
      name: 'Lin',
      email: 'lin@example.com',
      staffNumber: '1001',
      active: true,
    })
    expect(await opened.adapter.directory?.person('ou_nobody')).toBeNull()
  })

  it('are listed page by page, whatever department they are in', async () => {
    for (let i = 0; i < 60; i++) fake.person(`Data ${i}`, { department: 'od-data' })
    for (let i = 0; i < 3; i++) fake.person(`Ads ${i}`, { department: 'od-ads' })
    const names: string[] = []
    let cursor: string | null = null
    do {
      const page: { people: readonly { name: string }[]; next: string | null } | undefined =
        await opened.adapter.directory?.people(cursor)
      names.push(...(page?.people ?? []).map(({ name }) => name))
      cursor = page?.next ?? null
    } while (cursor !== null)

    expect(names).toHaveLength(fake.world.people.size)
    expect(new Set(names)).toContain('Ads 2')
  })

  it('refuse a cursor that is not from there', async () => {
    await expect(opened.adapter.directory?.people('{"x":1}')).rejects.toThrow('cursor')
  })
})

describe('the check', () => {
  it('looks at token, bot, events and sending, in this order', async () => {
    expect((await opened.adapter.check()).map(({ of, is }) => [of, is])).toEqual([
      ['token', 'ok'],
      ['bot', 'ok'],
      ['events', 'ok'],
      ['sending', 'ok'],
    ])
  })

  it('warns while nothing came in', async () => {
    const fresh = await openFeishu(fake, { inbox, setup: { mode: 'webhook' } })
    await fresh.adapter.start()

    expect((await fresh.adapter.check()).filter(({ is }) => is === 'warn').map(({ of }) => of)).toEqual([
      'events',
      'sending',
    ])
    await fresh.close()
    fake.callAt(null)
  })
})
