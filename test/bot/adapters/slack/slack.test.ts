import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Handle } from '../../../../src/bot/adapters/adapter.ts'
import { SLACK_ABILITIES } from '../../../../src/bot/adapters/slack/abilities.ts'
import { rememberedInbox } from '../../../fakes/chats/remembered-inbox.ts'
import { type FakeSlack, type FakeSlackPerson, startFakeSlack } from '../../../fakes/chats/slack.ts'
import { shownSample } from '../../../support/shown-samples.ts'
import { until } from '../../../support/until.ts'
import { type OpenedSlack, openSlack } from './opened.ts'
import { aPost, nobodysUrl, openCard, posted, withBody } from './posting.ts'

const START = Date.parse('2026-03-02T01:00:00Z')
const inbox = rememberedInbox()
let now = START
let fake: FakeSlack
let opened: OpenedSlack
let lin: FakeSlackPerson

beforeAll(async () => {
  fake = await startFakeSlack({ now: () => now })
  opened = await openSlack(fake, { inbox, now: () => now })
  lin = fake.person('Lin', { email: 'lin@example.com' })
  await opened.adapter.start()
})
beforeEach(() => {
  // Every window of the limits has passed.
  now += 120_000
  inbox.clear()
  inbox.card = null
  inbox.answer = { tone: 'good', text: 'orders-cdc is restarting' }
})
afterEach(() => {
  fake.world.faults.errors.clear()
  fake.world.faults.limitForm = 'timed'
  fake.world.faults.limitS = 1
})
afterAll(async () => {
  await opened.close()
  await fake.close()
})

const toLin = () => ({ is: 'person', id: lin.id }) as const
const post = (...more: Parameters<typeof aPost>) => opened.adapter.post(aPost(...more))
const lastIn = (chat: string) => fake.messages({ chat }).at(-1)
const rawOf = (message: { raw: unknown } | undefined) => message?.raw as Record<string, unknown>
const told = () => fake.messages({ person: lin }).filter(({ onlyFor }) => onlyFor.length > 0)

describe('a token', () => {
  it.each([
    'token_revoked',
    'invalid_auth',
    'account_inactive',
  ])('that Slack answers with %s is somebody else to mend', async (code) => {
    fake.world.faults.errors.set('chat.postMessage', [code])

    expect(await post(toLin())).toMatchObject({ is: 'misconfigured', said: { code } })
  })

  it('is of use again once it was granted again', async () => {
    fake.world.revoked = true
    expect(await post(toLin())).toMatchObject({ is: 'misconfigured' })

    fake.grantTokens()

    expect(await post(toLin())).toMatchObject({ is: 'accepted' })
  })

  it('that is wrong shows nothing of itself', async () => {
    const wrong = await openSlack(fake, { inbox, setup: { botToken: 'xoxb-1-wrong' } })

    const answers = [await wrong.adapter.post(aPost(toLin())), await wrong.adapter.check()]

    expect(answers).toMatchObject([
      { is: 'misconfigured', said: { code: 'invalid_auth' } },
      [{ of: 'token', is: 'fail' }],
    ])
    expect(JSON.stringify(answers) + wrong.logged()).not.toContain('xoxb-1-wrong')
    await wrong.close()
  })
})

