import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WECOM_PACE } from '../../../../src/bot/adapters/wecom/abilities.ts'
import { liveCodes } from '../../../../src/bot/adapters/wecom/codes.ts'
import type { FakePerson } from '../../../fakes/chats/fake-chat.ts'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { type FakeWecom, startFakeWecom } from '../../../fakes/chats/wecom.ts'
import { type Opened, openWecom } from './opened.ts'
import { aPost, posted, sample, shortCard } from './posting.ts'

const START = Date.parse('2026-03-02T01:00:00Z')
const HOUR = 3_600_000
const inbox = rememberedInbox()
let now = START
let fake: FakeWecom
let opened: Opened
let lin: FakePerson

beforeAll(async () => {
  fake = await startFakeWecom({ now: () => now })
  opened = await openWecom(fake, { inbox, now: () => now })
  await opened.adapter.start()
})
beforeEach(() => {
  // Every window of the limits has passed.
  now += 120_000
  inbox.clear()
  lin = fake.person('Lin', { email: 'lin@example.com', staffNumber: '1001' })
})
afterAll(async () => {
  await opened.close()
  await fake.close()
})

const toLin = () => ({ is: 'person', id: lin.id }) as const
const post = (...more: Parameters<typeof aPost>) => opened.adapter.post(aPost(...more))
const answer = (path: RegExp, errcode: number) =>
  fake.world.faults.answers.push({ path, errcode, errmsg: 'said so' })

describe('a token', () => {
  it('is fetched again before it ends', async () => {
    await posted(opened.adapter, aPost(toLin()))
    const before = fake.counts.tokens

    now += 2 * HOUR - 4 * 60_000
    await posted(opened.adapter, aPost(toLin()))

    expect(fake.counts.tokens - before).toBe(1)
  })

  it.each([40014, 42001, 41001])('that is not taken twice (%i) is somebody else to mend', async (code) => {
    answer(/message/, code)
    answer(/message/, code)

    expect(await post(toLin())).toMatchObject({ is: 'misconfigured', said: { code: String(code) } })
  })

  it('that is not given for a wrong secret shows nothing, and says which', async () => {
    const wrong = await openWecom(fake, { inbox, setup: { secret: 'wrong' } })

    expect(await wrong.adapter.post(aPost(toLin()))).toMatchObject({
      is: 'misconfigured',
      said: { code: '40001' },
    })
    expect(await wrong.adapter.check()).toContainEqual(expect.objectContaining({ of: 'token', is: 'fail' }))
    await wrong.close()
    fake.callAt(opened.base)
  })

  it('that could not be fetched leaves no doubt: nothing was shown', async () => {
    const away = await openWecom(fake, { inbox, setup: { baseUrl: 'http://127.0.0.1:9' } })

    expect(await away.adapter.post(aPost(toLin()))).toMatchObject({ is: 'unreached', uncertain: false })
    await away.close()
    fake.callAt(opened.base)
  })
})

