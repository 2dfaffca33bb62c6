import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Directory, type Person, VENDORS, type Vendor } from '../../src/bot/adapters/adapter.ts'
import type { ShownCard } from '../../src/bot/cards/card.ts'
import { TEAM } from '../fakes/platform.ts'
import { labels } from '../support/chat.ts'
import { type VendorChat, type VendorServer, vendorChat } from '../support/vendor-chat.ts'

const SECRET_LINE = 'jdbc password=hunter2'

let chat: VendorChat
let server: VendorServer

afterEach(() => chat?.end())

async function open(traits: Parameters<typeof vendorChat>[0] = { vendors: VENDORS }): Promise<void> {
  chat = await vendorChat(traits)
  server = await chat.server('a')
  chat.world.addMember('lin', 'Lin', 'developer')
  chat.world.addMember('mei', 'Mei', 'lead')
  chat.world.addMember('root', 'Root', null, { isAdmin: true })
  for (const name of ['lin', 'mei', 'root']) {
    chat.world.link({ vendor: 'feishu', externalId: `ou_${name}` }, name)
  }
  chat.world.addJob('orders-cdc')
  chat.world.addJob('orders-prod', { environment: 'prod' })
}
const lin = (group?: string) => chat.as('ou_lin', group === undefined ? {} : { in: group })
const mei = (group?: string) => chat.as('ou_mei', group === undefined ? {} : { in: group })
const last = (to: string, at: Vendor = 'feishu'): ShownCard => {
  const card = chat.told(to, at).at(-1)
  if (!card) throw new Error(`Nothing was told to ${to}`)
  return card
}
const title = (to: string, at?: Vendor) => last(to, at).card.title
const titles = (to: string, at?: Vendor) => chat.told(to, at).map(({ card }) => card.title)

describe('a chat that is bound', () => {
  beforeEach(() => open())

  it('means its team and its environment in every command that leaves them out', async () => {
    const asked: object[] = []
    const { jobs } = chat.world.platform
    const list = jobs.list
    jobs.list = async (by, ask) => {
      asked.push(ask)
      return list(by, ask)
    }
    await mei('oc_1').say('/chat bind team=data env=prod')
    expect(title('oc_1')).toBe('Room oc_1 is now the chat of team data')
    await lin('oc_1').say('/job list')
    await lin('oc_1').say('/job list env=preprod')
    await lin('oc_1').say('/job list team=all env=all')
    await lin('oc_2').say('/job list')

    const [bound, named, all, elsewhere] = asked
    expect(bound).toMatchObject({ team: 'data', environment: 'prod' })
    expect(named).toMatchObject({ team: 'data', environment: 'preprod' })
    for (const whole of [all, elsewhere]) {
      expect(whole).not.toHaveProperty('team', expect.anything())
      expect(whole).not.toHaveProperty('environment', expect.anything())
    }
  })

  it('is told what concerns its team and its environments alone', async () => {
    await mei('oc_prod').say('/chat bind team=data env=prod')
    await mei('oc_pre').say('/chat bind team=data env=preprod')
    await lin().say('/job restart orders-prod')
    const [id = ''] = chat.world.begun
    await server.bot.follow(`operation:${id}`)
    await chat.settled()

    expect(titles('oc_prod').at(-1)).toBe('Lin 申请重启生产环境的 orders-prod')
    expect(titles('oc_pre')).toHaveLength(1)
  })

  it('speaks its language where nobody in particular is spoken to', async () => {
    await mei('oc_1').say('/chat bind team=data')
    await lin('oc_2').say('/job restart orders-prod')
    const [id = ''] = chat.world.begun
    await server.bot.follow(`operation:${id}`)
    await chat.settled()
    expect(title('oc_1')).toBe('Lin 申请重启生产环境的 orders-prod')

    await mei('oc_1').say('/lang en --here')
    chat.world.openIncident({
      kind: 'cluster-silent',
      subject: { is: 'cluster', id: 'cluster_a', name: 'session-a' },
    })
    await server.bot.follow(`incident:${[...chat.world.incidents.keys()][0]}`)
    await chat.settled()
    expect(title('oc_1')).toContain('session-a')
    expect(last('oc_1').language).toBe('en')
  })

  it('knows its environments by name', async () => {
    await mei('oc_1').say('/chat bind team=data env=production')

    expect(title('oc_1')).toBe('No environment is called production. There are prod and preprod.')
    expect((await chat.conversation.chatById('feishu:oc_1'))?.teamId).toBeNull()
  })

  it('is set by who manages the team, and by nobody else', async () => {
    await lin('oc_1').say('/chat bind team=data')

    expect(title('oc_1')).toContain('your role does not include')
    expect((await chat.conversation.chatById('feishu:oc_1'))?.teamId).toBeNull()
    await mei('oc_1').say('/chat set readonly=yes')
    expect(title('oc_1')).toBe('This chat belongs to no team yet. Bind it first: /chat bind data')
  })
})

