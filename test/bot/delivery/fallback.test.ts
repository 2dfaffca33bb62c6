import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VENDORS, type Vendor } from '../../../src/bot/adapters/adapter.ts'
import type { Chat } from '../../../src/bot/conversation.ts'
import type { Delivery } from '../../../src/bot/delivery/delivery.ts'
import { anotherWay, placeOf, type Ways } from '../../../src/bot/delivery/fallback.ts'
import { type VendorChat, type VendorServer, vendorChat } from '../../support/vendor-chat.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const REFUSED = { is: 'refused', said: { code: '230013', message: 'the bot is not in the chat' } } as const

const aChat = (id: string, more: Partial<Chat> = {}): Chat => ({
  ...{ id, vendor: id.split(':')[0] ?? '', title: id, teamId: 'team_data', environments: [] },
  ...{ language: 'en', direct: false, readOnly: false, openly: false, leftAt: null },
  ...more,
})
const HOME = aChat('feishu:oc_1')
const toGroup: Delivery = {
  ...{ id: 'dlv_1', vendor: 'feishu', receiver: { is: 'chat', id: 'oc_1' }, chat: HOME.id, cardId: 'card_1' },
  ...{ memberId: null, rank: 1, urgent: false, mention: [], ring: null, instead: null, insteadOf: null },
  ...{ wanted: 1, shown: 0, state: 'dead', message: 1, handle: null, after: null, uncertain: false },
  postedAs: 1,
  ...{ tries: 1, dueAt: 0, deadlineAt: 0, error: null, createdAt: 0, postedAt: null, shownAt: null },
}
const toLin: Delivery = { ...toGroup, receiver: { is: 'person', id: 'ou_lin' }, memberId: 'member_lin' }
const LIN = [
  { vendor: 'feishu', externalId: 'ou_lin' },
  { vendor: 'slack', externalId: 'U1' },
]

function wayOf(over: Partial<Ways>): string | null {
  const { delivery = toGroup } = over
  const ways: Ways = {
    ...{ delivery, from: HOME, onlyFor: null, accounts: [], email: null, chats: [HOME] },
    ...{ open: new Set(VENDORS), tried: new Set([placeOf(delivery)]), ...over },
  }
  const way = anotherWay(ways)
  return way && placeOf(way)
}

