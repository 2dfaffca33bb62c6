import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { InboxEvents } from '../../src/bot/inbox/event.ts'

export interface InboxEventsHarness {
  /** The events as the process of that name sees them. */
  as(worker: string): InboxEvents
  /** What rests in the store, as text; left out where nothing outlives the process. */
  resting?(): Promise<string>
  clear(): Promise<void>
  close(): Promise<void>
}

const AT = Date.parse('2026-03-02T06:02:00Z')
const SECOND = 1_000
const happening = {
  ...{ eventId: 'e1', at: AT, chat: { id: 'oc_1', title: null, direct: false } },
  from: { id: 'ou_lin', name: null },
}
const said = { kind: 'said', said: { ...happening, text: 'a secret word', addressed: true } } as const
const tap = { kind: 'pressed', pressed: { ...happening, press: 'p.s', values: {} } } as const
const ANSWER = { tone: 'good', text: 'Done' } as const

/** What takes events in may rely on, whatever keeps them. */
export function inboxEventsContract(name: string, open: () => Promise<InboxEventsHarness>): void {
  describe(`the events of the inbox (${name})`, () => {
    let harness: InboxEventsHarness
    let ours: InboxEvents
    let theirs: InboxEvents

    beforeEach(async () => {
      harness ??= await open()
      await harness.clear()
      ours = harness.as('a')
      theirs = harness.as('b')
    })
    afterAll(() => harness?.close())

    const event = (id: string, more = {}) =>
      ({ id, vendor: 'feishu', happened: said, at: AT - SECOND, receivedAt: AT, ...more }) as const
    const ids = async (taken: ReturnType<InboxEvents['takeOver']>) => (await taken).map(({ id }) => id)

    it('are new once, whichever process they come to', async () => {
      const stored = await Promise.all(
        [ours, theirs, ours].map((events) => events.store(event('feishu:e1'), AT + SECOND)),
      )

      expect(stored.filter((one) => one === null)).toHaveLength(1)
      expect(stored.filter((one) => one !== null)).toEqual([{ answer: null }, { answer: null }])
      expect(await theirs.store(event('slack:e1'), AT + SECOND)).toBeNull()
    })

    it('answer what comes again with what it got', async () => {
      await ours.store(event('feishu:e1', { happened: tap }), AT + SECOND)
      await ours.done('feishu:e1', ANSWER, AT)

      expect(await theirs.store(event('feishu:e1', { happened: tap }), AT)).toEqual({ answer: ANSWER })
    })

    it('are taken over from a process that is gone, whole, and counted', async () => {
      await ours.store(event('feishu:e1'), AT + SECOND)

      expect(await theirs.takeOver(AT + SECOND, AT + 9 * SECOND)).toEqual([])
      expect(await theirs.takeOver(AT + SECOND + 1, AT + 9 * SECOND)).toEqual([
        { ...event('feishu:e1'), tries: 2 },
      ])
      expect(await ours.takeOver(AT + 2 * SECOND, AT + 9 * SECOND)).toEqual([])
      expect(await ours.takeOver(AT + 10 * SECOND, AT + 19 * SECOND)).toMatchObject([{ tries: 3 }])
    })

    it('go to one of those who look at once', async () => {
      for (let i = 0; i < 12; i++) await ours.store(event(`feishu:e${i}`), AT)

      const taken = await Promise.all(
        Array.from({ length: 4 }, (_, i) => ids(harness.as(`p${i}`).takeOver(AT + 1, AT + SECOND))),
      )

      expect(taken.flat().sort()).toHaveLength(12)
      expect(new Set(taken.flat()).size).toBe(12)
    })

    it('stay with who works them for as long as that says so', async () => {
      await ours.store(event('feishu:e1'), AT)
      await ours.store(event('feishu:e2'), AT)
      await ours.prolong(['feishu:e1'], AT + 9 * SECOND)
      await theirs.prolong(['feishu:e2'], AT + 9 * SECOND)

      expect(await ids(theirs.takeOver(AT + SECOND, AT + 9 * SECOND))).toEqual(['feishu:e2'])
    })

    it('are over once they are done', async () => {
      await ours.store(event('feishu:e1'), AT)
      await ours.done('feishu:e1', null, AT)

      expect(await theirs.takeOver(AT + SECOND, AT + 2 * SECOND)).toEqual([])
      expect(await theirs.store(event('feishu:e1'), AT)).toEqual({ answer: null })
    })

    it('rest unreadable, and what was said only until it is done', async () => {
      const resting = harness.resting
      if (!resting) return
      await ours.store(event('feishu:e1'), AT)
      expect(await resting()).not.toContain('secret word')
      expect(await resting()).toMatch(/"content": ?"[^"]{40,}"/)

      await ours.done('feishu:e1', null, AT)
      expect(await resting()).toMatch(/"content": ?null/)
    })

    it('tell when something was last said and tapped at a vendor', async () => {
      await ours.store(event('feishu:e1', { receivedAt: AT }), AT)
      await ours.store(event('feishu:e2', { receivedAt: AT + 5 }), AT)
      await ours.store(event('slack:e3', { vendor: 'slack', happened: tap, receivedAt: AT + 9 }), AT)

      expect(await ours.last('feishu')).toEqual({ said: AT + 5, pressed: null })
      expect(await ours.last('slack')).toEqual({ said: null, pressed: AT + 9 })
      expect(await ours.last('wecom')).toEqual({ said: null, pressed: null })
    })

    it('are forgotten when they have long been done', async () => {
      for (const id of ['old', 'new', 'open']) await ours.store(event(`feishu:${id}`), AT)
      await ours.done('feishu:old', null, AT)
      await ours.done('feishu:new', null, AT + SECOND)

      await ours.forget(AT + SECOND)

      expect(await ours.store(event('feishu:old'), AT)).toBeNull()
      expect(await ours.store(event('feishu:new'), AT)).not.toBeNull()
      expect(await ours.store(event('feishu:open'), AT)).not.toBeNull()
    })
  })
}