describe('a read-only chat', () => {
  beforeEach(async () => {
    await open()
    await mei('oc_1').say('/chat bind team=data')
    await mei('oc_1').say('/chat set readonly=yes')
  })

  it('shows, changes nothing, and says where that can be done', async () => {
    await lin('oc_1').say('/job list')
    expect(title('oc_1')).toBe('2 jobs')
    await lin('oc_1').say('/job restart orders-cdc')

    expect(last('oc_1').text).toBe(
      [
        'This chat is read-only, so nothing was changed.',
        'Say it in your own conversation with me, or where the team works.',
      ].join('\n'),
    )
    expect(chat.world.begun).toEqual([])
    await lin().say('/job restart orders-cdc')
    expect(chat.world.begun).toHaveLength(1)
  })

  it('takes no tap either: who taps is told so, and the button stays for elsewhere', async () => {
    await lin('oc_1').say('/job show orders-cdc')
    const before = chat.told('oc_1').length
    const answer = await lin('oc_1').press(last('oc_1'), 'Restart')

    expect(answer).toEqual({
      tone: 'warning',
      text: 'This chat is read-only, so nothing was changed.',
    })
    expect(chat.told('oc_1')).toHaveLength(before)
    await lin().press(last('oc_1'), 'Restart')
    expect(chat.world.begun).toHaveLength(1)
  })

  it('is opened again by who manages the team', async () => {
    await mei('oc_1').say('/chat set readonly=no')
    await lin('oc_1').say('/job restart orders-cdc')

    expect(chat.world.begun).toHaveLength(1)
  })
})

describe('what is not for a group', () => {
  beforeEach(async () => {
    await open()
    chat.world.logs.push({
      process: 'taskmanager_1',
      lines: [SECRET_LINE],
      more: null,
    } as unknown as (typeof chat.world.logs)[number])
  })

  it.each([
    ['logs', '/job logs orders-cdc', 'hunter2'],
    ['a token', '/token create ci days=30', 'slc_very-secret'],
    ['a code that links', '/link', 'GOOD-CODE'],
  ])('goes to who asked: %s; the group is told that it did', async (_, words, secret) => {
    await lin('oc_1').say(words)

    expect(last('ou_lin').text).toContain(secret)
    expect(titles('oc_1')).toEqual(['Lin, I sent it to you alone'])
    const shownInGroup = chat.vendor('feishu').calls.filter(({ to }) => to?.id === 'oc_1')
    expect(JSON.stringify(shownInGroup)).not.toContain(secret)
  })

  it('goes there with settings and scripts as well', async () => {
    chat.world.changes.push({ field: 'program', before: 'a', after: 'b' } as never)
    await lin('oc_1').say('/job diff orders-cdc 11 to 12')

    expect(titles('oc_1')).toEqual(['Lin, I sent it to you alone'])
  })

  it('is shown in the group where its lead allows that, but for secrets', async () => {
    await mei('oc_1').say('/chat bind team=data')
    await mei('oc_1').say('/chat set openly=yes')
    await lin('oc_1').say('/job logs orders-cdc')
    expect(last('oc_1').text).toContain('hunter2')
    expect(titles('ou_lin')).toEqual([])

    await lin('oc_1').say('/token create ci days=30')
    expect(last('oc_1').text).not.toContain('slc_very-secret')
    expect(last('ou_lin').text).toContain('slc_very-secret')
  })

  it('goes nowhere when the person cannot be written to there, and the way out is said', async () => {
    const { access } = chat.world.platform
    access.reachOf = async () => ({ email: null, accounts: [] })
    const member = chat.world.members.get('lin')
    if (!member) throw new Error('Lin is not there')
    // A member who is known there by nothing but the page's session.
    const shown = await server.bot.hear({
      ...{ eventId: 'e', requestId: 'r', at: chat.clock.now(), language: null, text: '/job logs orders-cdc' },
      chat: { id: 'feishu:oc_1', vendor: 'feishu', title: 'Data', direct: true },
      speaker: { is: 'session', memberId: member.id },
    })

    expect(shown.map(({ card }) => card.title)).toEqual([
      'Lin, this is not for the group, and I cannot write to you alone here',
    ])
    await chat.settled()
    expect(JSON.stringify(chat.vendor('feishu').calls)).not.toContain('hunter2')
  })

  it('stays where it was asked for in a chat of two', async () => {
    await lin().say('/job logs orders-cdc')

    expect(last('ou_lin').text).toContain('hunter2')
    expect(titles('ou_lin')).toHaveLength(1)
  })

  it('is not shown by a card that somebody else taps', async () => {
    await lin('oc_1').say('/token create ci days=30')
    await lin('oc_1').say('/job logs orders-cdc')
    const [button] = last('ou_lin').buttons
    if (!button) throw new Error('Its card has no button')
    const answer = await mei().press(last('ou_lin'), button.label)

    expect(answer.text).toBe('This card is for somebody else')
  })
})

