import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DINGTALK_ABILITIES, dingtalkAbilities } from '../../../../src/bot/adapters/dingtalk/abilities.ts'
import { type FakeDingtalk, startFakeDingtalk } from '../../../fakes/chats/dingtalk.ts'
import type { FakePerson } from '../../../fakes/chats/fake-chat.ts'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { shownSample } from '../../../support/shown-samples.ts'
import { type OpenDingtalk, openOn } from './open.ts'
import { aPost, openCard, posted } from './posting.ts'

const START = Date.parse('2026-03-02T01:00:00Z')
const inbox = rememberedInbox()
let now = START
let fake: FakeDingtalk
let opened: OpenDingtalk
let lin: FakePerson

beforeAll(async () => {
  fake = await startFakeDingtalk({ now: () => now })
  opened = await openOn(fake, inbox, { now: () => now })
  lin = fake.person('Lin', { email: 'lin@example.com', staffNumber: '1001' })
})
beforeEach(() => {
  // Every window of the limits has passed.
  now += 120_000
  inbox.clear()
})
afterAll(async () => {
  await opened.adapter.stop()
  await opened.close()
  await fake.close()
})

const toLin = () => ({ is: 'person', id: lin.id }) as const
const post = (...more: Parameters<typeof aPost>) => opened.adapter.post(aPost(...more))

async function withOther<T>(
  setup: Record<string, string>,
  act: (other: OpenDingtalk) => Promise<T>,
): Promise<T> {
  const other = await openOn(fake, inbox, { setup, now: () => now })
  try {
    return await act(other)
  } finally {
    await other.adapter.stop()
    await other.close()
  }
}

describe('a token', () => {
  it('is fetched once for all who want it at once', async () => {
    await withOther({}, async ({ adapter }) => {
      const before = fake.counts.tokens

      await Promise.all([1, 2, 3, 4].map(() => posted(adapter, aPost(toLin()))))

      expect(fake.counts.tokens - before).toBe(1)
    })
  })

  it('is kept while it is good, and fetched again five minutes before it ends', async () => {
    await posted(opened.adapter, aPost(toLin()))
    const before = fake.counts.tokens

    now += 60_000
    await posted(opened.adapter, aPost(toLin()))
    expect(fake.counts.tokens).toBe(before)

    now += 7_200_000 - 5 * 60_000
    await posted(opened.adapter, aPost(toLin()))
    expect(fake.counts.tokens - before).toBe(1)
  })

  it('that is not taken any more is dropped, and the call made once more', async () => {
    await posted(opened.adapter, aPost(toLin()))
    const before = fake.counts.tokens
    fake.faults.revokeTokens()

    await posted(opened.adapter, aPost(toLin()))
    expect(fake.counts.tokens - before).toBe(1)
  })

  it('that is not taken any more by the old API, which says so with status 200, is dropped too', async () => {
    await posted(opened.adapter, aPost(toLin()))
    const before = fake.counts.tokens
    fake.faults.revokeTokens()

    expect(await opened.adapter.directory?.person(lin.id)).toMatchObject({ id: lin.id })
    expect(fake.counts.tokens - before).toBe(1)
  })

  it('that is not taken twice is for somebody else to mend, after one more try', async () => {
    const before = fake.counts.tokens
    const { set } = fake.tokens
    fake.tokens.set = () => fake.tokens

    const answer = await withOther({}, ({ adapter }) => adapter.post(aPost(toLin())))
    fake.tokens.set = set

    expect(answer).toMatchObject({ is: 'misconfigured', said: { code: 'InvalidAuthentication' } })
    expect(fake.counts.tokens - before).toBe(2)
  })

  it('that is not given for a wrong secret shows nothing, and does not tell the secret that DingTalk says back', async () => {
    const clientSecret = 'wrong-secret-0001'
    const answer = await withOther({ clientSecret }, ({ adapter }) => adapter.post(aPost(toLin())))

    expect(answer).toMatchObject({ is: 'misconfigured', said: { code: 'invalidClientIdOrSecret' } })
    expect(JSON.stringify(answer)).not.toContain(clientSecret)
  })

  it('that could not be fetched leaves no doubt: nothing was shown', async () => {
    const apiUrl = 'http://127.0.0.1:9'

    expect(await withOther({ apiUrl }, ({ adapter }) => adapter.post(aPost(toLin())))).toMatchObject({
      is: 'unreached',
      uncertain: false,
    })
  })
})

