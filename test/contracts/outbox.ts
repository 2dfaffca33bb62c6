import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { card } from '../../src/bot/cards/build.ts'
import type { Conversation } from '../../src/bot/conversation.ts'
import type { Change, NewDelivery } from '../../src/bot/delivery/delivery.ts'
import type { Outbox } from '../../src/bot/delivery/outbox.ts'
import { until } from '../support/until.ts'

export interface OutboxHarness {
  outbox: Outbox
  /** On the same store: deliveries come and change with its cards. */
  conversation: Conversation
  clear(): Promise<void>
  close(): Promise<void>
}

const AT = Date.parse('2026-03-02T06:02:00Z')
const MINUTE = 60_000
const ROOM = { id: 'feishu:oc_1', vendor: 'feishu', title: 'Data' }
const LIN = { is: 'person', id: 'ou_lin' } as const
const MEI = { is: 'person', id: 'ou_mei' } as const
const ERROR = { code: '230020', message: 'too fast' }

/** What senders and commands may rely on, whatever keeps the deliveries. */
export function outboxContract(name: string, open: () => Promise<OutboxHarness>): void {
  describe(`the outbox (${name})`, () => {
    let harness: OutboxHarness
    let outbox: Outbox
    let cards = 0

    beforeEach(async () => {
      harness ??= await open()
      await harness.clear()
      outbox = harness.outbox
      cards = 0
      await harness.conversation.chat(ROOM, 'en', AT)
    })
    afterAll(() => harness?.close())

    /** A card with one delivery of the given id. */
    async function posted(id: string, more: Partial<NewDelivery> & { at?: number } = {}): Promise<string> {
      const { at = AT, ...draft } = more
      const cardId = `card_${++cards}`
      const delivery: NewDelivery = {
        id,
        vendor: 'feishu',
        receiver: LIN,
        memberId: null,
        ...URGENCY,
        ...draft,
      }
      await harness.conversation.insert({ ...aCard(cardId), at }, [delivery])
      return cardId
    }
    async function edited(cardId: string, at = AT): Promise<number> {
      const version = (await harness.conversation.card(cardId))?.version ?? 0
      const edit = { version, subjectVersion: 0, card: card('good', `v${version + 1}`), at }
      return (await harness.conversation.edit(cardId, edit))?.version ?? 0
    }
    const due = async (now = AT, without: Parameters<Outbox['due']>[0]['without'] = []) =>
      (await outbox.due({ vendor: 'feishu', now, limit: 100, without })).map(({ id }) => id)
    const claimed = async (id: string, fence = 1) => (await outbox.claim([id], fence, AT))[0]
    const settled = async (id: string, change: Change, { fence = 1, now = AT } = {}) => {
      await outbox.claim([id], fence, now)
      return outbox.settle(id, fence, change, now)
    }
    const shown = (version: number, more = {}) =>
      ({ is: 'shown', version, handle: { message: 'om_1' }, before: null, error: null, ...more }) as const

    it('has a delivery before anybody is called, whole', async () => {
      const ring = { means: 'phone', people: ['ou_lin'], text: 'Wake up' } as const
      await posted('dlv_1', {
        urgency: 'urgent',
        memberId: 'mem_lin',
        mention: ['ou_lin'],
        ring,
        instead: 's',
      })

      expect(await outbox.byId('dlv_1')).toMatchObject({
        ...{ id: 'dlv_1', vendor: 'feishu', receiver: LIN, chat: ROOM.id, cardId: 'card_1' },
        ...{
          memberId: 'mem_lin',
          urgent: true,
          rank: 0,
          mention: ['ou_lin'],
          ring: { ...ring, done: false },
        },
        ...{ instead: 's', wanted: 1, shown: 0, state: 'waiting', message: 1, handle: null, after: null },
        ...{ uncertain: false, tries: 0, dueAt: AT, deadlineAt: AT + 20_000, error: null, createdAt: AT },
      })
      expect(await outbox.byId('dlv_2')).toBeNull()
    })

    it('takes the most urgent first, then the oldest; edits and digests come last', async () => {
      const old = await posted('dlv_edit', { at: AT - 9 })
      await settled('dlv_edit', shown(1))
      await edited(old, AT - 8)
      await posted('dlv_digest', { urgency: 'low', at: AT - 7 })
      await posted('dlv_second', { at: AT - 2 })
      await posted('dlv_first', { at: AT - 3 })
      await posted('dlv_urgent', { urgency: 'urgent' })

      expect(await due()).toEqual(['dlv_urgent', 'dlv_first', 'dlv_second', 'dlv_edit', 'dlv_digest'])
    })

    it('keeps an edit of an urgent card as urgent as it was', async () => {
      const urgent = await posted('dlv_urgent', { urgency: 'urgent' })
      await settled('dlv_urgent', shown(1))
      await posted('dlv_other')
      await edited(urgent)

      expect(await due()).toEqual(['dlv_urgent', 'dlv_other'])
    })

    it('gives out what is of this vendor, due, and not to those left out', async () => {
      await posted('dlv_1')
      await posted('dlv_2', { receiver: MEI })
      await posted('dlv_3', { vendor: 'slack' })
      await posted('dlv_4', { receiver: { is: 'chat', id: 'a:b c' }, at: AT + 1 })

      expect(await due(AT, [LIN])).toEqual(['dlv_2'])
      expect(await due(AT + 1, [LIN, MEI])).toEqual(['dlv_4'])
      expect(await outbox.due({ vendor: 'feishu', now: AT, limit: 1, without: [] })).toEqual([
        { id: 'dlv_1', receiver: LIN, urgent: false, message: null },
      ])
      expect((await outbox.byId('dlv_4'))?.receiver).toEqual({ is: 'chat', id: 'a:b c' })
    })

    it('names the message of what is to be edited, so that its own pace is kept', async () => {
      const cardId = await posted('dlv_1')
      await settled('dlv_1', shown(1))
      await edited(cardId)

      expect(await outbox.due({ vendor: 'feishu', now: AT, limit: 1, without: [] })).toMatchObject([
        { message: 'dlv_1' },
      ])
    })

    it('tells when the next one is due', async () => {
      expect(await outbox.nextDue('feishu')).toBeNull()
      await posted('dlv_1', { at: AT + 500 })
      await posted('dlv_2', { at: AT + 200 })

      expect(await outbox.nextDue('feishu')).toBe(AT + 200)
      expect(await outbox.nextDue('slack')).toBeNull()
    })

    it('gives a delivery to one who claims it, and counts the try', async () => {
      await posted('dlv_1')

      const both = await Promise.all([outbox.claim(['dlv_1'], 1, AT), outbox.claim(['dlv_1'], 2, AT)])

      expect(both.flat()).toMatchObject([{ id: 'dlv_1', state: 'sending', tries: 1 }])
      expect(await due()).toEqual([])
    })

    it('is done when the version that was wanted stands there', async () => {
      await posted('dlv_1')

      expect(await settled('dlv_1', shown(1), { now: AT + 40 })).toBe(true)

      expect(await outbox.byId('dlv_1')).toMatchObject({
        ...{ state: 'done', shown: 1, handle: { message: 'om_1' }, postedAt: AT + 40, shownAt: AT + 40 },
        ...{ tries: 0, deadlineAt: null, instead: null, uncertain: false, error: null },
      })
    })

    it('keeps the words of a vendor that reached some and not others', async () => {
      await posted('dlv_1')
      await settled('dlv_1', shown(1, { error: { code: 'missed', message: 'ou_ann' } }))

      expect(await outbox.byId('dlv_1')).toMatchObject({ state: 'done', error: { message: 'ou_ann' } })
    })

    it('asks for the newest version alone, however many came between', async () => {
      const cardId = await posted('dlv_1')
      await settled('dlv_1', shown(1))
      for (let i = 0; i < 4; i++) await edited(cardId, AT + i)

      expect(await due(AT + 9)).toEqual(['dlv_1'])
      expect(await claimed('dlv_1')).toMatchObject({ wanted: 5, shown: 1 })
      await outbox.settle('dlv_1', 1, shown(5), AT)
      expect(await due(AT + 9)).toEqual([])
    })

    it('sends again what changed while it was being sent', async () => {
      const cardId = await posted('dlv_1')
      await claimed('dlv_1')
      await edited(cardId)
      await outbox.settle('dlv_1', 1, shown(1), AT)

      expect(await outbox.byId('dlv_1')).toMatchObject({ state: 'waiting', wanted: 2, shown: 1 })
    })

    it('waits for a later version where this one is not worth an edit', async () => {
      const cardId = await posted('dlv_1')
      await settled('dlv_1', shown(1))
      await edited(cardId)
      await settled('dlv_1', { is: 'skipped', version: 2 })
      expect(await outbox.byId('dlv_1')).toMatchObject({ state: 'done', shown: 1, wanted: 2 })

      await edited(cardId)
      expect(await due()).toEqual(['dlv_1'])
    })

    it('lets nobody write who has lost the lease, or never had it', async () => {
      await posted('dlv_1')
      await claimed('dlv_1', 7)

      expect(await outbox.settle('dlv_1', 6, shown(1), AT)).toBe(false)
      expect(await outbox.recover('feishu', 8)).toBe(1)
      expect(await outbox.settle('dlv_1', 7, shown(1), AT)).toBe(false)
      await claimed('dlv_1', 8)
      expect(await outbox.settle('dlv_1', 7, { is: 'dead', error: ERROR }, AT)).toBe(false)
      expect(await outbox.byId('dlv_1')).toMatchObject({ state: 'sending', shown: 0, error: null })
      expect(await outbox.settle('dlv_1', 8, shown(1), AT)).toBe(true)
      expect(await outbox.settle('dlv_1', 8, shown(1), AT)).toBe(false)
    })

    it('does not know of a post that a former holder had begun whether it arrived; an edit it makes again', async () => {
      await posted('dlv_post')
      const cardId = await posted('dlv_edit', { receiver: MEI })
      await settled('dlv_edit', shown(1))
      await edited(cardId)
      await posted('dlv_idle', { receiver: { is: 'chat', id: 'oc_1' } })
      await posted('dlv_slack', { vendor: 'slack' })
      await outbox.claim(['dlv_post', 'dlv_edit', 'dlv_slack'], 1, AT)

      expect(await outbox.recover('feishu', 2)).toBe(2)

      expect(await outbox.byId('dlv_post')).toMatchObject({ state: 'waiting', uncertain: true })
      expect(await outbox.byId('dlv_edit')).toMatchObject({ state: 'waiting', uncertain: false })
      expect(await outbox.byId('dlv_idle')).toMatchObject({ state: 'waiting', uncertain: false })
      expect(await outbox.byId('dlv_slack')).toMatchObject({ state: 'sending' })
    })

    it('remembers what a post was first made with, until it is known what became of it', async () => {
      const cardId = await posted('dlv_1')
      await settled('dlv_1', { is: 'again', dueAt: AT, uncertain: true, counts: true, error: ERROR })
      await edited(cardId)
      await outbox.claim(['dlv_1'], 1, AT)

      expect(await outbox.byId('dlv_1')).toMatchObject({ uncertain: true, postedAs: 1, wanted: 2 })
      await outbox.settle('dlv_1', 1, shown(1), AT)
      await outbox.claim(['dlv_1'], 1, AT)
      expect(await outbox.byId('dlv_1')).toMatchObject({ uncertain: false, postedAs: 2, wanted: 2 })
    })

    it('tries again when it is time, and counts only tries that count', async () => {
      await posted('dlv_1')
      const again = { is: 'again', dueAt: AT + 900, uncertain: true, counts: true, error: ERROR } as const
      await settled('dlv_1', again)
      expect(await outbox.byId('dlv_1')).toMatchObject({ tries: 1, uncertain: true, error: ERROR })
      expect(await due(AT + 899)).toEqual([])
      expect(await due(AT + 900)).toEqual(['dlv_1'])

      await settled('dlv_1', { ...again, counts: false })
      expect(await outbox.byId('dlv_1')).toMatchObject({ tries: 1 })
    })

    it('begins a new message that goes on from one that cannot be edited', async () => {
      const cardId = await posted('dlv_1')
      await settled('dlv_1', shown(1))
      await edited(cardId)

      await settled('dlv_1', { is: 'anew', error: ERROR })

      const anew = { state: 'waiting', message: 2, handle: null, after: { message: 'om_1' } }
      expect(await outbox.byId('dlv_1')).toMatchObject(anew)
      await settled('dlv_1', shown(2, { handle: { message: 'om_2' } }), { now: AT + MINUTE })
      const now = { state: 'done', handle: { message: 'om_2' }, after: null, postedAt: AT + MINUTE }
      expect(await outbox.byId('dlv_1')).toMatchObject(now)
    })

    it('remembers when the message was posted, not when it was edited', async () => {
      const cardId = await posted('dlv_1')
      await settled('dlv_1', shown(1))
      await edited(cardId)
      await settled('dlv_1', shown(2), { now: AT + MINUTE })

      expect(await outbox.byId('dlv_1')).toMatchObject({ postedAt: AT, shownAt: AT + MINUTE })
    })

    // --- what taps tell -------------------------------------------------------------------------------------------

    it('learns about the message that a tap was made on, and no other', async () => {
      await posted('dlv_1')
      await outbox.learn({ id: 'dlv_1', message: 1 }, { code: 'early' })
      await settled('dlv_1', shown(1))
      await outbox.learn({ id: 'dlv_1', message: 1 }, { code: 'a' })
      await outbox.learn({ id: 'dlv_1', message: 2 }, { code: 'b' })
      await outbox.learn({ id: 'dlv_2', message: 1 }, { code: 'c' })

      expect((await outbox.byId('dlv_1'))?.handle).toEqual({ message: 'om_1', code: 'a' })
    })

    it('keeps what a tap told while an edit was under way, and drops what the edit used up', async () => {
      const cardId = await posted('dlv_1')
      await settled('dlv_1', shown(1))
      await outbox.learn({ id: 'dlv_1', message: 1 }, { code: 'used', task: 't1' })
      await edited(cardId)
      const before = (await claimed('dlv_1'))?.handle ?? null
      await outbox.learn({ id: 'dlv_1', message: 1 }, { code: 'newer', seen: 'yes' })

      await outbox.settle('dlv_1', 1, shown(2, { before }), AT)

      expect((await outbox.byId('dlv_1'))?.handle).toEqual({ message: 'om_1', code: 'newer', seen: 'yes' })
    })

    // --- ringing --------------------------------------------------------------------------------------------------

    it('is not done before people were rung, once', async () => {
      await posted('dlv_1', { ring: { means: 'app', people: ['ou_lin'], text: 'Look' } })
      await settled('dlv_1', shown(1))
      expect(await due()).toEqual(['dlv_1'])

      await claimed('dlv_1', 3)
      await outbox.ringed('dlv_1', 2)
      expect((await outbox.byId('dlv_1'))?.ring?.done).toBe(false)
      await outbox.ringed('dlv_1', 3)

      expect(await outbox.byId('dlv_1')).toMatchObject({ state: 'done', ring: { done: true, means: 'app' } })
    })

    it('shows what changed meanwhile after it rang', async () => {
      const cardId = await posted('dlv_1', { ring: { means: 'app', people: ['ou_lin'], text: 'Look' } })
      await settled('dlv_1', shown(1))
      await claimed('dlv_1')
      await edited(cardId)
      await outbox.ringed('dlv_1', 1)

      expect(await outbox.byId('dlv_1')).toMatchObject({ state: 'waiting', wanted: 2, shown: 1 })
    })

    // --- what did not arrive --------------------------------------------------------------------------------------

    it('keeps what was given up with the vendor’s own words, and lists it, the newest first', async () => {
      for (const [i, id] of ['dlv_b', 'dlv_c', 'dlv_a'].entries()) {
        await posted(id, { at: AT + i })
        await settled(id, { is: 'dead', error: { code: 'gone', message: `no chat for ${id}` } })
      }
      await posted('dlv_open', { at: AT + 9 })
      await posted('dlv_slack', { vendor: 'slack' })
      await settled('dlv_slack', { is: 'dead', error: ERROR })

      const first = await outbox.list({ state: 'dead', vendor: 'feishu', limit: 2 })
      const second = await outbox.list({ state: 'dead', vendor: 'feishu', limit: 2, cursor: first.next })

      expect(first.items.map(({ id }) => id)).toEqual(['dlv_a', 'dlv_c'])
      expect(second.items).toMatchObject([
        { id: 'dlv_b', state: 'dead', error: { code: 'gone', message: 'no chat for dlv_b' } },
      ])
      expect(second.next).toBeNull()
      expect((await outbox.list({ state: 'dead' })).items).toHaveLength(4)
      expect((await outbox.list({ state: 'open' })).items.map(({ id }) => id)).toEqual(['dlv_open'])
    })

    it('sends a dead one again from the start, and no other', async () => {
      await posted('dlv_1')
      await settled('dlv_1', { is: 'dead', error: ERROR })
      await posted('dlv_2', { receiver: MEI })

      expect(await outbox.retry('dlv_1', AT + MINUTE)).toBe('waiting')
      expect(await outbox.retry('dlv_1', AT + MINUTE)).toBe('not-dead')
      expect(await outbox.retry('dlv_2', AT + MINUTE)).toBe('not-dead')
      expect(await outbox.retry('dlv_9', AT + MINUTE)).toBe('unknown')

      expect(await outbox.byId('dlv_1')).toMatchObject({ state: 'waiting', tries: 0, dueAt: AT + MINUTE })
    })

    it('is overdue when nothing stands there at the deadline, until another way was taken', async () => {
      await posted('dlv_urgent', { urgency: 'urgent' })
      await posted('dlv_ordinary', { receiver: MEI })
      await posted('dlv_there', { urgency: 'urgent', receiver: { is: 'chat', id: 'oc_1' } })
      await settled('dlv_there', shown(1))
      const overdue = async (now: number) => (await outbox.overdue(now, 9)).map(({ id }) => id)

      expect(await overdue(AT + 19_999)).toEqual([])
      expect(await overdue(AT + 20_000)).toEqual(['dlv_urgent'])
      expect(await overdue(AT + 10 * MINUTE)).toEqual(['dlv_urgent', 'dlv_ordinary'])
      await outbox.wentElsewhere('dlv_urgent')
      expect(await overdue(AT + 10 * MINUTE)).toEqual(['dlv_ordinary'])
      expect(await outbox.overdue(AT + 10 * MINUTE, 0)).toEqual([])
    })

    it('is overdue at once when it was given up, unless something stands there', async () => {
      await posted('dlv_1')
      await settled('dlv_1', { is: 'dead', error: ERROR })
      const cardId = await posted('dlv_2', { receiver: MEI })
      await settled('dlv_2', shown(1))
      await edited(cardId)
      await settled('dlv_2', { is: 'dead', error: ERROR })

      expect((await outbox.overdue(AT, 9)).map(({ id }) => id)).toEqual(['dlv_1'])
    })

    it('takes another way beside the first, with the version that the card has now, once per place', async () => {
      const cardId = await posted('dlv_1')
      await edited(cardId)
      const way = { vendor: 'slack', receiver: { is: 'person', id: 'U1' }, memberId: 'mem_lin' } as const
      const draft = { id: 'dlv_2', ...way, urgency: 'urgent', insteadOf: 'dlv_1', mention: ['U1'] } as const

      expect(await outbox.add(cardId, ROOM.id, draft, AT + MINUTE)).toBe(true)
      expect(await outbox.add(cardId, ROOM.id, { ...draft, id: 'dlv_3' }, AT + MINUTE)).toBe(false)
      expect(await outbox.add('card_9', ROOM.id, { ...draft, id: 'dlv_4' }, AT)).toBe(false)

      expect((await outbox.ofCard(cardId)).map(({ id }) => id)).toEqual(['dlv_1', 'dlv_2'])
      const added = { wanted: 2, insteadOf: 'dlv_1', mention: ['U1'], deadlineAt: AT + MINUTE + 20_000 }
      expect(await outbox.byId('dlv_2')).toMatchObject({ ...added, dueAt: AT + MINUTE, urgent: true })
    })

    // --- and the rest ---------------------------------------------------------------------------------------------

    it('tells what waits, what is dead, and how long the oldest due one has waited', async () => {
      expect(await outbox.depth(AT)).toEqual([])
      await posted('dlv_1')
      await posted('dlv_2', { receiver: MEI })
      await outbox.claim(['dlv_2'], 1, AT)
      await posted('dlv_3', { vendor: 'slack' })
      await settled('dlv_3', { is: 'dead', error: ERROR })
      await posted('dlv_4', { vendor: 'wecom' })
      await settled('dlv_4', shown(1))

      expect(await outbox.depth(AT + 750)).toEqual([
        { vendor: 'feishu', waiting: 2, dead: 0, oldestMs: 750 },
        { vendor: 'slack', waiting: 0, dead: 1, oldestMs: null },
      ])
    })

    it('remembers when calls were made, for the pace', async () => {
      await posted('dlv_1')
      await posted('dlv_2', { receiver: MEI })
      await posted('dlv_3', { receiver: { is: 'chat', id: 'oc_1' } })
      await outbox.claim(['dlv_1'], 1, AT)
      await outbox.claim(['dlv_2'], 1, AT + 5)

      expect(await outbox.recentCalls('feishu', AT)).toEqual([{ receiver: MEI, at: AT + 5 }])
      expect(await outbox.recentCalls('feishu', AT - 1)).toHaveLength(2)
      expect(await outbox.recentCalls('slack', AT - 1)).toEqual([])
    })

    it('forgets what is over and old, and nothing that is still to be sent', async () => {
      for (const id of ['dlv_done', 'dlv_dead', 'dlv_open', 'dlv_new']) {
        await posted(id, { at: id === 'dlv_new' ? AT + 1 : AT })
      }
      for (const id of ['dlv_done', 'dlv_new']) await settled(id, shown(1), { now: AT + 1 })
      await settled('dlv_dead', { is: 'dead', error: ERROR })

      await outbox.forget(AT + 1)

      expect(await outbox.byId('dlv_done')).toBeNull()
      expect(await outbox.byId('dlv_dead')).toBeNull()
      expect(await outbox.byId('dlv_open')).not.toBeNull()
      expect(await outbox.byId('dlv_new')).not.toBeNull()
    })

    it('wakes who sends when there is something new, changed, added or tried again', async () => {
      let woken = 0
      const forget = await outbox.onWork(() => woken++)
      const wakes = async (what: string, act: () => Promise<unknown>) => {
        woken = 0
        await act()
        await until(() => woken > 0, { what })
      }
      const draft = { id: 'dlv_2', vendor: 'slack', receiver: MEI, memberId: null, ...URGENCY } as const

      await wakes('a new one', () => posted('dlv_1'))
      await wakes('a change', () => edited('card_1'))
      await wakes('another way', () => outbox.add('card_1', ROOM.id, draft, AT))
      await settled('dlv_1', { is: 'dead', error: ERROR })
      await wakes('another try', () => outbox.retry('dlv_1', AT))
      await forget()
    })
  })
}

const URGENCY = { urgency: 'ordinary' } as const

function aCard(id: string) {
  const about = { subject: null, subjectVersion: 0, language: 'en' as const, zone: 'UTC', onlyFor: null }
  return { id, chat: ROOM.id, ...about, card: card('neutral', `Title of ${id}`) }
}