describe('who speaks', () => {
  beforeEach(() => open())

  it.each([
    '/job list',
    '/me',
    '/token create ci days=1',
    '/chat set openly=yes',
    '/lang en',
  ])('can do nothing but link when nobody knows them: %s', async (words) => {
    await chat.as('U77', { at: 'slack' }).say(words)

    expect(title('U77', 'slack')).toBe('I do not know you here yet')
    expect(last('U77', 'slack').text).toContain('/link CODE')
  })

  it('cannot tap either', async () => {
    await lin('oc_1').say('/job show orders-cdc')
    const answer = await chat.as('ou_stranger', { in: 'oc_1' }).press(last('oc_1'), 'Restart')

    expect(answer).toEqual({ tone: 'neutral', text: '我还不认识你' })
    expect(chat.world.begun).toEqual([])
  })

  it.each(
    VENDORS.filter((vendor) => vendor !== 'email' && vendor !== 'feishu'),
  )('is known by a code from another chat: %s', async (vendor) => {
    await lin().say('/link')
    expect(last('ou_lin').text).toContain('GOOD-CODE')
    const there = chat.as('new', { at: vendor })
    await there.say('/link GOOD-CODE')
    expect(title('new', vendor)).toMatch(/hello Lin|你好/)
    await there.say('/job list')

    expect(title('new', vendor)).toBe('2 jobs')
    const heard = await chat.conversation.since({
      chat: `${vendor}:dm_new`,
      reader: null,
      limit: 50,
      after: '0',
    })
    expect(JSON.stringify(heard)).not.toContain('GOOD-CODE')
  })

  it('is somebody else after another code', async () => {
    await lin().say('/link')
    await chat.as('U1', { at: 'slack' }).say('/link GOOD-CODE')
    await mei().say('/link')
    await chat.as('U1', { at: 'slack' }).say('/link GOOD-CODE')
    expect(title('U1', 'slack')).toBe('You are linked: hello Mei')
    await chat.as('U1', { at: 'slack' }).say('/job restart orders-prod')

    expect(chat.world.operation(chat.world.begun[0] ?? '').requester.name).toBe('Mei')
  })

  it('is answered by the account that they spoke with', async () => {
    chat.world.link({ vendor: 'slack', externalId: 'U1' }, 'lin')
    chat.world.link({ vendor: 'slack', externalId: 'U2' }, 'lin')
    await chat.as('U2', { at: 'slack' }).say('/job list')
    await chat.as('U2', { at: 'slack', in: 'C1' }).say('/token create ci days=30')

    expect(titles('U2', 'slack')).toHaveLength(2)
    expect(titles('U1', 'slack')).toEqual([])
    expect(chat.vendor('feishu').calls).toEqual([])
  })
})