describe('a post', () => {
  it('mentions whom it should, in the group that it is for', async () => {
    const group = fake.group('data', [lin])

    await posted(opened.adapter, aPost({ is: 'chat', id: group.id }, { mention: [lin.id] }))

    expect(fake.messages({ chat: group.id })).toMatchObject([{ mentions: [lin.id], tone: 'warning' }])
  })

  it('to a conversation of two goes to its person', async () => {
    await posted(opened.adapter, aPost({ is: 'chat', id: `user:${lin.id}` }))

    expect(fake.messages({ person: lin }).at(-1)?.chat).toBe(`user:${lin.id}`)
  })

  it('is refused by a group that the robot left, inside a call that went well', async () => {
    const group = fake.group('data', [lin])
    await group.remove()

    expect(await post({ is: 'chat', id: group.id })).toMatchObject({
      is: 'refused',
      said: { code: 'not-delivered', message: 'SPACE_NOT_EXIST' },
    })
  })

  it('that DingTalk took and did not answer in time is uncertain, and shown once when it is made again', async () => {
    const again = aPost(toLin())
    fake.knobs.lateButDone = 1

    expect(await opened.adapter.post(again)).toMatchObject({ is: 'unreached', uncertain: true })
    const standing = fake.messages({ person: lin }).length
    await posted(opened.adapter, again)

    expect(fake.messages({ person: lin })).toHaveLength(standing)
  })

  it('is paced by the published limit: the 21st within a second waits', async () => {
    const answers = []
    for (let i = 0; i < 21; i++) answers.push(await post(toLin()))

    expect(answers.map(({ is }) => is)).toEqual([...Array(20).fill('accepted'), 'limited'])
    expect(answers[20]).toMatchObject({ ms: 1_000, scope: 'app' })
  })

  it.each([
    ['quotaSpent', 'misconfigured'],
    ['permissionDenied', 'misconfigured'],
    ['ban', 'limited'],
  ] as const)('while %s is %s', async (knob, is) => {
    fake.knobs[knob] = true
    const answer = await post(toLin())
    fake.knobs[knob] = false

    expect(answer.is).toBe(is)
  })

  it('is refused as misconfigured with a robot code or a template that is not ours', async () => {
    const robot = await withOther({ robotCode: 'dingother' }, ({ adapter }) => adapter.post(aPost(toLin())))
    const template = await withOther({ cardTemplateId: 'other.schema' }, ({ adapter }) =>
      adapter.post(aPost(toLin())),
    )

    expect([robot, template]).toMatchObject([
      { is: 'misconfigured', said: { code: 'invalidParameter.robotCode.auth' } },
      { is: 'misconfigured', said: { code: 'param.templateNotExist' } },
    ])
  })

  it('uploads a picture once, however often it is shown', async () => {
    const shown = shownSample(DINGTALK_ABILITIES, 'picture')
    const post = () => posted(opened.adapter, aPost(toLin(), { shown }))

    await post()
    const before = fake.uploads()
    await post()

    expect(fake.uploads()).toBe(before)
    expect(fake.messages({ person: lin }).at(-1)).toMatchObject({ pictures: 1 })
  })

  it('says a picture in words when DingTalk does not take it', async () => {
    const shown = shownSample(DINGTALK_ABILITIES, 'picture')
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
})

describe('an edit', () => {
  const shown = shownSample(DINGTALK_ABILITIES, 'done')

  it('empties what is gone', async () => {
    const at = await posted(opened.adapter, aPost(toLin()))
    const bare = { ...shown, buttons: [] }

    await opened.adapter.edit({ to: toLin(), at, shown: bare, key: 'dlv_edit' })

    expect(fake.messages({ person: lin }).at(-1)).toMatchObject({ buttons: [], edits: 1 })
  })

  it.each([
    ['a card that there is not any more', { outTrackId: 'dlv_gone' }],
    ['a message of text', { processQueryKey: 'p' }],
    ['a damaged handle', {}],
  ])('of %s is to be followed by a new message', async (_what, at) => {
    expect((await opened.adapter.edit({ to: toLin(), at, shown, key: 'dlv_edit' })).is).toBe('fixed')
  })
})

describe('without a template', () => {
  const shown = shownSample(dingtalkAbilities({ cardTemplateId: null }), 'buttons')
  const markdown = <T>(act: (other: OpenDingtalk) => Promise<T>) => withOther({ cardTemplateId: '' }, act)

  it('a card is a message of text, which stays as it is', async () => {
    await markdown(async ({ adapter }) => {
      const at = await posted(adapter, aPost(toLin(), { shown }))

      expect(fake.messages({ person: lin }).at(-1)).toMatchObject({
        title: shown.card.title,
        buttons: [],
        text: expect.stringContaining('/job restart orders-cdc'),
      })
      expect((await adapter.edit({ to: toLin(), at, shown, key: 'x' })).is).toBe('fixed')
    })
  })

  it('a person who gets too many messages makes it wait, in a call that went well', async () => {
    fake.knobs.flowControlled.add(lin.id)
    const answer = await markdown(({ adapter }) => adapter.post(aPost(toLin(), { shown })))
    fake.knobs.flowControlled.clear()

    expect(answer).toMatchObject({ is: 'limited', scope: 'receiver' })
  })

  it('nobody is refused, in a call that went well', async () => {
    const to = { is: 'person', id: 'nobody' } as const

    expect(await markdown(({ adapter }) => adapter.post(aPost(to, { shown })))).toMatchObject({
      is: 'refused',
      said: { code: 'invalid-staff' },
    })
  })

  it('the check says so', async () => {
    expect(await markdown(({ adapter }) => adapter.check())).toContainEqual(
      expect.objectContaining({ of: 'template', is: 'warn' }),
    )
  })
})

describe('ringing', () => {
  it('tells whom it did not reach', async () => {
    const at = await posted(opened.adapter, aPost(toLin()))
    const urge = { at, people: [lin.id, 'nobody'], means: 'phone', text: 'P1 orders-cdc stopped' } as const

    expect(await opened.adapter.urge?.(urge)).toMatchObject({ is: 'accepted', missed: ['nobody'] })
    expect(fake.messages({ person: lin }).at(-1)?.urged).toEqual([{ means: 'phone', people: [lin.id] }])
  })

  it('reaches more people than one call may name', async () => {
    const people = Array.from({ length: 45 }, (_, i) => fake.person(`On call ${i}`).id)

    const answer = await opened.adapter.urge?.({ at: {}, people, means: 'sms', text: 'P1' })

    expect(answer).toMatchObject({ is: 'accepted' })
    expect(
      fake
        .messages({ person: lin })
        .at(-1)
        ?.urged.slice(-3)
        .map((one) => one.people.length),
    ).toEqual([20, 20, 5])
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
  })

  it('are listed page by page, through departments', async () => {
    const wanted = Array.from({ length: 130 }, (_, i) => fake.person(`Data ${i}`).id)
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: { people: readonly { id: string }[]; next: string | null } | undefined =
        await opened.adapter.directory?.people(cursor)
      seen.push(...(page?.people ?? []).map(({ id }) => id))
      cursor = page?.next ?? null
    } while (cursor !== null)

    expect(seen).toEqual(expect.arrayContaining(wanted))
    expect(new Set(seen).size).toBe(seen.length)
  })

  it('may be closed to the app: it says which permission, not that nobody is there', async () => {
    fake.knobs.permissionDenied = true
    const asked = opened.adapter.directory?.person(lin.id)
    await expect(asked).rejects.toThrow('88.60011')
    fake.knobs.permissionDenied = false
  })

  it.each(['{"x":1}', 'x', '{"departments":[],"from":0}'])('refuse the cursor %s', async (cursor) => {
    await expect(opened.adapter.directory?.people(cursor)).rejects.toThrow()
  })
})

describe('the check', () => {
  it('looks at token, events, cards and directory, in this order', async () => {
    await opened.adapter.start()

    expect((await opened.adapter.check()).map(({ of, is }) => [of, is])).toEqual([
      ['token', 'ok'],
      ['events', 'ok'],
      ['cards', 'ok'],
      ['directory', 'ok'],
    ])
  })

  it('tells nobody anything', async () => {
    const before = fake.messages().length
    await opened.adapter.check()

    expect(fake.messages()).toHaveLength(before)
  })

  it('names the permission for cards when it is missing', async () => {
    fake.knobs.permissionDenied = true
    const findings = await opened.adapter.check()
    fake.knobs.permissionDenied = false

    expect(findings.find(({ of }) => of === 'cards')).toMatchObject({
      is: 'fail',
      cure: { en: expect.stringContaining('Card.Instance.Write') },
    })
  })
})

describe('a tap', () => {
  it('in a group is in that group', async () => {
    await opened.adapter.start()
    const group = fake.group('data', [lin])
    await posted(opened.adapter, aPost({ is: 'chat', id: group.id }))
    const message = await fake.seen(({ buttons }) => buttons.length > 0, { chat: group.id })

    await lin.press(message, 'Help')

    expect(inbox.taps).toMatchObject([{ chat: { id: group.id, direct: false } }])
  })

  it('that comes twice is the same event', async () => {
    const message = await openCard(fake, opened.adapter, lin)

    await lin.press(message, 'Help', { eventId: 'tap_1' })
    await lin.press(message, 'Help', { eventId: 'tap_1' })

    expect(inbox.taps).toHaveLength(1)
  })
})
