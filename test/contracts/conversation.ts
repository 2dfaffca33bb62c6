import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { card } from '../../src/bot/cards/build.ts'
import type { Conversation, NewCard } from '../../src/bot/conversation.ts'
import type { NewDelivery } from '../../src/bot/delivery/delivery.ts'
import type { Outbox } from '../../src/bot/delivery/outbox.ts'

export interface ConversationHarness {
  conversation: Conversation
  /** What carries its cards, on the same store. */
  outbox: Outbox
  clear(): Promise<void>
  close(): Promise<void>
}

const AT = Date.parse('2026-03-02T06:02:00Z')
const OPS = { id: 'web:ops', vendor: 'web', title: 'ops' }

/** What every conversation store promises. */
export function conversationContract(name: string, open: () => Promise<ConversationHarness>): void {
  describe(`conversation on ${name}`, () => {
    let harness: ConversationHarness
    let conversation: Conversation

    beforeEach(async () => {
      harness ??= await open()
      await harness.clear()
      conversation = harness.conversation
      await conversation.chat(OPS, 'zh', AT)
    })
    afterAll(() => harness?.close())

    const aCard = (id: string, more: Partial<NewCard> = {}): NewCard => ({
      id,
      chat: OPS.id,
      subject: null,
      subjectVersion: 0,
      language: 'zh',
      zone: 'Asia/Shanghai',
      card: card('neutral', `Title of ${id}`),
      onlyFor: null,
      at: AT,
      ...more,
    })
    const said = (eventId: string, text = 'hello') => ({
      chat: OPS.id,
      eventId,
      memberId: 'member_lin',
      speaker: 'Lin',
      text,
      at: AT,
    })
    const all = { chat: OPS.id, reader: null, limit: 100 }

    const aDelivery = (id: string, more: Partial<NewDelivery> = {}): NewDelivery => ({
      ...{ id, vendor: 'feishu', receiver: { is: 'person', id: `ou_${id}` }, memberId: null },
      urgency: 'ordinary',
      ...more,
    })
    const anEdit = (version: number, more = {}) => ({
      ...{ version, subjectVersion: 0, card: card('good', `After ${version}`), at: AT + version },
      ...more,
    })
    const carried = async (cardId: string) =>
      (await harness.outbox.ofCard(cardId)).map(({ id, wanted }) => `${id} v${wanted}`).sort()

    it('knows a chat from its first message, with the language it began in', async () => {
      const again = await conversation.chat({ ...OPS, title: 'Operations' }, 'en', AT)
      expect(again).toMatchObject({ id: 'web:ops', title: 'Operations', language: 'zh', teamId: null })
      await conversation.setChat(OPS.id, { language: 'en', teamId: 'team_1' })
      expect(await conversation.chatById(OPS.id)).toEqual({ ...again, language: 'en', teamId: 'team_1' })
      expect(await conversation.chats()).toHaveLength(1)
      expect(await conversation.chatById('web:nowhere')).toBeNull()
    })

    it('hears an event once, however often it comes', async () => {
      const heard = await Promise.all([1, 2, 3].map(() => conversation.hear(said('event-1'))))
      expect(heard.filter((one) => one !== null)).toHaveLength(1)
      expect((await conversation.since({ ...all, after: '0' })).utterances).toHaveLength(1)
    })

    it('counts what is said, shown and edited in one order', async () => {
      await conversation.hear(said('event-1'))
      const first = await conversation.insert(aCard('card_1'))
      await conversation.insert(aCard('card_2'))
      const edited = await conversation.edit('card_1', {
        version: 1,
        subjectVersion: 0,
        card: card('good', 'Done'),
        at: AT + 5,
      })
      expect(edited).toMatchObject({
        id: 'card_1',
        version: 2,
        updatedAt: AT + 5,
        createdAt: AT,
        card: { title: 'Done' },
      })

      const seen = await conversation.since({ ...all, after: '0' })
      expect(seen.cards.map(({ id, version }) => [id, version])).toEqual([
        ['card_2', 1],
        ['card_1', 2],
      ])
      const later = await conversation.since({ ...all, after: first?.seq ?? '' })
      expect(later.cards.map(({ id }) => id)).toEqual(['card_2', 'card_1'])
      expect(later.utterances).toEqual([])
    })

    it('gives everybody who writes at once a place of their own', async () => {
      const cards = await Promise.all(
        Array.from({ length: 20 }, (_, i) => conversation.insert(aCard(`card_${i}`))),
      )
      const places = new Set(cards.map((one) => one?.seq))
      expect(places.size).toBe(20)
    })

    it('pages without a hole, forwards and backwards', async () => {
      for (let i = 1; i <= 5; i++) {
        await conversation.hear(said(`event-${i}`, `words ${i}`))
        await conversation.insert(aCard(`card_${i}`))
      }
      const forwards: string[] = []
      for (let after = '0'; ; ) {
        const { cards, utterances } = await conversation.since({ ...all, limit: 3, after })
        const places = [...cards, ...utterances].map(({ seq }) => Number(seq)).sort((a, b) => a - b)
        if (places.length === 0) break
        expect(places.length).toBeLessThanOrEqual(3)
        forwards.push(...places.map(String))
        after = String(places.at(-1))
      }
      const backwards: string[] = []
      for (let before: string | null = null; ; ) {
        const { cards, utterances } = await conversation.before({ ...all, limit: 3, before })
        const places = [...cards, ...utterances].map(({ seq }) => Number(seq)).sort((a, b) => a - b)
        if (places.length === 0) break
        backwards.unshift(...places.map(String))
        before = String(places[0])
      }
      expect(forwards).toHaveLength(10)
      expect(backwards).toEqual(forwards)
    })

    it('shows a card for one member to nobody else', async () => {
      await conversation.insert(aCard('card_1', { onlyFor: 'member_lin' }))
      const seenBy = async (reader: string | null) =>
        (await conversation.since({ ...all, reader, after: '0' })).cards
      expect(await seenBy('member_lin')).toHaveLength(1)
      expect(await seenBy('member_mei')).toEqual([])
      expect(await seenBy(null)).toEqual([])
    })

    it('keeps one card of an id', async () => {
      expect(await conversation.insert(aCard('card_1'))).not.toBeNull()
      expect(await conversation.insert(aCard('card_1', { card: card('bad', 'Another') }))).toBeNull()
      expect((await conversation.card('card_1'))?.card.title).toBe('Title of card_1')
    })

    it('lets one of two editors win, and never goes back in its subject', async () => {
      await conversation.insert(aCard('card_1', { subject: 'operation:op_1', subjectVersion: 3 }))
      const edit = (version: number, subjectVersion: number) =>
        conversation.edit('card_1', {
          version,
          subjectVersion,
          card: card('good', `v${subjectVersion}`),
          at: AT,
        })
      const both = await Promise.all([edit(1, 4), edit(1, 5)])
      expect(both.filter((one) => one !== null)).toHaveLength(1)
      const now = await conversation.card('card_1')
      expect(await edit(now?.version ?? 0, 2)).toBeNull()
      expect(
        await conversation.edit('card_9', { version: 1, subjectVersion: 1, card: card('good', ''), at: AT }),
      ).toBeNull()
    })

    it('brings a card and what carries it, both or neither', async () => {
      await conversation.insert(aCard('card_1'), [aDelivery('dlv_1'), aDelivery('dlv_2')])
      const again = await conversation.insert(aCard('card_1'), [aDelivery('dlv_3')])

      expect(again).toBeNull()
      expect(await carried('card_1')).toEqual(['dlv_1 v1', 'dlv_2 v1'])
      expect(await harness.outbox.byId('dlv_3')).toBeNull()
    })

    it('carries a card once, however many bring it at once, and once to each place', async () => {
      const receiver = { is: 'chat', id: 'oc_1' } as const
      const brought = await Promise.all(
        ['a', 'b', 'c'].map((who) =>
          conversation.insert(aCard('card_1'), [
            aDelivery(`${who}_1`, { receiver }),
            aDelivery(`${who}_2`, { receiver }),
          ]),
        ),
      )

      expect(brought.filter((one) => one !== null)).toHaveLength(1)
      expect(await carried('card_1')).toEqual([expect.stringMatching(/^[abc]_1 v1$/)])
    })

    it('moves what carries a card with its edit, that of no other card, and nothing by an edit that is lost', async () => {
      await conversation.insert(aCard('card_1'), [aDelivery('dlv_1'), aDelivery('dlv_2')])
      await conversation.insert(aCard('card_2'), [aDelivery('dlv_3')])
      const both = await Promise.all([
        conversation.edit('card_1', anEdit(1)),
        conversation.edit('card_1', anEdit(1)),
      ])
      expect(both.filter((one) => one !== null)).toHaveLength(1)
      expect(await carried('card_1')).toEqual(['dlv_1 v2', 'dlv_2 v2'])

      expect(await conversation.edit('card_1', anEdit(1))).toBeNull()
      expect(await conversation.edit('card_1', anEdit(2, { subjectVersion: -1 }))).toBeNull()
      expect(await carried('card_1')).toEqual(['dlv_1 v2', 'dlv_2 v2'])
      expect(await carried('card_2')).toEqual(['dlv_3 v1'])
    })

    it('remembers how a chat was set, and that we were put out of it until somebody speaks there', async () => {
      const room = { id: 'feishu:oc_1', vendor: 'feishu', title: 'Data' }
      const set = { environments: ['prod'], readOnly: true, openly: true }
      await conversation.chat(room, 'zh', AT)
      await conversation.setChat(room.id, { ...set, leftAt: AT + 5 })
      expect(await conversation.chatById(room.id)).toMatchObject({ ...set, leftAt: AT + 5, direct: false })

      expect(await conversation.chat(room, 'zh', AT + 9)).toMatchObject({ ...set, leftAt: null })
      expect(await conversation.chatById(room.id)).toMatchObject({ ...set, leftAt: null })
      const pair = { id: 'feishu:oc_2', vendor: 'feishu', title: 'Lin', pair: true }
      expect(await conversation.chat(pair, 'zh', AT)).toMatchObject({ direct: true, environments: [] })
    })

    it('finds the cards that follow a subject', async () => {
      await conversation.insert(aCard('card_1', { subject: 'operation:op_1' }))
      await conversation.insert(aCard('card_2', { subject: 'operation:op_2' }))
      await conversation.insert(aCard('card_3', { subject: 'operation:op_1' }))
      const found = await conversation.cardsOf('operation:op_1')
      expect(found.map(({ id }) => id).sort()).toEqual(['card_1', 'card_3'])
    })

    it('gives a button to one tap, until that comes to nothing', async () => {
      const tap = (member: string) => ({
        id: 'tap',
        memberId: `member_${member}`,
        member,
        cardId: 'card_1',
        at: AT,
      })
      const both = await Promise.all([conversation.tap(tap('Lin')), conversation.tap(tap('Mei'))])
      expect(both.map(({ is }) => is).sort()).toEqual(['taken', 'was-taken'])

      await conversation.answerTap('tap', 'operation:op_1')
      const late = await conversation.tap(tap('Ann'))
      expect(late).toMatchObject({ is: 'was-taken', by: { answer: 'operation:op_1', at: AT } })

      expect(await conversation.tapOf('tap')).toMatchObject({ cardId: 'card_1', at: AT })

      await conversation.releaseTap('tap')
      expect(await conversation.tapOf('tap')).toBeNull()
      expect(await conversation.tap(tap('Ann'))).toEqual({ is: 'taken' })
    })
  })
}