describe('the directory', () => {
  const people = new Map<string, Person>()
  const directory: Directory = {
    person: async (id) => people.get(id) ?? null,
    people: async () => ({ people: [...people.values()], next: null }),
  }
  const put = (id: string, more: Partial<Person>) =>
    people.set(id, { id, name: id, email: null, staffNumber: null, active: true, ...more })

  beforeEach(async () => {
    people.clear()
    await open({ vendors: VENDORS, directories: { slack: directory }, matchPeople: ['slack'] })
    chat.world.known.set('lin', { email: 'lin@example.com', staffNumber: '007' })
    chat.world.known.set('mei', { email: 'mei@example.com' })
  })
  const says = async (account: string) => {
    await chat.as(account, { at: 'slack' }).say('/me')
    return title(account, 'slack')
  }

  it.each<[string, Partial<Person>]>([
    ['by e-mail, however it is written', { email: 'Lin@Example.com' }],
    ['by staff number', { staffNumber: '007' }],
  ])('says who an account is, %s', async (_, person) => {
    put('U1', person)
    expect(await says('U1')).toContain('Lin')
  })

  it.each<[string, Partial<Person>]>([
    ['means two people', { email: 'mei@example.com', staffNumber: '007' }],
    ['means nobody', { email: 'who@example.com' }],
    ['names nothing', {}],
    ['says that they are gone', { email: 'lin@example.com', active: false }],
  ])('does not when it %s', async (_, person) => {
    put('U1', person)
    expect(await says('U1')).toBe('I do not know you here yet')
  })

  it('is not asked where no admin wanted that', async () => {
    await open({ vendors: VENDORS, directories: { slack: directory } })
    chat.world.known.set('lin', { email: 'lin@example.com' })
    put('U1', { email: 'lin@example.com' })

    expect(await says('U1')).toBe('I do not know you here yet')
  })

  it('is not waited for long', async () => {
    const slow: Directory = { ...directory, person: () => new Promise(() => {}) }
    await chat.end()
    await open({ vendors: VENDORS, directories: { slack: slow }, matchPeople: ['slack'] })
    const began = chat.clock.now()

    expect(await says('U1')).toBe('I do not know you here yet')
    expect(chat.clock.now() - began).toBeLessThan(1_500)
  })

  it('ends an account whose person is gone, and the team hears what is open', async () => {
    put('U1', { email: 'lin@example.com' })
    await mei('oc_1').say('/chat bind team=data')
    await chat.as('U1', { at: 'slack' }).say('/job restart orders-prod')
    put('U1', { email: 'lin@example.com', active: false })
    chat.clock.pass(11 * 60_000)
    await chat.as('U1', { at: 'slack' }).say('/job list')

    expect(title('U1', 'slack')).toBe('Lin, your account is disabled')
    expect(last('oc_1').text).toContain(chat.world.begun[0])
  })

  it('is imported for the chats that have one, people who are gone left out', async () => {
    put('U1', { email: 'lin@example.com' })
    put('u9', { name: 'New One' })
    put('u8', { name: 'Gone', active: false })
    const admin = chat.as('ou_root')
    await admin.say('/member import slack')
    expect(last('ou_root').text).toContain('1 people are new here, 1 known ones were linked')
    expect([...chat.world.members.keys()]).toEqual(['lin', 'mei', 'root', 'u9'])

    await admin.say('/member import slack')
    expect(last('ou_root').text).toContain('2 were known already')
    await admin.say('/member import feishu')
    expect(title('ou_root')).toBe('feishu is not set up here, or lets nobody read its people.')
    await lin().say('/member import slack')
    expect(title('ou_lin')).not.toContain('new here')
  })

  it('is imported up to a limit, and further when it is said again', async () => {
    const pages = 60
    let asked = 0
    directory.people = async (cursor) => {
      asked++
      const page = Number(cursor ?? '0')
      const names = Array.from({ length: 100 }, (_, i) => `p${page}-${i}`)
      const its = names.map((id) => ({ id, name: id, email: null, staffNumber: null, active: true }))
      return { people: its, next: page + 1 < pages ? String(page + 1) : null }
    }
    await chat.as('ou_root').say('/member import slack')

    expect(asked).toBe(50)
    expect(last('ou_root').text).toContain('5000 people are new here')
  })
})

