import { afterEach, describe, expect, it } from 'vitest'
import type { Posted } from '../../../src/bot/adapters/adapter.ts'
import { LIN, type Sending, sendingBy } from '../../support/sending.ts'
import { heldCall, type TestVendor, testVendor, type VendorCall } from '../../support/vendor.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const SAID = { code: '230020', message: 'as the vendor puts it' }
const MEI = { is: 'person', id: 'ou_mei' } as const
const ROOM_1 = { is: 'chat', id: 'oc_1' } as const

let world: Sending

afterEach(() => world?.end())

async function open(traits: Parameters<typeof sendingBy>[0] = {}): Promise<void> {
  world = await sendingBy(traits)
}
const of = (what: VendorCall['what'], { calls }: TestVendor = world.vendor) =>
  calls.filter((call) => call.what === what)
const titles = () => [...world.vendor.standing.values()].map(({ title }) => title)
const stateOf = async (id: string) => (await world.outbox.byId(id))?.state
const isDone = (id: string) => async () => (await stateOf(id)) === 'done'
const isDead = (id: string) => async () => (await stateOf(id)) === 'dead'
/** Answers in turn, and then as if all were well. */
const answering = (...answers: Posted[]): TestVendor['answer'] => {
  const left = [...answers]
  return () => left.shift()
}

describe('a card on its way', () => {
  it('is posted once, under a key that names it for ever, and told to the metrics', async () => {
    await open()
    world.sender('a')
    const id = await world.tell('orders-cdc is running', { mention: ['ou_lin'] })
    await world.comes(isDone(id))

    expect(world.vendor.calls).toMatchObject([
      { what: 'post', key: id, to: LIN, title: 'orders-cdc is running', mention: ['ou_lin'], after: null },
    ])
    expect(world.observed).toMatchObject(['accepted', expect.stringMatching(/^arrived \d+$/)])
  })

  it('shows the newest version alone, in the same place', async () => {
    await open()
    const id = await world.tell('v1')
    await world.change(id, 'v2')
    world.sender('a')
    await world.comes(isDone(id))
    const held = heldCall()
    world.vendor.answer = ({ what }) => (what === 'edit' ? held.posted : undefined)
    await world.change(id, 'v3')
    await world.comes(() => of('edit').length === 1)
    for (const title of ['v4', 'v5', 'v6']) await world.change(id, title)
    world.vendor.answer = () => undefined
    held.end({ is: 'accepted', handle: { message: 'om_1' } })
    await world.comes(() => titles()[0] === 'v6')

    expect(world.vendor.calls.map(({ what, title }) => `${what} ${title}`)).toEqual([
      'post v2',
      'edit v3',
      'edit v6',
    ])
  })

  it('never has two calls to one receiver at once, and no more in all than the vendor takes', async () => {
    await open({ pace: { parallel: 2 } })
    const held = heldCall()
    world.vendor.answer = () => held.posted
    for (const title of ['a', 'b']) await world.tell(title)
    await world.tell('c', { receiver: MEI })
    await world.tell('d', { receiver: ROOM_1 })
    world.sender('a')
    await world.comes(() => world.vendor.calls.length === 2)
    await world.tell('e', { receiver: { is: 'person', id: 'ou_ann' } })

    expect(world.vendor.calls.map(({ title }) => title)).toEqual(['a', 'c'])
    world.vendor.answer = () => undefined
    held.end()
    await world.settled()
    expect(of('post')).toHaveLength(5)
  })

  it('shows a secret once and keeps it nowhere', async () => {
    await open()
    const secret = JSON.stringify({
      tone: 'neutral',
      title: '/link 7F3A',
      subtitle: [],
      body: [],
      buttons: [],
      footer: [],
    })
    const id = await world.tell('A code, hidden', { instead: world.close(secret) })
    world.sender('a')
    await world.comes(isDone(id))
    await world.change(id, 'Used')
    await world.comes(() => of('edit').length === 1)

    expect(world.vendor.calls.map(({ title }) => title)).toEqual(['/link 7F3A', 'Used'])
    expect((await world.outbox.byId(id))?.instead).toBeNull()
  })

  it('is edited where that is worth it: not at all, or only when it has settled', async () => {
    await open({ abilities: { updates: 'scarcely' } })
    world.sender('a')
    const id = await world.tell('begins', { tone: 'progress' })
    await world.comes(isDone(id))
    await world.change(id, 'half done', 'progress')
    await world.settled()
    await world.change(id, 'done', 'good')
    await world.settled()
    expect(world.vendor.calls.map(({ title }) => title)).toEqual(['begins', 'done'])
    await world.end()

    await open({ abilities: { updates: 'never' } })
    world.sender('a')
    const mail = await world.tell('begins')
    await world.comes(isDone(mail))
    await world.change(mail, 'done')
    await world.settled()
    expect(world.vendor.calls.map(({ title }) => title)).toEqual(['begins'])
  })

  it('carries long presses by short names that lead back to them', async () => {
    await open({ abilities: { pressLength: 30 } })
    world.sender('a')
    const press = { is: 'says', text: '/job show a-name-that-is-long', job: null } as const
    const id = await world.tell('A job', { buttons: [{ label: 'Show', style: 'plain', press }] })
    await world.comes(isDone(id))

    const [call] = of('post')
    const short = call?.shown?.buttons[0]?.press ?? ''
    expect(short).toMatch(/^~.{24}$/)
    expect((await world.presses.byId(short))?.length).toBeGreaterThan(60)
  })

  it('is given up when it is gone', async () => {
    await open()
    const id = await world.tell('gone')
    world.sender('a', { conversation: { ...world.conversation, card: async () => null } })
    await world.comes(isDead(id))

    expect(world.vendor.calls).toEqual([])
    expect(await world.outbox.byId(id)).toMatchObject({ error: { code: 'card-gone' } })
  })
})