describe('a post', () => {
  it('goes to a member by their chat as by their id, in any case', async () => {
    await posted(
      opened.adapter,
      aPost({ is: 'chat', id: `user:${lin.id.toUpperCase()}` }, { shown: shortCard('a') }),
    )
    await posted(opened.adapter, aPost(toLin(), { shown: shortCard('b') }))

    expect(fake.messages({ person: lin }).map(({ title }) => title)).toEqual(['🟠 a', '🟠 b'])
  })

  it.each([
    '@all',
    'a|b',
    '',
    '../x',
    'x'.repeat(65),
  ])('to %j is refused here: it is no one member', async (id) => {
    const before = fake.world.calls.length

    expect(await post({ is: 'person', id })).toMatchObject({
      is: 'refused',
      said: { code: 'no-such-receiver' },
    })
    expect(fake.world.calls).toHaveLength(before)
  })

  it.each(['oc_1', 'user:@all', 'bot:@all', 'group:a|b'])('to the chat %s is refused here', async (id) => {
    expect((await post({ is: 'chat', id })).is).toBe('refused')
  })

  it('that WeCom calls good and that reached nobody is refused', async () => {
    const more = { invaliduser: lin.id, msgid: 'm' }
    fake.world.faults.answers.push({ path: /message.send/, errcode: 0, errmsg: 'ok', more })

    expect(await post(toLin())).toMatchObject({ is: 'refused', said: { code: 'invaliduser' } })
  })

  it('with the same words as another one is shown all the same', async () => {
    const shown = sample('plain')

    await posted(opened.adapter, aPost(toLin(), { shown }))
    await posted(opened.adapter, aPost(toLin(), { shown }))

    expect(fake.messages({ person: lin })).toHaveLength(2)
  })

  it('that is sent again after its card was taken sends what is missing', async () => {
    const again = aPost(toLin(), { shown: sample('list') })
    fake.faults.dropAfterAccept(1)

    expect(await opened.adapter.post(again)).toMatchObject({ is: 'unreached', uncertain: true })
    await posted(opened.adapter, again)

    expect(fake.messages({ person: lin }).map(({ buttons }) => buttons.length)).toEqual([1, 0])
    expect(fake.counts.duplicates).toBe(0)
  })

  it('that broke off after its card keeps the code of it', async () => {
    const again = aPost(toLin(), { shown: sample('list') })
    fake.world.faults.answers.push({
      path: /message.send/,
      errcode: 0,
      errmsg: 'ok',
      more: { msgid: 'm1', response_code: 'c1' },
    })
    answer(/message.send/, 45009)
    expect((await opened.adapter.post(again)).is).toBe('limited')

    answer(/message.send/, 42014)
    const handle = await posted(opened.adapter, again)

    expect(handle.messages).toMatch(/^m1 msg-/)
    expect(liveCodes(handle, now).map((name) => handle[name])).toEqual(['c1'])
  })

  it('uploads a picture once while WeCom keeps it', async () => {
    const before = fake.world.media.size
    for (let i = 0; i < 3; i++) await posted(opened.adapter, aPost(toLin(), { shown: sample('picture') }))
    expect(fake.world.media.size - before).toBe(1)

    now += 72 * HOUR
    await posted(opened.adapter, aPost(toLin(), { shown: sample('picture') }))
    expect(fake.world.media.size - before).toBe(2)
  })

  it('says a picture in words when WeCom does not take it', async () => {
    const shown = sample('picture')
    const body = [
      { is: 'picture', alt: 'a chart', png: Buffer.from('no picture').toString('base64') },
    ] as const

    await posted(opened.adapter, aPost(toLin(), { shown: { ...shown, card: { ...shown.card, body } } }))

    expect(fake.messages({ person: lin })).toMatchObject([
      { pictures: 0, text: expect.stringContaining('a chart') },
    ])
  })

  it('goes to a group of the app as text with mentions, and says where to act', async () => {
    const group = fake.appGroup('ops', [lin])

    await posted(opened.adapter, aPost({ is: 'chat', id: group.id }, { mention: [lin.id] }))

    expect(fake.messages({ chat: group.id })).toMatchObject([
      { mentions: [lin.id], text: expect.stringContaining('write to the app in private') },
    ])
    expect(await opened.adapter.titleOf?.(group.id)).toBe('ops')
    expect(await opened.adapter.titleOf?.('group:none')).toBeNull()
    expect(await opened.adapter.titleOf?.('bot:wr1')).toBeNull()
  })

  it("of two messages each, at the published pace, is never over a member's share", async () => {
    const [minute] = WECOM_PACE.person
    for (let i = 0; i < (minute?.count ?? 0); i++)
      await posted(opened.adapter, aPost(toLin(), { shown: sample('list') }))

    expect(fake.messages({ person: lin })).toHaveLength(28)
    expect(fake.counts.overLimit).toBe(0)
  })
})

