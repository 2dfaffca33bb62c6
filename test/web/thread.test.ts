import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Thread } from '../../web/rules/thread.ts'
import {
  compareSeq,
  emptyThread,
  itemsOf,
  notSaid,
  ownWords,
  resumeAfter,
  said,
  saying,
  withCards,
  withLive,
  withNewestPage,
  withOlderPage,
} from '../../web/rules/thread.ts'
import type { ShownCard, Utterance } from '../../web/wire.ts'

const at = (second: number) => new Date(Date.UTC(2026, 10, 22, 14, 0, second)).toISOString()

function card(id: string, facts: Partial<ShownCard> = {}): ShownCard {
  return {
    id,
    chat: 'web:ops',
    version: 1,
    seq: '1',
    subject: null,
    language: 'en',
    onlyFor: null,
    text: id,
    card: { tone: 'neutral', title: id, subtitle: [], body: [], footer: [] },
    buttons: [],
    createdAt: at(0),
    updatedAt: at(0),
    ...facts,
  }
}

const words = (seq: string, text: string, second: number, mine = false): Utterance => ({
  seq,
  speaker: 'Lin',
  text,
  at: at(second),
  mine,
})

const keys = (thread: Thread) => itemsOf(thread).map((item) => item.key)

describe('cards', () => {
  it('keeps the newest version, in whatever order versions arrive', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 1 }), (versions) => {
        const thread = versions.reduce(
          (merged, version) => withCards(merged, [card('a', { version })]),
          emptyThread,
        )
        expect(thread.cards.get('a')?.version).toBe(Math.max(...versions))
      }),
    )
  })

  it('takes the newest of several versions in one answer', () => {
    const thread = withCards(emptyThread, [card('a', { version: 3 }), card('a', { version: 2 })])

    expect(thread.cards.get('a')?.version).toBe(3)
  })

  it('stays where it first appeared when it is edited', () => {
    let thread = withCards(emptyThread, [
      card('a', { seq: '1', createdAt: at(1) }),
      card('b', { seq: '2', createdAt: at(2) }),
    ])

    thread = withLive(thread, { card: card('a', { seq: '9', version: 2, createdAt: at(1) }) })

    expect(keys(thread)).toEqual(['ca', 'cb'])
  })

  it('changes nothing when it is known already', () => {
    const thread = withCards(emptyThread, [card('a')])

    expect(withCards(thread, [card('a')])).toBe(thread)
  })
})

describe('order', () => {
  it('puts words before the card that answers them within the same millisecond', () => {
    let thread = withCards(emptyThread, [card('a', { seq: '2' })])
    thread = withLive(thread, { utterance: words('1', '/job list', 0) })

    expect(keys(thread)).toEqual(['u1', 'ca'])
  })

  it('compares positions as numbers, not as text', () => {
    expect(compareSeq('9', '10')).toBeLessThan(0)
    expect(compareSeq('10', '10')).toBe(0)
    expect(compareSeq('90071992547409931', '90071992547409930')).toBeGreaterThan(0)
  })
})

describe('where a feed goes on', () => {
  it('follows the live feed and the newest page', () => {
    const page = { cards: [card('a', { seq: '700' })], utterances: [words('690', 'x', 0)], next: '690' }
    const opened = withNewestPage(emptyThread, page)
    expect(opened.newest).toBe('700')

    expect(withLive(opened, { card: card('b', { seq: '801' }) }).newest).toBe('801')
  })

  it('does not move by answers, which may be ahead of events still to come', () => {
    const thread = withCards(emptyThread, [card('a', { seq: '900' })])

    expect(thread.newest).toBe('0')
  })

  it('does not move back by older pages', () => {
    const opened = withNewestPage(emptyThread, {
      cards: [card('a', { seq: '700' })],
      utterances: [],
      next: '700',
    })

    const more = withOlderPage(opened, { cards: [card('b', { seq: '20' })], utterances: [], next: null })

    expect(more.newest).toBe('700')
    expect(more.older).toBeNull()
  })

  it('begins a little before the newest, and never before the beginning', () => {
    expect(resumeAfter({ ...emptyThread, newest: '700' })).toBe('650')
    expect(resumeAfter({ ...emptyThread, newest: '7' })).toBe('0')
  })
})

describe('own words', () => {
  const spoken = saying(emptyThread, { key: 'k', text: '/job list', now: at(5) })

  it('stand at once, below everything else even when the own clock is behind', () => {
    const thread = saying(withCards(emptyThread, [card('a', { createdAt: at(30) })]), {
      key: 'k',
      text: 'hello',
      now: at(5),
    })

    expect(keys(thread)).toEqual(['ca', 'pk'])
  })

  it('stand above their answer even when the own clock is ahead', () => {
    const thread = said(spoken, 'k', [card('a', { createdAt: at(2) })])

    expect(keys(thread)).toEqual(['pk', 'ca'])
  })

  it('are replaced when the chat tells them back', () => {
    const thread = withLive(spoken, { utterance: words('1', '/job list', 5, true) })

    expect(keys(thread)).toEqual(['u1'])
  })

  it('are not replaced by the same words of somebody else', () => {
    const thread = withLive(spoken, { utterance: words('1', '/job list', 5) })

    expect(thread.pending).toHaveLength(1)
  })

  it('replace one of two equal ones, not both', () => {
    const twice = saying(spoken, { key: 'k2', text: '/job list', now: at(6) })

    const thread = withLive(twice, { utterance: words('1', '/job list', 5, true) })

    expect(thread.pending.map((one) => one.key)).toEqual(['k2'])
  })

  it('stay as not sent, with the reason, when the server did not take them', () => {
    const thread = notSaid(spoken, 'k', 'The server does not answer.')

    expect(thread.pending[0]).toMatchObject({ state: 'not-sent', because: 'The server does not answer.' })
  })

  it('are recalled oldest first, without doubles in a row and without others’ words', () => {
    let thread = emptyThread
    for (const [seq, text, mine] of [
      ['1', '/help', true],
      ['2', '/help', true],
      ['3', '/audit', false],
      ['4', '/job list', true],
    ] as const) {
      thread = withLive(thread, { utterance: words(seq, text, Number(seq), mine) })
    }

    expect(ownWords(thread)).toEqual(['/help', '/job list'])
  })
})