describe('what does not get through', () => {
  it.each([
    ['the app', 'app', ['other person', 'other room', 'same person']],
    ['one receiver', 'receiver', ['same person']],
    ['one message', 'message', ['same person']],
  ] as const)('waits as long as the vendor says, when it is %s that was too fast', async (_, scope, late) => {
    await open()
    const limited: Posted = { is: 'limited', ms: 5 * SECOND, scope, said: SAID }
    world.vendor.answer = answering(limited)
    const began = world.clock.now()
    await world.tell('first')
    world.sender('a')
    await world.comes(() => world.vendor.calls.length === 1)
    await world.tell('same person')
    await world.tell('other person', { receiver: MEI })
    await world.tell('other room', { receiver: ROOM_1 })
    await world.settled()

    const lateOnes = world.vendor.calls.slice(1).filter(({ at }) => at >= began + 5 * SECOND)
    expect(lateOnes.map(({ title }) => title).sort()).toEqual(['first', ...late].sort())
    expect(world.observed.filter((each) => each.startsWith('limited'))).toEqual(['limited 230020'])
  })

  it('is tried again with longer and longer pauses, and counted', async () => {
    await open()
    const lost: Posted = { is: 'unreached', uncertain: false, said: SAID }
    world.vendor.answer = answering(lost, lost, lost, lost)
    const id = await world.tell('again')
    world.sender('a')
    await world.comes(isDone(id), 'arrival', 200)

    const times = of('post').map(({ at }) => at)
    const pauses = times.slice(1).map((at, i) => at - (times[i] ?? 0))
    expect(pauses).toHaveLength(4)
    // Half of 2, 4, 8, 16 seconds, by this test's chance, and what a step of its time adds.
    expect(pauses.map((ms) => Math.round(ms / 1000))).toEqual([1, 2, 4, 8])
  })

  it('is posted again under the same key when its answer was lost, where the vendor knows keys', async () => {
    await open({ knowsKeys: true })
    world.vendor.answer = answering({ is: 'unreached', uncertain: true, said: SAID })
    world.sender('a')
    await world.comes(isDone(await world.tell('once')))

    expect(new Set(of('post').map(({ key }) => key)).size).toBe(1)
    expect(titles()).toEqual(['once'])
  })

  it.each([
    ['posted again', { knowsKeys: true }],
    ['looked for', { knowsKeys: false, canFind: true }],
  ])('shows what changed while its answer was lost, when it is %s', async (_, traits) => {
    await open(traits)
    let id = ''
    world.vendor.answer = ({ what, title, to, key }) => {
      if (what !== 'post' || world.vendor.standing.size > 0 || !to) return undefined
      world.vendor.standing.set('om_there', { title, to, key, edits: 0 })
      return world.change(id, 'v2').then(() => ({ is: 'unreached', uncertain: true, said: SAID }))
    }
    id = await world.tell('v1')
    world.sender('a')
    await world.comes(isDone(id))

    expect(titles()).toEqual(['v2'])
  })

  it.each([
    ['stands there', true, ['post', 'find']],
    ['does not stand there', false, ['post', 'find', 'post']],
  ])('is looked for where the vendor can be asked: it %s', async (_, isThere, calls) => {
    await open({ knowsKeys: false, canFind: true })
    let first = true
    world.vendor.answer = ({ what, key, to }) => {
      if (what !== 'post' || !first) return undefined
      first = false
      if (isThere && to) world.vendor.standing.set('om_there', { title: 'once', to, key, edits: 0 })
      return { is: 'unreached', uncertain: true, said: SAID }
    }
    const id = await world.tell('once')
    world.sender('a')
    await world.comes(isDone(id))

    expect(world.vendor.calls.map(({ what }) => what)).toEqual(calls)
    expect(titles()).toEqual(['once'])
    if (isThere) expect((await world.outbox.byId(id))?.handle).toEqual({ message: 'om_there' })
  })

  it('is not posted blindly while nothing can be said about the first one', async () => {
    await open({ knowsKeys: false, canFind: true })
    let finds = 0
    world.vendor.answer = ({ what }) => {
      const lost: Posted = { is: 'unreached', uncertain: true, said: SAID }
      return what === 'find' && ++finds > 2 ? undefined : lost
    }
    const id = await world.tell('once')
    world.sender('a')
    await world.comes(() => finds === 3, 'an answer', 200)

    expect(of('post')).toHaveLength(2)
    expect(await world.outbox.byId(id)).toMatchObject({ shown: 0 })
  })

  it('is not looked for when it surely never arrived', async () => {
    await open({ canFind: true })
    world.vendor.answer = answering({ is: 'unreached', uncertain: false, said: SAID })
    world.sender('a')
    await world.comes(isDone(await world.tell('once')))

    expect(of('find')).toEqual([])
  })

  it('goes on in a new message when the former one cannot be edited any more', async () => {
    await open()
    world.sender('a')
    const id = await world.tell('v1')
    await world.comes(isDone(id))
    world.vendor.answer = answering({ is: 'fixed', said: SAID })
    await world.change(id, 'v2')
    await world.comes(() => titles().includes('v2'))

    expect(world.vendor.calls).toMatchObject([
      { what: 'post', key: id, after: null },
      { what: 'edit', key: id, handle: { message: 'om_1' } },
      { what: 'post', key: `${id}-2`, after: { message: 'om_1' }, title: 'v2' },
    ])
    await world.change(id, 'v3')
    await world.comes(() => titles().includes('v3'))
    expect(world.vendor.calls.at(-1)).toMatchObject({ what: 'edit', key: `${id}-2` })
  })

  it('does not even try to edit what is older than the vendor allows', async () => {
    await open({ pace: { editableMs: HOUR } })
    world.sender('a')
    const id = await world.tell('v1')
    await world.comes(isDone(id))
    world.clock.pass(HOUR - MINUTE)
    await world.change(id, 'v2')
    await world.comes(() => titles()[0] === 'v2')
    world.clock.pass(2 * MINUTE)
    await world.change(id, 'v3')
    await world.comes(() => titles().includes('v3'))

    expect(world.vendor.calls.map(({ what }) => what)).toEqual(['post', 'edit', 'post'])
  })

  it('is given up when the vendor says no for good, with its words', async () => {
    await open()
    world.vendor.answer = answering({ is: 'refused', said: SAID })
    const id = await world.tell('no')
    world.sender('a')
    await world.comes(isDead(id))

    expect(await world.outbox.byId(id)).toMatchObject({ error: SAID })
    expect(world.warned).toMatchObject([{ delivery: id, ...SAID, says: 'A delivery was given up' }])
    expect(await world.outbox.retry(id, world.clock.now())).toBe('waiting')
    await world.comes(isDone(id))
  })

  it.each<[string, Posted]>([
    ['was never reached', { is: 'unreached', uncertain: true, said: SAID }],
    ['limits us for ever', { is: 'limited', ms: HOUR, scope: 'receiver', said: SAID }],
  ])('is given up after a day on which the vendor %s', async (_, answer) => {
    await open()
    world.vendor.answer = () => answer
    const id = await world.tell('late')
    world.sender('a')
    await world.comes(() => world.vendor.calls.length > 0)
    world.clock.pass(25 * HOUR)
    await world.comes(isDead(id), 'an end', MINUTE)

    expect(await world.outbox.byId(id)).toMatchObject({ error: SAID })
  })

  it('stops for the whole vendor while its setup is wrong, says so once, and goes on when it is right', async () => {
    await open()
    world.vendor.answer = () => ({ is: 'misconfigured', said: SAID })
    for (let i = 0; i < 5; i++) await world.tell(`card ${i}`, { receiver: { is: 'person', id: `ou_${i}` } })
    world.sender('a')
    await world.comes(() => world.vendor.calls.length > 0)
    const began = world.clock.now()
    await world.comes(() => world.clock.now() > began + 30 * SECOND, 'half a minute', 500)

    expect(world.vendor.calls.length).toBeLessThanOrEqual(5 + 7)
    expect(world.failed).toMatchObject([{ ...SAID, says: expect.stringContaining('setup is put right') }])
    world.vendor.answer = () => undefined
    await world.comes(() => titles().length === 5, 'all of them', 2_000)
    expect(world.failed).toHaveLength(1)
  })

  it('is tried again when it broke on our side, wherever that was', async () => {
    await open()
    const broken = { ...world.conversation }
    let breaks = 2
    broken.card = async (id) => {
      if (breaks-- > 0) throw new TypeError('the database went away')
      return world.conversation.card(id)
    }
    world.sender('a', { conversation: broken })
    const id = await world.tell('after all')
    await world.comes(isDone(id))

    expect(of('post')).toHaveLength(1)
    expect(world.failed.map(({ says }) => says)).toEqual([
      'A delivery broke on our side',
      'A delivery broke on our side',
    ])
  })

  it('is not forgotten when what became of it could not be written down', async () => {
    await open({ knowsKeys: true })
    const broken = { ...world.outbox }
    let breaks = 2
    broken.settle = async (...call) => {
      if (breaks-- > 0) throw new Error('the database went away')
      return world.outbox.settle(...call)
    }
    world.sender('a', { outbox: broken })
    const id = await world.tell('written at last')
    await world.comes(isDone(id))

    expect(titles()).toEqual(['written at last'])
  })

  it('takes what an adapter throws for an answer that was lost', async () => {
    await open()
    let first = true
    world.vendor.answer = () => {
      if (!first) return undefined
      first = false
      throw new RangeError('with a secret in its words')
    }
    world.sender('a')
    const id = await world.tell('after all')
    await world.comes(isDone(id))

    expect(JSON.stringify(world.failed)).not.toContain('secret')
  })
})