describe('a post', () => {
  it('mentions whom it should, in the channel that it is for', async () => {
    const group = fake.group('data', [lin])

    await posted(opened.adapter, aPost({ is: 'chat', id: group.id }, { mention: [lin.id] }))

    expect(fake.messages({ chat: group.id })).toMatchObject([{ mentions: [lin.id], tone: 'warning' }])
  })

  it('goes to a public channel where the bot is not, and to a private one not', async () => {
    const [open, secret] = [fake.group('open', [lin]), fake.secretGroup('secret', [lin])]
    await open.remove()
    await secret.remove()

    expect((await post({ is: 'chat', id: open.id })).is).toBe('accepted')
    expect(await post({ is: 'chat', id: secret.id })).toMatchObject({
      is: 'refused',
      said: { code: 'channel_not_found' },
    })
  })

  it('is refused by somebody who has left', async () => {
    const tom = fake.person('Tom')
    await tom.leave()

    expect(await post({ is: 'person', id: tom.id })).toMatchObject({
      is: 'refused',
      said: { code: 'user_disabled' },
    })
  })

  it('to a person opens their conversation once', async () => {
    const mei = fake.person('Mei')
    const before = fake.world.calls.length

    for (const _ of [1, 2]) {
      await posted(opened.adapter, aPost({ is: 'person', id: mei.id }))
    }

    const calls = fake.world.calls.slice(before)
    expect(calls).toEqual(['conversations.open', 'chat.postMessage', 'chat.postMessage'])
  })

  it('is paced by the published limits', async () => {
    const answers = []
    for (let i = 0; i < 4; i++) answers.push(await post(toLin()))

    expect(answers.map(({ is }) => is)).toEqual(['accepted', 'accepted', 'accepted', 'limited'])
    expect(answers[3]).toMatchObject({ ms: 1_000, scope: 'receiver' })
  })

  it.each([
    ['with a long time', 'timed', 60, { ms: 60_000, scope: 'app' }],
    ['without a time', 'untimed', 1, { ms: 30_000, scope: 'app' }],
    ['inside of a 200', 'in-200', 1, { ms: 10_000, scope: 'app' }],
  ] as const)('that is too fast is told so %s', async (_how, form, seconds, limited) => {
    Object.assign(fake.world.faults, { limitForm: form, limitS: seconds })
    fake.faults.limit(1)

    expect(await post(toLin())).toMatchObject({ is: 'limited', ...limited })
  })

  it('goes on in the thread of the message that it follows, and alone when that is gone', async () => {
    const after = await posted(opened.adapter, aPost(toLin()))

    await posted(opened.adapter, aPost(toLin(), { after }))
    expect(rawOf(lastIn(after.channel ?? '')).thread_ts).toBe(after.ts)

    now += 60_000
    await posted(opened.adapter, aPost(toLin(), { after: { ...after, ts: '1.000001' } }))
    expect(rawOf(lastIn(after.channel ?? '')).thread_ts).toBeNull()
  })

  it('is not repeated by the SDK when Slack is silent', async () => {
    const before = fake.counts.posts
    fake.faults.dropAfterAccept(1)

    expect(await post(toLin())).toMatchObject({ is: 'unreached', uncertain: true })
    expect(fake.counts.posts - before).toBe(1)
  })

  it('that could not set out leaves no doubt: nothing was shown', async () => {
    const away = await openSlack(fake, { inbox, setup: { apiUrl: await nobodysUrl() } })

    expect(await away.adapter.post(aPost({ is: 'chat', id: 'C0OPS00001' }))).toMatchObject({
      is: 'unreached',
      uncertain: false,
      said: { code: 'ECONNREFUSED' },
    })
    await away.close()
  })

  it('is found by its key in a thread as well, and nowhere else', async () => {
    const after = await posted(opened.adapter, aPost(toLin()))
    const wanted = aPost(toLin(), { after })
    fake.faults.dropAfterAccept(1)
    await opened.adapter.post(wanted)

    const found = await opened.adapter.find?.(wanted)

    expect(found).toMatchObject({ is: 'there', handle: { channel: after.channel } })
    expect(await opened.adapter.find?.({ ...wanted, key: 'dlv_other' })).toEqual({ is: 'absent' })
    const secret = fake.secretGroup('secret', [lin])
    await secret.remove()
    expect(await opened.adapter.find?.({ ...wanted, to: { is: 'chat', id: secret.id } })).toEqual({
      is: 'unknown',
    })
  })
})

