import { describe, expect, it } from 'vitest'
import type { Completion } from '../../web/rules/completion.ts'
import { isOpen, next, noCompletion, taken } from '../../web/rules/completion.ts'

const answer = {
  from: 5,
  to: 7,
  items: [
    { insert: 'restart ', label: 'restart', detail: '' },
    { insert: 'release ', label: 'release', detail: '' },
  ],
}
const TEXT = '/job re'

function opened(): Completion {
  const asked = next(noCompletion, { is: 'typed' })
  return next(asked, { is: 'answered', asked: asked.asked, text: TEXT, answer })
}

describe('completion', () => {
  it('opens with the answer to the newest question', () => {
    expect(isOpen(opened())).toBe(true)
    expect(opened().active).toBe(-1)
  })

  it('ignores an answer to an earlier question', () => {
    const first = next(noCompletion, { is: 'typed' })
    const second = next(first, { is: 'typed' })

    const late = next(second, { is: 'answered', asked: first.asked, text: TEXT, answer })

    expect(isOpen(late)).toBe(false)
  })

  it('lets nothing be chosen from a list for an earlier text, which would land in the wrong place', () => {
    const typedOn = next(opened(), { is: 'typed' })

    expect(isOpen(typedOn)).toBe(true)
    expect(next(typedOn, { is: 'moved', by: 1 }).active).toBe(-1)
    expect(taken(typedOn, `${TEXT}s`, 0)).toBeNull()
  })

  it('ignores an answer that comes after it was closed', () => {
    const asked = next(noCompletion, { is: 'typed' })
    const closed = next(asked, { is: 'closed' })

    expect(isOpen(next(closed, { is: 'answered', asked: asked.asked, text: TEXT, answer }))).toBe(false)
  })

  it('stays closed when the only item is what stands there already', () => {
    const asked = next(noCompletion, { is: 'typed' })
    const same = { from: 0, to: 5, items: [{ insert: '/help', label: '/help', detail: '' }] }

    expect(isOpen(next(asked, { is: 'answered', asked: asked.asked, text: '/help', answer: same }))).toBe(
      false,
    )
  })

  it('goes round through the items and the words as typed', () => {
    const down = [1, 2, 3, 4].reduce<Completion[]>(
      (states) => [...states, next(states.at(-1) ?? opened(), { is: 'moved', by: 1 })],
      [],
    )
    expect(down.map((state) => state.active)).toEqual([0, 1, -1, 0])
    expect(next(opened(), { is: 'moved', by: -1 }).active).toBe(1)
  })

  it('keeps the list but drops the choice while more is typed', () => {
    const typing = next(next(opened(), { is: 'moved', by: 1 }), { is: 'typed' })

    expect(isOpen(typing)).toBe(true)
    expect(typing.active).toBe(-1)
  })

  it('puts the item where the half word stood and the caret behind it', () => {
    expect(taken(opened(), '/job re orders-cdc', 1)).toEqual({
      text: '/job release  orders-cdc',
      caret: '/job release '.length,
    })
  })

  it('takes the first item when nothing is chosen, and nothing when it is closed', () => {
    expect(taken(opened(), TEXT, -1)?.text).toBe('/job restart ')
    expect(taken(noCompletion, TEXT, 0)).toBeNull()
  })
})