describe('what is urgent', () => {
  it('overtakes everything that waits', async () => {
    await open({ pace: { app: [{ count: 5, ms: SECOND }] } })
    for (let i = 0; i < 30; i++) await world.tell(`card ${i}`, { receiver: { is: 'person', id: `ou_${i}` } })
    world.sender('a')
    await world.comes(() => world.vendor.calls.length >= 4)
    const asked = world.clock.now()
    await world.tell('Wake up', { urgency: 'urgent', receiver: MEI })
    await world.comes(() => titles().includes('Wake up'))

    const call = of('post').find(({ title }) => title === 'Wake up')
    expect((call?.at ?? 0) - asked).toBeLessThan(SECOND)
    expect(world.vendor.calls.length).toBeLessThan(10)
  })

  it('rings people once, when the message stands there', async () => {
    await open()
    const ring = { means: 'phone', people: ['ou_lin'], text: 'orders-cdc is down' } as const
    world.sender('a')
    const id = await world.tell('Wake up', { urgency: 'urgent', ring, mention: ['ou_lin'] })
    await world.comes(isDone(id))
    await world.change(id, 'Lin is on it')
    await world.comes(() => titles()[0] === 'Lin is on it')

    expect(world.vendor.calls.map(({ what }) => what)).toEqual(['post', 'urge', 'edit'])
    expect(of('urge')).toMatchObject([
      { handle: { message: 'om_1' }, mention: ['ou_lin'], title: 'orders-cdc is down' },
    ])
  })

  it('rings again when that did not get through, without posting again', async () => {
    await open()
    let rings = 0
    world.vendor.answer = ({ what }) =>
      what === 'urge' && ++rings < 3 ? { is: 'unreached', uncertain: true, said: SAID } : undefined
    world.sender('a')
    const ring = { means: 'app', people: ['ou_lin'], text: 'Look' } as const
    await world.comes(isDone(await world.tell('Wake up', { ring })))

    expect(world.vendor.calls.map(({ what }) => what)).toEqual(['post', 'urge', 'urge', 'urge'])
  })

  it('rings again when ringing broke on our side', async () => {
    await open()
    let rings = 0
    world.vendor.answer = ({ what }) => {
      if (what === 'urge' && ++rings === 1) throw new Error('broken')
      return undefined
    }
    world.sender('a')
    const ring = { means: 'app', people: ['ou_lin'], text: 'Look' } as const
    await world.comes(isDone(await world.tell('Wake up', { ring })))

    expect(rings).toBe(2)
  })

  it.each([
    ['refuses it', true],
    ['has no such means', false],
  ])('is shown without ringing where the vendor %s', async (_, urges) => {
    await open({ urges })
    world.vendor.answer = ({ what }) => (what === 'urge' ? { is: 'refused', said: SAID } : undefined)
    world.sender('a')
    const ring = { means: 'sms', people: ['ou_lin'], text: 'Look' } as const
    await world.comes(isDone(await world.tell('Wake up', { ring })))

    expect(titles()).toEqual(['Wake up'])
    expect(world.warned).toMatchObject([{ says: 'Nobody could be rung', means: 'sms' }])
  })
})