describe('another way', () => {
  const other = aChat('slack:C1')

  it.each<[string, Partial<Ways>, string | null]>([
    ['leads to the same person elsewhere', { delivery: toLin, accounts: LIN }, 'slack person:U1'],
    ['leads from a group to their own chat', { accounts: LIN }, 'feishu person:ou_lin'],
    ['prefers the person to the team', { accounts: LIN, chats: [HOME, other] }, 'feishu person:ou_lin'],
    ['then leads to the team’s other chat', { chats: [HOME, other], email: 'lin@a.b' }, 'slack chat:C1'],
    ['leads to e-mail last', { delivery: toLin, email: 'lin@a.b' }, 'email person:lin@a.b'],
    [
      'takes the mail that they linked themselves',
      { delivery: toLin, email: 'lin@a.b', accounts: [{ vendor: 'email', externalId: 'me@b.c' }] },
      'email person:me@b.c',
    ],
    ['goes to nobody whom nobody knows', {}, null],
    [
      'does not take one that was tried',
      { delivery: toLin, accounts: LIN, tried: new Set(['feishu person:ou_lin', 'slack person:U1']) },
      null,
    ],
    [
      'does not take one that is not set up',
      { delivery: toLin, accounts: LIN, email: 'lin@a.b', open: new Set<Vendor>(['feishu', 'email']) },
      'email person:lin@a.b',
    ],
    [
      'does not go by what is no vendor',
      { delivery: toLin, accounts: [{ vendor: 'web', externalId: 'lin' }] },
      null,
    ],
  ])('%s', (_, over, place) => {
    expect(wayOf(over)).toBe(place)
  })

  it.each<[string, Partial<Ways>]>([
    ['that is private', { onlyFor: 'member_lin' }],
    ['that was said between one person and us', { from: aChat('feishu:oc_1', { direct: true }) }],
  ])('never leads to a group with a card %s', (_, over) => {
    expect(wayOf({ ...over, chats: [HOME, other], email: 'lin@a.b' })).toBe('email person:lin@a.b')
  })

  it('does not lead back to the chat of two that it did not reach', () => {
    expect(wayOf({ from: aChat('feishu:oc_1', { direct: true }), accounts: LIN })).toBe('slack person:U1')
  })

  it.each<[string, Partial<Chat>]>([
    ['of another team', { teamId: 'team_ads' }],
    ['of everybody', { teamId: null }],
    ['that we were put out of', { leftAt: 5 }],
    ['of one person', { direct: true }],
    ['on our own page', { vendor: 'web', id: 'web:ops' }],
    ['for other environments', { environments: ['preprod'] }],
  ])('does not lead to a chat %s', (_, change) => {
    const from = aChat('feishu:oc_1', { environments: ['prod'] })
    expect(wayOf({ from, chats: [from, { ...other, ...change }] })).toBeNull()
  })

  it('leads to a chat for the same environments and more', () => {
    const from = aChat('feishu:oc_1', { environments: ['prod'] })
    expect(wayOf({ from, chats: [from, { ...other, environments: ['preprod', 'prod'] }] })).toBe(
      'slack chat:C1',
    )
    expect(wayOf({ from: HOME, chats: [HOME, { ...other, environments: ['prod'] }] })).toBeNull()
  })
})

