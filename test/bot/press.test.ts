import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Meaning } from '../../src/bot/cards/card.ts'
import { createPressSigner, pressId, pressIdOf } from '../../src/bot/press.ts'

const signer = createPressSigner('key')

const id = fc.string({ minLength: 1 })
const meaning: fc.Arbitrary<Meaning> = fc.oneof(
  fc.record({
    is: fc.constant('says' as const),
    text: fc.string(),
    job: fc.option(fc.record({ id, generation: fc.nat() })),
  }),
  fc.record({
    is: fc.constantFrom('approves' as const, 'rejects' as const, 'cancels' as const),
    operationId: id,
    version: fc.nat(),
  }),
  fc.record({ is: fc.constant('acknowledges' as const), incidentId: id, generation: fc.nat() }),
  fc.record({ is: fc.constant('submits' as const), command: id, given: fc.dictionary(id, fc.string()) }),
  fc.record({ is: fc.constant('arrives' as const), test: id }),
)

describe('a signed press', () => {
  it('means what was signed, on the card it was signed for', () => {
    fc.assert(
      fc.property(id, meaning, (cardId, means) => {
        expect(JSON.stringify(signer.read(signer.sign(cardId, means)))).toBe(
          JSON.stringify({ id: pressId(signer.sign(cardId, means)), cardId, meaning: means }),
        )
        expect(pressIdOf(cardId, means)).toBe(pressId(signer.sign(cardId, means)))
      }),
    )
  })

  it('is not believed when any of it was changed, or else it is the same tap', () => {
    const press = signer.sign('card_1', { is: 'says', text: '/job restart orders', job: null })
    fc.assert(
      fc.property(
        fc.nat(press.length - 1),
        fc.base64String({ minLength: 4, maxLength: 4 }),
        (at, [char = 'A']) => {
          const read = signer.read(press.slice(0, at) + char + press.slice(at + 1))
          // Base64 has several spellings of the same bytes.
          if (read) expect(read).toEqual(signer.read(press))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it.each(['', '.', 'a.b', 'a.b.c', 'x'.repeat(5000)])('is not read from %s', (text) => {
    expect(signer.read(text)).toBeNull()
  })

  it('is not believed when another key signed it', () => {
    const press = createPressSigner('other').sign('card_1', { is: 'says', text: '/help', job: null })
    expect(signer.read(press)).toBeNull()
  })

  it('fits into what chats let a button carry', () => {
    const press = signer.sign('card_k3x9q2m4n7pa', {
      is: 'says',
      text: '/job rollback orders-cdc to 11',
      job: { id: 'job_k3x9q2m4n7pa', generation: 1234 },
    })
    expect(press.length).toBeLessThan(256)
  })

  it('is another tap with other values, and the same with the same in any order', () => {
    expect(pressId('p', { a: '1', b: '2' })).toBe(pressId('p', { b: '2', a: '1' }))
    expect(pressId('p', { a: '1' })).not.toBe(pressId('p', { a: '2' }))
  })
})