describe('who sends', () => {
  it('is one process at a time, and another one when that is gone', async () => {
    await open()
    const other = testVendor({ clock: world.clock })
    const first = world.sender('a')
    await world.comes(isDone(await world.tell('by the first')))
    world.sender('b', { vendor: other })
    await world.comes(isDone(await world.tell('by the first as well')))
    expect(other.calls).toEqual([])

    await first.stop()
    await world.comes(isDone(await world.tell('by the second')))
    expect(other.calls.map(({ title }) => title)).toEqual(['by the second'])
  })

  it('alone is connected, where a second connection would end the first', async () => {
    await open({ alone: true })
    const other = testVendor({ clock: world.clock, alone: true })
    const first = world.sender('a')
    await world.comes(() => world.vendor.isOpen)
    world.sender('b', { vendor: other })
    await world.comes(isDone(await world.tell('one')))
    expect([world.vendor.isOpen, other.isOpen]).toEqual([true, false])

    await first.stop()
    expect(world.vendor.isOpen).toBe(false)
    await world.comes(() => other.isOpen)
    expect([world.vendor.starts, other.starts]).toEqual([1, 1])
  })

  it('lets its connection go when its lease was lost while it could not run', async () => {
    await open({ alone: true })
    const held = heldCall()
    const stalled = { ...world.outbox }
    let isStalled = false
    stalled.due = async (ask) => {
      if (isStalled) await held.posted
      return world.outbox.due(ask)
    }
    world.sender('a', { outbox: stalled })
    await world.comes(() => world.vendor.isOpen)
    isStalled = true
    const other = testVendor({ clock: world.clock, alone: true })
    world.sender('b', { vendor: other })
    await world.comes(() => other.isOpen, 'the other one', 500)
    held.end()
    await world.comes(() => !world.vendor.isOpen)

    await world.comes(isDone(await world.tell('by the second')))
    expect(other.calls).toHaveLength(1)
  })

  it('goes on where a process ended in the middle, without a second message', async () => {
    await open({ knowsKeys: true })
    const id = await world.tell('once')
    // It arrived, and who sent it died before it heard so.
    const fence = (await world.leases.as('dead').take('delivery:feishu', 15 * SECOND)) ?? 0
    await world.outbox.claim([id], fence, world.clock.now())
    world.vendor.standing.set('om_9', { title: 'once', to: LIN, key: id, edits: 0 })
    world.sender('b')
    await world.comes(isDone(id), 'the end', 500)

    expect(of('post')).toHaveLength(1)
    expect(titles()).toEqual(['once'])
    expect((await world.outbox.byId(id))?.handle).toEqual({ message: 'om_9' })
  })

  it('waits for its own calls when its lease ran out and came back, and knows what became of them', async () => {
    await open({ knowsKeys: false })
    const held = heldCall()
    world.vendor.answer = () => held.posted
    world.sender('a')
    const id = await world.tell('once')
    await world.comes(() => world.vendor.calls.length === 1)
    world.clock.pass(20 * SECOND)
    world.vendor.answer = () => undefined
    held.end()
    await world.comes(isDone(id))

    expect(world.vendor.calls).toHaveLength(1)
  })

  it('keeps the pace of the process before it', async () => {
    await open({ pace: { app: [{ count: 5, ms: 10 * SECOND }] } })
    const first = world.sender('a')
    for (let i = 0; i < 8; i++) await world.tell(`card ${i}`, { receiver: { is: 'person', id: `ou_${i}` } })
    await world.comes(() => world.vendor.calls.length === 4)
    await first.stop()
    world.sender('b')
    await world.comes(() => world.vendor.calls.length === 8, 'all', 200)

    const times = world.vendor.calls.map(({ at }) => at)
    expect((times[4] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(10 * SECOND)
  })

  it('lets the calls under way end when it stops', async () => {
    await open()
    const held = heldCall()
    world.vendor.answer = () => held.posted
    const sender = world.sender('a')
    const id = await world.tell('under way')
    await world.comes(() => world.vendor.calls.length === 1)
    await world.tell('not begun', { receiver: MEI })
    const stopped = sender.stop()
    held.end()
    await stopped

    expect(await stateOf(id)).toBe('done')
  })
})
