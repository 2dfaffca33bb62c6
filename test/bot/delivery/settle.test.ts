import { describe, expect, it } from 'vitest'
import type { Posted } from '../../../src/bot/adapters/adapter.ts'
import { type Delivery, keyOf, receiverOf, receiverText, settle } from '../../../src/bot/delivery/delivery.ts'

const NOW = Date.parse('2026-03-02T06:02:00Z')
const DAY = 24 * 3_600_000
const SAID = { code: '99991400', message: 'frequency limit' }
const HANDLE = { message: 'om_1' }

const aDelivery = (more: Partial<Delivery> = {}): Delivery => ({
  ...{ id: 'dlv_1', vendor: 'feishu', receiver: { is: 'chat', id: 'oc_1' }, chat: 'feishu:oc_1' },
  ...{ cardId: 'card_1', memberId: null, rank: 1, urgent: false, mention: [], ring: null, instead: null },
  ...{ wanted: 1, shown: 0, state: 'sending', message: 1, handle: null, after: null, uncertain: false },
  postedAs: 3,
  ...{ tries: 1, dueAt: NOW, deadlineAt: null, insteadOf: null, error: null, createdAt: NOW },
  ...{ postedAt: null, shownAt: null },
  ...more,
})
const settled = (posted: Posted, more: Partial<Delivery> = {}) =>
  settle(aDelivery(more), posted, { version: 3, now: NOW, random: () => 0.5 })

describe('what a vendor answered', () => {
  it.each<[string, Posted, Partial<Delivery>, object]>([
    [
      'taken: it stands there',
      { is: 'accepted', handle: HANDLE },
      {},
      { is: 'shown', version: 3, handle: HANDLE, before: null, error: null },
    ],
    [
      'taken again, after an answer was lost: what stands there is what was sent first',
      { is: 'accepted', handle: HANDLE, asFirst: true },
      { uncertain: true, postedAs: 2 },
      { is: 'shown', version: 2 },
    ],
    [
      'taken anew, after an answer was lost: what stands there is what was sent now',
      { is: 'accepted', handle: HANDLE },
      { uncertain: true, postedAs: 2 },
      { is: 'shown', version: 3 },
    ],
    [
      'taken for the first time by a vendor that knows keys: what stands there is what was sent',
      { is: 'accepted', handle: HANDLE, asFirst: true },
      { postedAs: 2 },
      { is: 'shown', version: 3 },
    ],
    [
      'taken, but somebody was not reached: that is kept',
      { is: 'accepted', handle: HANDLE, missed: ['ann', 'bo'] },
      {},
      { is: 'shown', error: { code: 'missed', message: 'ann, bo' } },
    ],
    [
      'taken as an edit: told what the handle was',
      { is: 'accepted', handle: {} },
      { handle: HANDLE },
      { is: 'shown', before: HANDLE },
    ],
    [
      'too fast: when it says, as no try of ours',
      { is: 'limited', ms: 700, scope: 'app', said: SAID },
      {},
      { is: 'again', dueAt: NOW + 700, counts: false, uncertain: false },
    ],
    [
      'not reached, surely: again a little later',
      { is: 'unreached', uncertain: false, said: SAID },
      { tries: 3 },
      { is: 'again', dueAt: NOW + 4_000, counts: true, uncertain: false },
    ],
    [
      'not reached, perhaps shown: it may stand there',
      { is: 'unreached', uncertain: true, said: SAID },
      {},
      { is: 'again', uncertain: true },
    ],
    [
      'an edit that may have been shown is simply made again',
      { is: 'unreached', uncertain: true, said: SAID },
      { handle: HANDLE, shown: 1 },
      { is: 'again', uncertain: false },
    ],
    [
      'still not known: it may stand there all the same',
      { is: 'limited', ms: 1, scope: 'app', said: SAID },
      { uncertain: true },
      { is: 'again', uncertain: true },
    ],
    [
      'not reached for the hundredth time: not much later than before',
      { is: 'unreached', uncertain: false, said: SAID },
      { tries: 100 },
      { is: 'again', dueAt: NOW + 150_000 },
    ],
    [
      'our settings are wrong: in a minute',
      { is: 'misconfigured', said: SAID },
      {},
      { is: 'again', dueAt: NOW + 60_000 },
    ],
    [
      'cannot be edited: a new message',
      { is: 'fixed', said: SAID },
      { handle: HANDLE, shown: 1 },
      { is: 'anew', error: SAID },
    ],
    [
      'never can be edited: no message without end',
      { is: 'fixed', said: SAID },
      { handle: HANDLE, shown: 1, message: 50 },
      { is: 'dead', error: SAID },
    ],
    ['no for good', { is: 'refused', said: SAID }, {}, { is: 'dead', error: SAID }],
    [
      'not reached for a day: nobody waits any more',
      { is: 'unreached', uncertain: false, said: SAID },
      { createdAt: NOW - DAY - 1 },
      { is: 'dead', error: SAID },
    ],
    [
      'too fast for a day',
      { is: 'limited', ms: 1, scope: 'app', said: SAID },
      { createdAt: NOW - DAY - 1 },
      { is: 'dead' },
    ],
    [
      'an edit is tried for longer: the card stands there, and is wrong',
      { is: 'unreached', uncertain: false, said: SAID },
      { createdAt: NOW - 9 * DAY, shown: 1, handle: HANDLE },
      { is: 'again' },
    ],
  ])('%s', (_, posted, delivery, change) => {
    expect(settled(posted, delivery)).toMatchObject(change)
  })
})

describe('names of messages and receivers', () => {
  it('differ for each message of a card, and are as vendors take them', () => {
    expect(keyOf({ id: 'dlv_0190a1b2c3d4', message: 1 })).toBe('dlv_0190a1b2c3d4')
    expect(keyOf({ id: 'dlv_0190a1b2c3d4', message: 12 })).toMatch(/^[0-9a-z_-]{1,40}$/)
  })

  it.each([
    { is: 'chat', id: 'oc_1' },
    { is: 'person', id: 'lin:chen@corp' },
    { is: 'chat', id: '' },
  ] as const)('read back as they were: %j', (receiver) => {
    expect(receiverOf(receiverText(receiver))).toEqual(receiver)
  })
})
