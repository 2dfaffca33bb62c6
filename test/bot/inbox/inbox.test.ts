import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ShownCard } from '../../../src/bot/cards/card.ts'
import type { Death } from '../../support/mortal.ts'
import { type VendorChat, type VendorServer, vendorChat } from '../../support/vendor-chat.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

let chat: VendorChat
let server: VendorServer

beforeEach(async () => {
  chat = await vendorChat()
  server = await chat.server('a')
  chat.world.addMember('lin', 'Lin', 'developer')
  chat.world.link({ vendor: 'feishu', externalId: 'ou_lin' }, 'lin')
  chat.world.addJob('orders-cdc')
})
afterEach(() => chat.end())

const titles = (to = 'ou_lin') => chat.told(to).map(({ card }) => card.title)
const last = (to = 'ou_lin'): ShownCard | undefined => chat.told(to).at(-1)
const given = () => chat.logged.filter(({ says }) => says === 'An event was given up')
/** Every request waits until it is let go. */
function slowly(over: VendorChat = chat) {
  const { operations } = over.world.platform
  const request = operations.request
  const waiting: (() => void)[] = []
  operations.request = async (...asked) => {
    await new Promise<void>((go) => waiting.push(go))
    return request(...asked)
  }
  return { waiting, letGo: () => waiting.splice(0).forEach((go) => void go()) }
}

describe('an event', () => {
  it('is worked once, however often and to however many processes it comes', async () => {
    const other = await chat.server('b')
    const same = { eventId: 'e7', at: chat.clock.now() }
    await chat.as('ou_lin').say('/job restart orders-cdc', same)
    await chat.as('ou_lin').say('/job restart orders-cdc', same)
    await chat.as('ou_lin', { over: other }).say('/job restart orders-cdc', same)

    expect(chat.world.begun).toHaveLength(1)
    expect(titles()).toEqual(['orders-cdc restarts next'])
  })

  it('is acknowledged once it is stored, before it is worked', async () => {
    const { waiting, letGo } = slowly()
    const said = { eventId: 'e1', at: chat.clock.now(), text: '/job restart orders-cdc', addressed: true }
    const where = { chat: { id: 'oc_1', title: 'Data', direct: false }, from: { id: 'ou_lin', name: 'Lin' } }
    await server.inbox('feishu').said({ ...said, ...where })

    expect(chat.events.open()).toEqual(['feishu:e1'])
    await chat.comes(() => waiting.length === 1, 'the request')
    letGo()
    await chat.settled()
    expect(titles('oc_1')).toEqual(['orders-cdc restarts next'])
  })

  it('waits for the former one of the same person there, and for nobody else', async () => {
    chat.world.addMember('mei', 'Mei', 'lead')
    chat.world.link({ vendor: 'feishu', externalId: 'ou_mei' }, 'mei')
    const { waiting, letGo } = slowly()
    const first = chat.as('ou_lin').say('/job restart orders-cdc')
    const second = chat.as('ou_lin').say('/job list')
    await chat.comes(() => waiting.length === 1, 'the request')
    await server.inbox('feishu').said({
      ...{ eventId: 'mei', at: chat.clock.now(), text: '/job list', addressed: true },
      ...{ chat: { id: 'dm_ou_mei', title: null, direct: true }, from: { id: 'ou_mei', name: 'Mei' } },
    })
    await chat.comes(() => titles('ou_mei').length === 1, 'the answer to Mei')

    expect(titles()).toEqual([])
    letGo()
    await Promise.all([first, second])
    expect(titles()).toEqual(['orders-cdc restarts next', '1 job'])
  })

  it('stays with a process that is slow, and is not taken from it', async () => {
    const other = await chat.server('b')
    const { waiting, letGo } = slowly()
    const slow = chat.as('ou_lin').say('/job restart orders-cdc')
    const behind = chat.as('ou_lin').say('/job show orders-cdc')
    await chat.comes(() => waiting.length === 1, 'the request')
    const began = chat.clock.now()
    await chat.comes(() => chat.clock.now() > began + 5 * MINUTE, 'five minutes', 5 * SECOND)

    expect(waiting).toHaveLength(1)
    letGo()
    await Promise.all([slow, behind])
    expect(chat.world.begun).toHaveLength(1)
    expect(other.life.isOver).toBe(false)
    expect(chat.logged).toEqual([])
  })
})