describe('an edit', () => {
  const shown = (title: string) => shortCard(title, { version: 2 })
  const edit = (at: Record<string, string>, title = 'done', key = 'dlv_e') =>
    opened.adapter.edit({ to: toLin(), at, shown: shown(title), key })

  it('spends the code of the sending; the next one is to be a new message', async () => {
    const at = await posted(opened.adapter, aPost(toLin(), { shown: shortCard('first'), key: 'dlv_e1' }))

    const first = await edit(at, 'second', 'dlv_e1')

    expect(first).toMatchObject({ is: 'accepted' })
    expect(fake.messages({ person: lin })).toMatchObject([{ title: '🟠 second', edits: 1 }])
    if (first.is === 'accepted')
      expect(await edit(first.handle)).toMatchObject({ is: 'fixed', said: { code: 'no-code' } })
  })

  it('may spend what a tap brought', async () => {
    const key = 'dlv_e2'
    await posted(opened.adapter, aPost(toLin(), { shown: shortCard('first'), key }))
    await lin.press(await fake.seen(({ title }) => title.includes('first'), { person: lin }), 'Help')
    const [{ learned } = { learned: undefined }] = inbox.taps

    expect(learned?.key).toBe(key)
    expect((await edit(learned?.handle ?? {}, 'second', key)).is).toBe('accepted')
    await lin.press(await fake.seen(({ title }) => title.includes('second'), { person: lin }), 'Help')
    expect(inbox.taps.map((one) => one.learned?.key)).toEqual([key, key])
  })

  it('tries the next code when one is spent, and keeps neither', async () => {
    const at = await posted(opened.adapter, aPost(toLin(), { shown: shortCard('first'), key: 'dlv_e3' }))
    await lin.press(await fake.seen(({ title }) => title.includes('first'), { person: lin }), 'Help')
    const both = { ...at, ...inbox.taps[0]?.learned?.handle }
    for (const code of fake.world.codes.values()) if (code.message.at === now) code.used = true
    const [last] = [...fake.world.codes.values()].slice(-1)
    if (last) last.used = false

    const edited = await edit(both, 'second', 'dlv_e3')

    expect(edited).toMatchObject({ is: 'accepted' })
    if (edited.is === 'accepted') expect(liveCodes(edited.handle, now)).toEqual([])
  })

  it('after 72 hours is to be a new message', async () => {
    const at = await posted(opened.adapter, aPost(toLin()))

    now += 72 * HOUR

    expect((await edit(at)).is).toBe('fixed')
  })

  it('that says more than a card holds is to be a new message', async () => {
    const at = await posted(opened.adapter, aPost(toLin()))

    const long = { ...sample('list'), version: 2 }
    expect(await opened.adapter.edit({ to: toLin(), at, shown: long, key: 'dlv_e5' })).toMatchObject({
      is: 'fixed',
      said: { code: 'too-long' },
    })
  })

  it.each([
    [-1, 'unreached'],
    [45009, 'limited'],
    [60020, 'misconfigured'],
    [42099, 'fixed'],
  ])('that WeCom answers with %i is %s', async (code, is) => {
    const at = await posted(opened.adapter, aPost(toLin()))
    answer(/update_template_card/, code)

    expect((await edit(at)).is).toBe(is)
  })

  it('that was followed by a new message leaves one: the old one is recalled', async () => {
    const after = await posted(opened.adapter, aPost(toLin(), { shown: sample('list') }))

    await posted(opened.adapter, aPost(toLin(), { shown: shortCard('newer'), after }))

    expect(fake.messages({ person: lin })).toMatchObject([{ title: '🟠 newer' }])
  })

  it('leaves the old one where it is too old to be recalled', async () => {
    const after = await posted(opened.adapter, aPost(toLin(), { shown: shortCard('older') }))

    now += 25 * HOUR
    await posted(opened.adapter, aPost(toLin(), { shown: shortCard('newer'), after }))

    expect(fake.messages({ person: lin })).toHaveLength(2)
  })
})