describe('somebody who left', () => {
  beforeEach(async () => {
    await open()
    await mei('oc_1').say('/chat bind team=data')
    await lin().say('/job restart orders-prod')
    await leave('e1')
  })
  const leave = async (eventId: string) => {
    await server.inbox('feishu').told({ is: 'person-left', eventId, at: chat.clock.now(), person: 'ou_lin' })
    await chat.settled()
  }

  it('is refused at once, words and taps alike', async () => {
    await lin().say('/job list')
    expect(title('ou_lin')).toBe('Lin, your account is disabled')
    await mei('oc_1').say('/job show orders-cdc')
    const answer = await lin('oc_1').press(last('oc_1'), 'Restart')

    expect(answer.text).toBe('Lin, your account is disabled')
    expect(chat.world.begun).toHaveLength(1)
  })

  it('leaves word of what is still open to the team, once', async () => {
    await leave('e2')
    await leave('e1')
    const told = chat.told('oc_1').filter(({ text }) => text.includes('Lin 已离职'))

    expect(told).toHaveLength(1)
    expect(told[0]?.text).toContain(`orders-prod · `)
    expect(told[0]?.text).toContain(chat.world.begun[0])
  })

  it('is still known elsewhere, and does not come back by a code', async () => {
    chat.world.link({ vendor: 'slack', externalId: 'U1' }, 'lin')
    await chat.as('U1', { at: 'slack' }).say('/link')
    expect(last('U1', 'slack').text).toContain('GOOD-CODE')
    await lin().say('/link GOOD-CODE')

    expect(title('ou_lin')).toBe('Lin, your account is disabled')
  })

  it('is back when an admin says so', async () => {
    await chat.as('ou_root').say('/member enable lin')
    await lin().say('/job list')

    expect(title('ou_lin')).toBe('2 jobs')
  })

  it('or is disabled leaves what is open to who disables them', async () => {
    await chat.as('ou_root').say('/member disable lin')

    expect(last('ou_root').text).toContain(`orders-prod · `)
    expect(labels(last('ou_root'))).toEqual(['Show'])
  })
})

describe('a group that we', () => {
  beforeEach(() => open())
  const news = async (is: 'joined' | 'left', eventId: string) => {
    const told = { is, eventId, at: chat.clock.now(), chat: { id: 'oc_9', title: 'Data' } }
    await server.inbox('feishu').told(told)
    await chat.settled()
  }

  it('are let into is greeted once, with what to do next', async () => {
    await news('joined', 'e1')
    await news('joined', 'e1')

    expect(chat.told('oc_9').map(({ text }) => text)).toEqual([expect.stringContaining('/聊天 绑定 data')])
  })

  it('were put out of is told nothing, until somebody speaks there again', async () => {
    await news('joined', 'e1')
    await chat.conversation.setChat('feishu:oc_9', { teamId: TEAM })
    await news('left', 'e2')
    await lin().say('/job restart orders-prod')
    await server.bot.follow(`operation:${chat.world.begun[0]}`)
    await chat.settled()
    expect(titles('oc_9')).toHaveLength(1)

    await lin('oc_9').say('/job list')
    await server.bot.follow(`operation:${chat.world.begun[0]}`)
    await chat.settled()
    expect(titles('oc_9')).toHaveLength(3)
  })

  it('are in keeps its people’s talk to themselves', async () => {
    await lin('oc_1').say('lunch?', { addressed: false })
    await lin('oc_1').say('the password is hunter2', { addressed: false })
    const kept = await chat.conversation.since({ chat: 'feishu:oc_1', reader: null, limit: 9, after: '0' })

    expect(kept).toEqual({ cards: [], utterances: [] })
    expect(chat.vendor('feishu').calls).toEqual([])
    // To us it is said, and so it is answered.
    await lin('oc_1').say('lunch?', { addressed: true })
    expect(titles('oc_1')).toHaveLength(1)
  })

  it('hear commands in without being mentioned', async () => {
    await lin('oc_1').say('/job list', { addressed: false })

    expect(titles('oc_1')).toEqual(['2 jobs'])
  })
})

describe('/page', () => {
  beforeEach(() => open())

  it('reaches a member alone, urgently, in their own language, and rings them', async () => {
    chat.world.addMember('wei', '伟', 'developer', { language: 'zh' })
    chat.world.link({ vendor: 'feishu', externalId: 'ou_wei' }, 'wei')
    await mei('oc_1').say('/page wei "orders-cdc is down" by=phone')

    expect(title('ou_wei')).toContain('orders-cdc is down')
    expect(last('ou_wei').language).toBe('zh')
    expect(title('oc_1')).toBe('伟 is being called')
    expect(chat.vendor('feishu').calls).toContainEqual(
      expect.objectContaining({ what: 'urge', mention: ['ou_wei'] }),
    )
    expect(JSON.stringify(chat.told('oc_1'))).not.toContain('orders-cdc is down')
  })

  it('takes the chat that it is said in, else the first that they have, else e-mail', async () => {
    chat.world.link({ vendor: 'slack', externalId: 'U1' }, 'lin')
    chat.world.link({ vendor: 'slack', externalId: 'U2' }, 'mei')
    await chat.as('U2', { at: 'slack' }).say('/page lin "look"')
    expect(titles('U1', 'slack')).toHaveLength(1)
    expect(titles('ou_lin')).toEqual([])

    chat.world.addMember('ann', 'Ann', null)
    chat.world.known.set('ann', { email: 'ann@example.com' })
    await mei().say('/page ann "look"')
    expect(titles('ann@example.com', 'email')).toEqual(['Mei needs you: look'])
  })

  it('says it when there is no way to somebody, and nobody of that name', async () => {
    chat.world.addMember('ann', 'Ann', null)
    await mei().say('/page ann "look"')
    expect(title('ou_mei')).toBe('I know no way to reach Ann')
    await mei().say('/page nobody "look"')
    expect(title('ou_mei')).toBe('I know nobody called nobody.')
  })

  it('is once for one event, whoever works it', async () => {
    const same = { eventId: 'e7', at: chat.clock.now() }
    const other = await chat.server('b')
    await mei().say('/page lin "look"', same)
    await chat.as('ou_mei', { over: other }).say('/page lin "look"', same)

    expect(titles('ou_lin')).toHaveLength(1)
  })
})