describe('what comes late', () => {
  it('is not done after two minutes, and who said it is asked to say it again', async () => {
    const at = chat.clock.now() - 2 * MINUTE - 1
    await chat.as('ou_lin').say('/job restart orders-cdc', { at })

    expect(chat.world.begun).toEqual([])
    expect(last()?.text).toBe(
      [
        '"/job restart orders-cdc" reached me 2 min late, so I did not do it',
        'Nothing was changed. Say it again if you still want it.',
      ].join('\n'),
    )
  })

  it('is done within two minutes', async () => {
    await chat.as('ou_lin').say('/job restart orders-cdc', { at: chat.clock.now() - 2 * MINUTE })

    expect(chat.world.begun).toHaveLength(1)
  })

  it('does nothing by a tap either, which is told so', async () => {
    await chat.as('ou_lin').say('/job show orders-cdc')
    const at = chat.clock.now() - 3 * MINUTE
    const answer = await chat.as('ou_lin').press(last(), 'Restart', { at })

    expect(chat.world.begun).toEqual([])
    expect(answer).toEqual({
      tone: 'warning',
      text: 'Your tap reached me 3 min late, so I did not do it',
    })
    // The card still stands, and works.
    await chat.as('ou_lin').press(last(), 'Restart')
    expect(chat.world.begun).toHaveLength(1)
  })

  it('is passed over where people talk to each other', async () => {
    const at = chat.clock.now() - 10 * MINUTE
    const inGroup = chat.as('ou_lin', { in: 'oc_1' })
    await inGroup.say('lunch?', { at })
    expect(titles('oc_1')).toEqual([])

    await inGroup.say('／job list', { at })
    expect(titles('oc_1')).toHaveLength(1)
  })

  it('hides what was secret in it', async () => {
    await chat.as('ou_lin').say('/link 7F3A-92KD', { at: chat.clock.now() - 3 * MINUTE })

    expect(last()?.text).not.toContain('7F3A')
  })
})

describe('a tap', () => {
  it('is answered by what came of it', async () => {
    await chat.as('ou_lin').say('/job show orders-cdc')
    const answer = await chat.as('ou_lin').press(last(), 'Restart', { eventId: 'tap' })

    expect(answer).toEqual({ tone: 'progress', text: 'orders-cdc restarts next' })
    expect(await chat.as('ou_lin').press(chat.told('ou_lin')[0], 'Restart', { eventId: 'tap' })).toEqual(
      answer,
    )
    expect(chat.world.begun).toHaveLength(1)
  })

  it('is told after two seconds that it is being worked, and so is the same one when it comes again', async () => {
    await chat.as('ou_lin').say('/job show orders-cdc')
    const card = last()
    const { waiting, letGo } = slowly()
    const pressed = {
      ...{ eventId: 'tap', at: chat.clock.now(), press: card?.buttons[0]?.press ?? '', values: {} },
      ...{ chat: { id: 'dm_ou_lin', title: null, direct: true }, from: { id: 'ou_lin', name: 'Lin' } },
    }
    const began = chat.clock.now()
    const tap = server.inbox('feishu').pressed(pressed)
    let answered = 0
    void tap.then(() => (answered = chat.clock.now()))
    await chat.comes(() => answered > 0, 'an answer')

    expect(answered - began).toBe(2 * SECOND)
    expect(await tap).toEqual({ tone: 'progress', text: '正在处理 · Working on it' })
    expect(await server.inbox('feishu').pressed(pressed)).toEqual(await tap)
    expect(waiting).toHaveLength(1)
    letGo()
    await chat.settled()
    expect(titles().at(-1)).toBe('orders-cdc restarts next')
  })
})