describe('ringing', () => {
  it('is by phone, and tells whom it did not reach', async () => {
    const at = await posted(opened.adapter, aPost(toLin()))
    const urge = { at, people: [lin.id, 'nobody'], text: '' }

    expect(await opened.adapter.urge?.({ ...urge, means: 'phone' })).toMatchObject({
      is: 'accepted',
      missed: ['nobody'],
    })
    expect(await opened.adapter.urge?.({ ...urge, means: 'sms' })).toMatchObject({ is: 'refused' })
    expect(fake.messages({ person: lin }).at(-1)?.urged).toEqual([{ means: 'phone', people: [lin.id] }])
  })

  it('is a matter of setup while the app is not linked or there is no balance', async () => {
    const at = await posted(opened.adapter, aPost(toLin()))
    answer(/pstncc/, 301051)

    expect(await opened.adapter.urge?.({ at, people: [lin.id], means: 'phone', text: '' })).toMatchObject({
      is: 'misconfigured',
    })
  })
})

describe('people', () => {
  it('are known one by one', async () => {
    expect(await opened.adapter.directory?.person(lin.id)).toEqual({
      id: lin.id,
      name: 'Lin',
      email: 'lin@example.com',
      staffNumber: '1001',
      active: true,
    })
    expect(await opened.adapter.directory?.person('nobody')).toBeNull()
    expect(await opened.adapter.directory?.person('@all')).toBeNull()
  })

  it('are listed department by department', async () => {
    for (let i = 0; i < 3; i++) fake.person(`Ads ${i}`, { department: 7 })
    const names: string[] = []
    let cursor: string | null = null
    do {
      const page: { people: readonly { name: string }[]; next: string | null } | undefined =
        await opened.adapter.directory?.people(cursor)
      names.push(...(page?.people ?? []).map(({ name }) => name))
      cursor = page?.next ?? null
    } while (cursor !== null)

    expect(names).toHaveLength(fake.world.people.size)
    expect(names).toContain('Ads 2')
  })

  it('are not listed by a cursor that is not from there, nor while WeCom is away', async () => {
    await expect(opened.adapter.directory?.people('{"x":1}')).rejects.toThrow('cursor')
    answer(/simplelist/, -1)
    await expect(opened.adapter.directory?.people(null)).rejects.toThrow('directory')
  })

  it('are told of when they leave', async () => {
    await lin.leave()

    expect(inbox.notes).toMatchObject([{ is: 'person-left', person: lin.id }])
    expect(await post(toLin())).toMatchObject({ is: 'refused', said: { code: '81013' } })
  })
})

describe('the check', () => {
  it('looks at token, app, events, directory and robot, in this order', async () => {
    await lin.say('/help')

    expect((await opened.adapter.check()).map(({ of, is }) => [of, is])).toEqual([
      ['token', 'ok'],
      ['app', 'ok'],
      ['events', 'ok'],
      ['directory', 'ok'],
      ['robot', 'ok'],
    ])
  })

  it('says which setting is wrong', async () => {
    const wrong = await openWecom(fake, { inbox, setup: { agentId: '1', botId: '', botSecret: '' } })

    expect((await wrong.adapter.check()).map(({ of, is }) => [of, is])).toEqual([
      ['token', 'ok'],
      ['app', 'fail'],
      ['events', 'warn'],
      ['directory', 'ok'],
      ['robot', 'warn'],
    ])
    await wrong.close()
    fake.callAt(opened.base)
  })

  it('names the cure for an address that WeCom does not trust', async () => {
    answer(/agent/, 60020)

    expect(await opened.adapter.check()).toContainEqual(
      expect.objectContaining({
        of: 'app',
        cure: expect.objectContaining({ zh: expect.stringContaining('企业可信IP') }),
      }),
    )
  })
})