describe('/delivery', () => {
  beforeEach(async () => {
    await open({ vendors: ['feishu'] })
    const said = { code: '230013', message: 'the bot is not in the chat' }
    chat.vendor('feishu').answer = ({ to }) => (to?.id === 'oc_gone' ? { is: 'refused', said } : undefined)
    await lin('oc_gone').say('/job list')
  })

  it('list shows what did not arrive, in the vendor’s words, and how the chats are', async () => {
    await chat.as('ou_root').say('/delivery list')

    const { text } = last('ou_root')
    expect(text).toContain('1 did not arrive')
    expect(text).toContain('230013: the bot is not in the chat')
    expect(text).toContain('chat:oc_gone')
    expect(text).toContain('connected')
  })

  it('retry sends it again', async () => {
    chat.vendor('feishu').answer = () => undefined
    const [dead] = (await chat.outbox.list({ state: 'dead' })).items
    await chat.as('ou_root').say(`/delivery retry ${dead?.id}`)
    await chat.settled()

    expect(titles('oc_gone')).toEqual(['2 jobs'])
    await chat.as('ou_root').say(`/delivery retry ${dead?.id}`)
    expect(title('ou_root')).toContain('was not given up')
    await chat.as('ou_root').say('/delivery retry dlv_0190a1b2c3d4')
    expect(title('ou_root')).toBe('No delivery is called dlv_0190a1b2c3d4.')
  })

  it('is for those who may look after the work', async () => {
    await lin().say('/delivery list')

    expect(last('ou_lin').text).not.toContain('230013')
  })
})

describe('a tap that comes to nothing', () => {
  it.each([
    'feishu',
    'slack',
  ] as const)('is answered in place on %s, and no card is made of it', async (at) => {
    await open()
    const who = chat.as(`${at}_lin`, { at, in: 'room' })
    chat.world.link({ vendor: at, externalId: `${at}_lin` }, 'lin')
    await who.say('/job show orders-cdc')
    const card = last('room', at)
    await who.press(card, 'Restart')
    const before = chat.told('room', at).length
    const answer = await who.press(card, 'Restart')

    expect(answer).toEqual({ tone: 'neutral', text: 'You tapped this at 14:02' })
    expect(chat.told('room', at)).toHaveLength(before)
  })

  it.each([
    'dingtalk',
    'wecom',
  ] as const)('is said by a card on %s, where a tap has no answer', async (at) => {
    await open()
    const who = chat.as(`${at}_lin`, { at, in: 'room' })
    chat.world.link({ vendor: at, externalId: `${at}_lin` }, 'lin')
    await who.say('/job show orders-cdc')
    const card = last('room', at)
    await who.press(card, 'Restart')
    await who.press(card, 'Restart')

    expect(title('room', at)).toBe('You tapped this at 14:02')
  })

  it('by somebody who may not decide leaves the button to the others', async () => {
    await open()
    await mei('oc_1').say('/job restart orders-prod')
    const card = last('oc_1')
    const own = await mei('oc_1').press(card, 'Approve')
    expect(own.text).toBe('Your own request needs somebody else.')
    chat.world.addMember('ann', 'Ann', 'lead')
    chat.world.link({ vendor: 'feishu', externalId: 'ou_ann' }, 'ann')
    await chat.as('ou_ann', { in: 'oc_1' }).press(card, 'Approve')

    expect(chat.world.operation(chat.world.begun[0] ?? '').approval?.decider).toBe('Ann')
  })
})