const POINTS: Death[] = [
  { at: 'conversation.chat', when: 'before' },
  { at: 'conversation.hear', when: 'before' },
  { at: 'conversation.hear', when: 'after' },
  { at: 'operations.request', when: 'before' },
  { at: 'operations.request', when: 'after' },
  { at: 'conversation.insert', when: 'before' },
  { at: 'conversation.insert', when: 'after' },
  { at: 'events.done', when: 'before' },
  { at: 'events.done', when: 'after' },
]

const TAP_POINTS: Death[] = [
  ...POINTS.filter(({ at }) => at !== 'conversation.hear'),
  { at: 'conversation.tap', when: 'before' },
  { at: 'conversation.tap', when: 'after' },
  { at: 'conversation.answerTap', when: 'before' },
  { at: 'conversation.answerTap', when: 'after' },
]

describe('a process that dies', () => {
  /** Until the next process has worked what it left. */
  async function isWorked(dying: VendorServer, work: Promise<unknown>): Promise<void> {
    let isAnswered = false
    void work.then(() => (isAnswered = true))
    await chat.comes(() => dying.life.isOver, 'its end')
    await chat.comes(() => isAnswered && chat.events.open().length === 0, 'the next one', SECOND)
  }

  it.each(POINTS)('$when $at leaves a command that the next one works, once', async (ends) => {
    const dying = await chat.server('dying', { ends })
    await isWorked(dying, chat.as('ou_lin', { over: dying }).say('/job restart orders-cdc'))

    expect(chat.world.begun).toHaveLength(1)
    expect(titles()).toEqual(['orders-cdc restarts next'])
    expect(last()?.text).not.toContain('asked for the same')
    expect(chat.logged.filter(({ level }) => level === 'error')).toEqual([])
  })

  it.each(TAP_POINTS)('$when $at leaves a tap that the next one works, once', async (ends) => {
    await chat.as('ou_lin').say('/job show orders-cdc')
    const dying = await chat.server('dying', { ends })
    await isWorked(dying, chat.as('ou_lin', { over: dying }).press(last(), 'Restart'))

    expect(chat.world.begun).toHaveLength(1)
    expect(titles()).toEqual(['orders-cdc is running', 'orders-cdc restarts next'])
  })

  it('leaves a tap whose work has gone on: that is shown, and not taken for a stale one', async () => {
    await chat.as('ou_lin').say('/job show orders-cdc')
    const dying = await chat.server('dying', { ends: { at: 'operations.request', when: 'after' } })
    const tap = chat.as('ou_lin', { over: dying }).press(last(), 'Restart')
    await chat.comes(() => dying.life.isOver, 'its end')
    chat.world.setJob('orders-cdc', { state: { is: 'stopped', savepointId: null } })
    await isWorked(dying, tap)

    expect(chat.world.begun).toHaveLength(1)
    expect(titles().at(-1)).toBe('orders-cdc restarts next')
  })

  it('leaves a tap that has become stale meanwhile, and is not done', async () => {
    await chat.as('ou_lin').say('/job show orders-cdc')
    const dying = await chat.server('dying', { ends: { at: 'operations.request', when: 'before' } })
    const tap = chat.as('ou_lin', { over: dying }).press(last(), 'Restart')
    await chat.comes(() => dying.life.isOver, 'its end')
    chat.world.setJob('orders-cdc', { state: { is: 'stopped', savepointId: null } })
    await isWorked(dying, tap)

    expect(chat.world.begun).toEqual([])
  })

  it('long ago leaves what may have been begun: that is said, and nothing is done', async () => {
    const dying = await chat.server('dying', { ends: { at: 'operations.request', when: 'after' } })
    await server.chats.stop()
    server.life.isOver = true
    const said = { eventId: 'e1', at: chat.clock.now(), text: '/job restart orders-cdc', addressed: true }
    const where = {
      chat: { id: 'dm_ou_lin', title: null, direct: true },
      from: { id: 'ou_lin', name: 'Lin' },
    }
    await dying.inbox('feishu').said({ ...said, ...where })
    await chat.comes(() => dying.life.isOver, 'its end')
    chat.clock.pass(10 * MINUTE)
    await chat.server('next')
    await chat.settled()

    expect(last()?.text).toBe(
      [
        'I was interrupted at "/job restart orders-cdc" 10 min ago, and did not go on',
        'It may have been begun. Look before you say it again.',
        '[Operations]',
      ].join('\n'),
    )
    expect(chat.world.begun).toHaveLength(1)
  })
})