describe('a picture', () => {
  const chart = (png: string) =>
    withBody({ is: 'picture', alt: 'a chart', png: Buffer.from(png).toString('base64') })

  it('is uploaded once, however often it is shown', async () => {
    const shown = chart('once')
    const before = fake.world.files.size

    for (const _ of [1, 2]) await posted(opened.adapter, aPost(toLin(), { shown }))

    expect(fake.world.files.size - before).toBe(1)
    expect(fake.messages({ person: lin }).at(-1)).toMatchObject({ pictures: 1 })
  })

  it('stands in words where files are not allowed', async () => {
    fake.world.scopes.delete('files:write')

    await posted(opened.adapter, aPost(toLin(), { shown: chart('not allowed') }))
    fake.world.scopes.add('files:write')

    expect(fake.messages({ person: lin }).at(-1)).toMatchObject({
      pictures: 0,
      text: expect.stringContaining('a chart'),
    })
  })

  it('that is not ready is shown a moment later, and in words when it never is', async () => {
    fake.world.faults.errors.set('chat.postMessage', ['invalid_blocks'])
    await posted(opened.adapter, aPost(toLin(), { shown: chart('late') }))
    expect(fake.messages({ person: lin }).at(-1)).toMatchObject({ pictures: 1 })

    now += 60_000
    fake.world.faults.errors.set('chat.postMessage', ['invalid_blocks', 'invalid_blocks'])
    await posted(opened.adapter, aPost(toLin(), { shown: chart('never') }))
    expect(fake.messages({ person: lin }).at(-1)).toMatchObject({ pictures: 0 })
  })

  it('waits while it cannot be uploaded for now', async () => {
    fake.world.faults.errors.set('files.getUploadURLExternal', ['ratelimited'])

    expect(await post(toLin(), { shown: chart('too fast') })).toMatchObject({ is: 'limited', scope: 'app' })
  })
})

describe('an edit', () => {
  const shown = shownSample(SLACK_ABILITIES, 'done')
  const edit = (at: Handle) => opened.adapter.edit({ to: toLin(), at, shown, key: 'dlv_edit' })

  it('takes the place of what stood there, buttons and all', async () => {
    const at = await posted(opened.adapter, aPost(toLin()))

    expect(await edit(at)).toEqual({ is: 'accepted', handle: at })
    expect(fake.messages({ person: lin }).at(-1)).toMatchObject({ id: at.ts, tone: 'good', edits: 1 })
  })

  it.each([
    'message_not_found',
    'edit_window_closed',
    'cant_update_message',
  ])('that Slack answers with %s is to be followed by a new message', async (code) => {
    const at = await posted(opened.adapter, aPost(toLin()))
    fake.world.faults.errors.set('chat.update', [code])

    expect(await edit(at)).toMatchObject({ is: 'fixed', said: { code } })
  })

  it('without a place is to be followed by a new message', async () => {
    expect((await edit({})).is).toBe('fixed')
  })

  it('waits for its turn among all edits, and Slack never has to say so', async () => {
    const at = await posted(opened.adapter, aPost(toLin()))
    const before = fake.counts.overLimit
    const answers = []
    for (let i = 0; i < 52; i++) answers.push(await edit(at))

    expect(answers.filter(({ is }) => is === 'accepted')).toHaveLength(50)
    expect(answers.at(-1)).toMatchObject({ is: 'limited', scope: 'message', ms: expect.any(Number) })
    expect(fake.counts.overLimit).toBe(before)
  })
})

describe('ringing', () => {
  it('tells them in their own conversation, with the way to the message, and whom it did not reach', async () => {
    const mei = fake.person('Mei')
    const group = fake.group('data', [lin, mei])
    const at = await posted(opened.adapter, aPost({ is: 'chat', id: group.id }))

    const answer = await opened.adapter.urge?.({
      at,
      people: [mei.id, 'U0NOBODY01'],
      means: 'app',
      text: 'orders-cdc is <down>',
    })

    expect(answer).toMatchObject({ is: 'accepted', missed: ['U0NOBODY01'] })
    expect(lastIn(group.id)?.urged).toEqual([{ means: 'app', people: [mei.id] }])
    const rung = fake.messages({ person: mei }).at(-1)
    expect(rung).toMatchObject({ mentions: [mei.id] })
    expect(rung?.text).toContain('orders-cdc is <down> <https://example.slack.com/archives/')
  })

  it.each(['sms', 'phone'] as const)('by %s is not to be had', async (means) => {
    const at = await posted(opened.adapter, aPost(toLin()))

    expect(await opened.adapter.urge?.({ at, people: [lin.id], means, text: '' })).toMatchObject({
      is: 'refused',
      said: { code: 'no_such_means' },
    })
  })
})

