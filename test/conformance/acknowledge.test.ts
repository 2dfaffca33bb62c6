import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tier } from '../../src/platform/alerts/alert.ts'
import { DEFAULT_CHAINS } from '../../src/platform/alerts/life/escalation.ts'
import {
  dueAt,
  type Life,
  type LifeEffect,
  type LifeEvent,
  live,
  newLife,
  withChain,
} from '../../src/platform/alerts/life/incident-life.ts'
import { LIVES, type LifeRow } from './acknowledge.ts'

const MINUTE = 60_000

function begun(tier: Tier): Life {
  const body = DEFAULT_CHAINS[tier]
  const life = newLife({ tier, blast: 1, openedAt: 0, chain: null })
  return withChain(life, body && { name: 'default', steps: body.steps, repeat: body.repeat, turn: 0 }, 0)
}

function eventOf(words: string): LifeEvent | null {
  const [verb = '', a = '', b = ''] = words.split(' ')
  const by = { memberId: `mem_${a}`, name: a }
  switch (verb) {
    case 'ack':
      return { is: 'acknowledge', by, onCall: true }
    case 'unack':
      return { is: 'unacknowledge', by }
    case 'still':
      return { is: 'still-on-it', by }
    case 'alerts':
      return { is: 'alerts-changed', tier: a as Tier, blast: Number(b) }
    case 'over':
      return { is: 'all-over', as: 'recovered' }
    case 'silence':
    case 'unsilence':
      return { is: 'silenced', yes: verb === 'silence' }
    case 'snooze':
      return { is: 'snooze', by, until: Number(a) * MINUTE }
    case 'escalate':
      return { is: 'escalate', by }
    case 'empty':
      return { is: 'step-was-empty' }
    case 'resolve':
      return { is: 'resolve', by }
    default:
      return null
  }
}

interface Lived {
  life: Life
  effects: { at: number; effect: LifeEffect }[]
}

/** Time passes to the minute; timers are acted upon when they are due, unless nobody was there to. */
function lived({ tier, story, until }: Pick<LifeRow, 'tier' | 'story' | 'until'>): Lived {
  let life = begun(tier)
  const effects: Lived['effects'] = []
  const happen = (event: LifeEvent, at: number) => {
    const next = live(life, event, at)
    life = next.life
    effects.push(...next.effects.map((effect) => ({ at, effect })))
  }
  const isLate = story.some(([, words]) => words === 'late')
  const pass = (end: number) => {
    for (let due = dueAt(life); !isLate && due !== null && due <= end; due = dueAt(life))
      happen({ is: 'timer' }, due)
  }
  for (const [minute, words] of story) {
    pass(minute * MINUTE)
    const event = eventOf(words)
    if (event) happen(event, minute * MINUTE)
  }
  if (isLate) happen({ is: 'timer' }, until * MINUTE)
  pass(until * MINUTE)
  return { life, effects }
}

describe('an incident', () => {
  it.each(LIVES)('$says', (row) => {
    const { life, effects } = lived(row)
    const called = effects.flatMap(({ at, effect }) => {
      if (effect.do === 'page') return [`${at / MINUTE} ${effect.reason}`]
      return effect.do === 'remind' ? [`${Math.floor(at / MINUTE)} ask`] : []
    })
    const notes = effects.flatMap(({ effect }) => (effect.do === 'note' ? [effect.kind] : []))

    expect(called).toEqual(row.pages)
    expect(life.state).toBe(row.state)
    for (const note of row.notes ?? []) expect(notes).toContain(note)
  })
})

// --- always -----------------------------------------------------------------------------------------------------------

const who = fc.constantFrom('lin', 'mei', 'wei')
const words = fc.oneof(
  who.map((name) => `ack ${name}`),
  who.map((name) => `unack ${name}`),
  who.map((name) => `still ${name}`),
  who.map((name) => `escalate ${name}`),
  fc.tuple(fc.constantFrom('P0', 'P1', 'P2'), fc.nat(20)).map(([tier, blast]) => `alerts ${tier} ${blast}`),
  fc.constantFrom('silence', 'unsilence', 'empty', 'over', 'nothing'),
)
const stories = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), words), { maxLength: 12 }).map((steps) => {
  let minute = 0
  return steps.map(([pause, text]) => {
    minute += pause
    return [minute, text] as const
  })
})
const tiers = fc.constantFrom('P0' as const, 'P1' as const, 'P2' as const)

describe('always', () => {
  it('no two calls have one reason, so that nobody is told twice', () => {
    fc.assert(
      fc.property(tiers, stories, (tier, story) => {
        const reasons = lived({ tier, story, until: 600 }).effects.flatMap(({ effect }) =>
          effect.do === 'page' ? [effect.reason] : [],
        )

        expect(new Set(reasons).size).toBe(reasons.length)
      }),
    )
  })

  it('nothing follows from an incident that is over', () => {
    fc.assert(
      fc.property(tiers, stories, stories, (tier, before, after) => {
        const over = live(
          lived({ tier, story: before, until: 500 }).life,
          { is: 'all-over', as: 'recovered' },
          500 * MINUTE,
        ).life

        for (const [minute, text] of after) {
          const event = eventOf(text)
          if (event) expect(live(over, event, (500 + minute) * MINUTE)).toEqual({ life: over, effects: [] })
        }
        expect(dueAt(over)).toBeNull()
      }),
    )
  })

  it('as long as somebody has it and it gets no worse, nobody is called', () => {
    fc.assert(
      fc.property(tiers, fc.integer({ min: 1, max: 25 }), (tier, minutes) => {
        const { life } = lived({ tier, story: [[1, 'ack lin']], until: 2 })
        const later = live(life, { is: 'timer' }, (2 + minutes) * MINUTE)

        expect(later.effects.filter((effect) => effect.do === 'page')).toEqual([])
      }),
    )
  })

  it('after a timer nothing is due in the past, and an open one has a future, a holder or a finished chain', () => {
    fc.assert(
      fc.property(tiers, stories, (tier, story) => {
        const { life } = lived({ tier, story, until: 700 })
        const due = dueAt(life)

        if (due !== null) expect(due).toBeGreaterThan(700 * MINUTE)
        const isLeft = life.state === 'triggered' && due === null && !life.silenced
        if (isLeft && life.escalation) expect(life.escalation.finishedAt).not.toBeNull()
      }),
    )
  })
})