describe('what cannot be worked', () => {
  it('is tried five times, and then given up with a line in the log', async () => {
    const { conversation } = chat
    const broken = conversation.chat
    conversation.chat = async () => {
      throw new Error('the database went away')
    }
    await server.inbox('feishu').said({
      ...{ eventId: 'e1', at: chat.clock.now(), text: '/job list', addressed: true },
      ...{ chat: { id: 'dm_ou_lin', title: null, direct: true }, from: { id: 'ou_lin', name: 'Lin' } },
    })
    await chat.comes(() => given().length > 0, 'an end', SECOND)
    conversation.chat = broken

    const tries = chat.logged.filter(({ says }) => says === 'An event could not be worked')
    expect(tries.map((line) => line.tries)).toEqual([1, 2, 3, 4, 5])
    expect(given()).toMatchObject([{ level: 'error', event: 'feishu:e1', kind: 'said', tries: 5 }])
    expect(chat.events.open()).toEqual([])
    expect(JSON.stringify(chat.logged)).not.toContain('/job list')
  })

  it('is done after all when it works again in time', async () => {
    const { conversation } = chat
    const works = conversation.chat
    let breaks = 1
    conversation.chat = async (...asked) => {
      if (breaks-- > 0) throw new Error('the database went away')
      return works(...asked)
    }
    await chat.as('ou_lin').say('/job restart orders-cdc')

    expect(chat.world.begun).toHaveLength(1)
    expect(titles()).toEqual(['orders-cdc restarts next'])
  })

  it('is given up when every process that began it died', async () => {
    const deadly: Death = { at: 'conversation.chat', when: 'before' }
    await server.chats.stop()
    server.life.isOver = true
    const names = ['p1', 'p2', 'p3', 'p4', 'p5']
    const [first, ...others] = names
    const dying = await chat.server(first ?? '', { ends: deadly })
    await dying.inbox('feishu').said({
      ...{ eventId: 'e1', at: chat.clock.now(), text: '/job list', addressed: true },
      ...{ chat: { id: 'dm_ou_lin', title: null, direct: true }, from: { id: 'ou_lin', name: 'Lin' } },
    })
    await chat.comes(() => dying.life.isOver, 'its end')
    for (const name of others) {
      chat.clock.pass(MINUTE + 1)
      const next = await chat.server(name, { ends: deadly })
      await chat.comes(() => next.life.isOver, 'its end')
    }
    chat.clock.pass(MINUTE + 1)
    await chat.server('last')
    await chat.settled()

    expect(given()).toMatchObject([{ event: 'feishu:e1', tries: 6 }])
    expect(titles()).toEqual([])
  })
})

describe('stopping', () => {
  it('lets what is being worked end', async () => {
    const { waiting, letGo } = slowly()
    const work = chat.as('ou_lin').say('/job restart orders-cdc')
    await chat.comes(() => waiting.length === 1, 'the request')
    let stopped = false
    const stop = server.chats.stop().then(() => (stopped = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(stopped).toBe(false)

    letGo()
    await stop
    expect(chat.events.open()).toEqual([])
    await chat.server('next')
    await work
    expect(titles()).toEqual(['orders-cdc restarts next'])
  })
})