describe('a command', () => {
  it('is heard where it was typed, by the name of who typed it', async () => {
    const group = fake.group('ops', [lin])

    const { ok } = await lin.command('job list', { in: group })

    expect(ok).toBe(true)
    expect(inbox.heard).toMatchObject([
      { text: '/job list', addressed: true, chat: { id: group.id, title: 'ops', direct: false } },
    ])
  })
})

describe('a mention', () => {
  it('is heard by the name that people go by', async () => {
    const group = fake.group('ops', [lin])
    const mei = fake.person('Mei Zhang')

    await fake.pusher.push(
      'events_api',
      fake.envelope({
        type: 'app_mention',
        user: lin.id,
        text: `<@${fake.world.botUser}> ask <@${mei.id}>`,
        ts: '1772413199.000100',
        channel: group.id,
        team: fake.world.team,
      }),
    )

    expect(inbox.heard.at(-1)).toMatchObject({ text: 'ask @Mei Zhang', from: { id: lin.id, name: 'Lin' } })
  })
})

describe('a tap', () => {
  it('is answered alone, where the card does not say it', async () => {
    inbox.answer = { tone: 'warning', text: 'Mei approved <this> at 14:05' }
    const message = await openCard(fake, opened.adapter, { person: lin })

    await lin.press(message, 'Help')

    await until(() => told().some(({ text }) => text === 'Mei approved <this> at 14:05'))
    expect(inbox.taps).toMatchObject([{ chat: { direct: true }, learned: { handle: { ts: message.id } } }])
  })

  it('is answered by the card alone when that says it', async () => {
    const before = told().length
    const message = await openCard(fake, opened.adapter, { person: lin })

    await lin.press(message, 'Help')
    await lin.say('/job list')

    expect(told()).toHaveLength(before)
  })

  it('is answered at its own address where the bot may not speak, without our token', async () => {
    inbox.answer = { tone: 'bad', text: 'You may not <do> that' }
    const group = fake.secretGroup('secret', [lin])
    const at = await posted(opened.adapter, aPost({ is: 'chat', id: group.id }))
    const message = await fake.seen(({ id }) => id === at.ts)
    await group.remove()

    await lin.press(message, 'Help')

    const answers = () => [...fake.world.answerable.values()].flatMap((one) => one.answers)
    await until(() => answers().length > 0)
    expect(answers()).toEqual([{ text: 'You may not &lt;do&gt; that', onlyFor: lin.id }])
    expect(fake.world.counts.leaks).toBe(0)
  })

  it('is answered nowhere else, whatever address comes with it', async () => {
    const elsewhere = await startFakeSlack()
    inbox.answer = { tone: 'bad', text: 'You may not' }
    fake.world.faults.errors.set('chat.postEphemeral', ['not_in_channel'])
    const message = await openCard(fake, opened.adapter, { person: lin })
    const foreign = `${elsewhere.setup().apiUrl}chat.postMessage`

    await lin.press(message, 'Help', { responseUrl: foreign })
    await until(() => inbox.taps.length > 0)
    await until(() => fake.world.faults.errors.get('chat.postEphemeral')?.length === 0)
    await lin.say('/job list')

    expect(elsewhere.world.calls).toEqual([])
    await elsewhere.close()
  })
})