describe('a message that does not arrive', () => {
  let chat: VendorChat
  let server: VendorServer

  beforeEach(async () => {
    chat = await vendorChat({ vendors: ['feishu', 'slack', 'email'] })
    server = await chat.server('a')
    chat.world.addMember('lin', 'Lin', 'developer')
    chat.world.addMember('mei', 'Mei', 'lead')
    chat.world.link({ vendor: 'feishu', externalId: 'ou_lin' }, 'lin')
    chat.world.link({ vendor: 'feishu', externalId: 'ou_mei' }, 'mei')
    chat.world.link({ vendor: 'slack', externalId: 'U1' }, 'lin')
    chat.world.known.set('lin', { email: 'lin@example.com' })
  })
  afterEach(() => chat.end())

  const arrives = (to: string, at: Vendor) =>
    chat.comes(() => chat.told(to, at).length > 0, `it at ${at}`, 500)
  const titlesAt = (to: string, at: Vendor) => chat.told(to, at).map(({ card }) => card.title)
  const isSilent = (...vendors: Vendor[]) => {
    for (const vendor of vendors) {
      const said = { code: 'timeout', message: 'no answer' }
      chat.vendor(vendor).answer = () => ({ is: 'unreached', uncertain: false, said })
    }
  }
  const say = (account: string, text: string, group?: string) =>
    chat.as(account, group === undefined ? {} : { in: group }).say(text)

  it.each<[string, string, number]>([
    ['ten minutes', '/job list', 10 * MINUTE],
    ['twenty seconds, when it is urgent', '/page lin "orders-cdc is down"', 20 * SECOND],
  ])('takes another way after %s', async (_, words, ms) => {
    isSilent('feishu')
    const began = chat.clock.now()
    await say(words.startsWith('/page') ? 'ou_mei' : 'ou_lin', words)
    await arrives('U1', 'slack')

    const after = chat.clock.now() - began
    expect(after).toBeGreaterThanOrEqual(ms)
    // Looked for every five seconds.
    expect(after).toBeLessThan(ms + 7 * SECOND)
  })

  it('takes it at once when the vendor says no for good', async () => {
    chat.vendor('feishu').answer = () => REFUSED
    const began = chat.clock.now()
    await say('ou_lin', '/job list', 'oc_1')
    await arrives('U1', 'slack')

    expect(chat.clock.now() - began).toBeLessThan(15 * SECOND)
    expect(titlesAt('U1', 'slack')).toEqual(['There are no jobs yet'])
  })

  it('takes each way once, one after the other, until it arrives', async () => {
    isSilent('feishu', 'slack')
    await say('ou_lin', '/job list', 'oc_1')
    await arrives('lin@example.com', 'email')
    chat.clock.pass(60 * MINUTE)
    await chat.comes(() => chat.vendor('feishu').calls.length > 10, 'more tries', 5 * SECOND)

    const [first] = (await chat.outbox.list({ state: 'open' })).items
    const all = await chat.outbox.ofCard(first?.cardId ?? '')
    expect(all.map(placeOf)).toEqual([
      'feishu chat:oc_1',
      'feishu person:ou_lin',
      'slack person:U1',
      'email person:lin@example.com',
    ])
    expect(all.map(({ insteadOf }) => insteadOf)).toEqual([null, ...all.slice(0, 3).map(({ id }) => id)])
    expect(titlesAt('lin@example.com', 'email')).toHaveLength(1)
  })

  it('takes none once it has arrived', async () => {
    await chat.as('ou_lin').say('/job list')
    const began = chat.clock.now()
    await chat.comes(() => chat.clock.now() > began + 30 * MINUTE, 'half an hour', 5 * SECOND)

    expect(chat.vendor('slack').calls).toEqual([])
    expect(chat.vendor('email').calls).toEqual([])
  })

  it('rings people where it goes', async () => {
    chat.vendor('feishu').answer = ({ to }) => (to?.id === 'ou_lin' ? REFUSED : undefined)
    await chat.as('ou_mei').say('/page lin "orders-cdc is down" by=phone')
    await arrives('U1', 'slack')
    await chat.settled()

    const calls = chat.vendor('slack').calls
    expect(calls).toMatchObject([
      { what: 'post', to: { is: 'person', id: 'U1' }, mention: ['U1'] },
      { what: 'urge', mention: ['U1'] },
    ])
    expect((await chat.outbox.list({ state: 'dead' })).items).toMatchObject([{ urgent: true }])
  })

  it('takes one way, also when whoever took it died before it was noted', async () => {
    chat.vendor('feishu').answer = () => REFUSED
    const dying = await chat.server('b', { ends: { at: 'outbox.wentElsewhere', when: 'before' } })
    await server.chats.stop()
    await dying.inbox('feishu').said({
      ...{ eventId: 'e', at: chat.clock.now(), text: '/job list', addressed: true },
      ...{ chat: { id: 'oc_1', title: 'Data', direct: false }, from: { id: 'ou_lin', name: 'Lin' } },
    })
    await chat.comes(() => dying.life.isOver, 'its end', 500)
    const next = await chat.server('c')
    const began = chat.clock.now()
    await chat.comes(() => chat.clock.now() > began + 2 * MINUTE, 'two minutes', 5 * SECOND)

    expect(chat.vendor('email').calls).toEqual([])
    expect(titlesAt('U1', 'slack')).toEqual(['There are no jobs yet'])
    expect(next.life.isOver).toBe(false)
  })

  it('tells that when it is a test, and nobody elsewhere', async () => {
    chat.vendor('feishu').answer = () => REFUSED
    const { bot } = await chat.server('b')
    const member = chat.world.members.get('lin')
    if (!member) throw new Error('Lin is not there')
    await bot.test({ id: 'card_test', vendor: 'feishu', account: 'ou_lin', member })
    const began = chat.clock.now()
    await chat.comes(() => chat.clock.now() > began + 30 * MINUTE, 'half an hour', 5 * SECOND)

    expect(await chat.outbox.ofCard('card_test')).toMatchObject([{ state: 'dead' }])
    expect(chat.vendor('slack').calls).toEqual([])
  })
})