describe('a form', () => {
  const shown = shownSample(SLACK_ABILITIES, 'form')

  it('opens in a window, and brings its values', async () => {
    inbox.card = shown
    const message = await openCard(fake, opened.adapter, { person: lin, shown })

    await lin.send(message, { job: 'orders-cdc' })
    await until(() => inbox.taps.length > 0)

    expect(inbox.taps).toMatchObject([
      {
        values: { job: 'orders-cdc', how: 'savepoint' },
        chat: { id: message.chat, direct: true },
        from: { id: lin.id },
      },
    ])
  })

  it('is as the card is now, not as it was when it was shown', async () => {
    const message = await openCard(fake, opened.adapter, { person: lin, shown })
    const [form] = shown.card.body.flatMap((block) => (block.is === 'form' ? [block] : []))
    if (!form) throw new Error('The sample has a form')
    const fields = form.fields.map((one) => ({
      ...one,
      value: one.name === 'job' ? 'orders-new' : one.value,
    }))
    inbox.card = { ...shown, card: { ...shown.card, body: [{ ...form, fields }] } }

    await lin.send(message, {})
    await until(() => inbox.taps.length > 0)

    expect(inbox.taps).toMatchObject([{ values: { job: 'orders-new' } }])
  })

  it('that is gone is answered like a tap', async () => {
    inbox.answer = { tone: 'warning', text: 'This is past' }
    const message = await openCard(fake, opened.adapter, { person: lin, shown })

    await lin.press(message, 'Fill in…')

    await until(() => told().some(({ text }) => text === 'This is past'))
    expect(inbox.taps).toHaveLength(1)
  })

  it('that Slack does not open any more asks for another tap', async () => {
    inbox.card = shown
    fake.world.faults.errors.set('views.open', ['expired_trigger_id'])
    const message = await openCard(fake, opened.adapter, { person: lin, shown })

    await lin.press(message, 'Fill in…')

    await until(() => told().some(({ text }) => text.includes('Tap once more')))
    expect(inbox.taps).toEqual([])
  })
})

describe('channels and people', () => {
  it('are told of when they come and go', async () => {
    const group = fake.group('data', [lin])
    await group.remove()
    await group.invite()
    await fake.person('Tom').leave()

    expect(inbox.notes.map(({ is }) => is)).toEqual(['left', 'joined', 'person-left'])
    expect(await opened.adapter.titleOf?.(group.id)).toBe('data')
    expect(await opened.adapter.titleOf?.('C0NONE0001')).toBeNull()
  })

  it('are known one by one', async () => {
    expect(await opened.adapter.directory?.person(lin.id)).toEqual({
      id: lin.id,
      name: 'Lin',
      email: 'lin@example.com',
      staffNumber: null,
      active: true,
    })
    expect(await opened.adapter.directory?.person('U0NOBODY01')).toBeNull()
    expect(await opened.adapter.directory?.person(fake.world.botUser)).toBeNull()
  })

  it('are not said to be unknown when Slack did not answer', async () => {
    fake.world.faults.errors.set('users.info', ['internal_error'])

    await expect(opened.adapter.directory?.person(lin.id)).rejects.toThrow()
  })

  it('are listed page by page, without programs', async () => {
    for (let i = 0; i < 250; i++) fake.person(`Data ${i}`)
    const names: string[] = []
    let cursor: string | null = null
    do {
      const page: { people: readonly { name: string }[]; next: string | null } | undefined =
        await opened.adapter.directory?.people(cursor)
      names.push(...(page?.people ?? []).map(({ name }) => name))
      cursor = page?.next ?? null
    } while (cursor !== null)

    expect(names).toHaveLength(fake.world.users.size - 1)
    expect(names).not.toContain('sluice')
  })
})

describe('the check', () => {
  it('looks at token, permissions and events, in this order', async () => {
    expect((await opened.adapter.check()).map(({ of, is }) => [of, is])).toEqual([
      ['token', 'ok'],
      ['scopes', 'ok'],
      ['events', 'ok'],
    ])
  })

  it.each([
    ['chat:write', 'fail'],
    ['files:write', 'warn'],
  ])('names a permission that is missing: %s', async (scope, is) => {
    fake.world.scopes.delete(scope)

    const findings = await opened.adapter.check()
    fake.world.scopes.add(scope)

    expect(findings).toContainEqual(
      expect.objectContaining({
        of: 'scopes',
        is,
        says: expect.objectContaining({ en: `Missing scopes: ${scope}` }),
      }),
    )
  })

  it('warns while Slack has not called', async () => {
    const fresh = await openSlack(fake, { inbox, calls: true })
    await fresh.adapter.start()
    fake.callAt(null)

    expect((await fresh.adapter.check()).at(-1)).toMatchObject({ of: 'events', is: 'warn' })
    await fresh.close()
  })
})

it('no secret was ever logged', () => {
  const { bot, app, signing } = fake.world.tokens

  for (const secret of [bot, app, signing]) expect(opened.logged()).not.toContain(secret)
})
