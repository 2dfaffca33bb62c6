import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { KeptPresses } from '../../src/bot/delivery/kept-presses.ts'
import type { SteeredClock } from '../fakes/steered-clock.ts'

export interface KeptPressesHarness {
  presses: KeptPresses
  clock: SteeredClock
  clear(): Promise<void>
  close(): Promise<void>
}

export function keptPressesContract(name: string, open: () => Promise<KeptPressesHarness>): void {
  describe(`kept presses (${name})`, () => {
    let harness: KeptPressesHarness

    beforeEach(async () => {
      harness ??= await open()
      await harness.clear()
    })
    afterAll(() => harness?.close())

    it('are found by their short name, and nothing else is', async () => {
      await harness.presses.keep([
        { id: '~a', press: 'first.signature' },
        { id: '~b', press: 'second.signature' },
      ])

      expect(await harness.presses.byId('~a')).toBe('first.signature')
      expect(await harness.presses.byId('~c')).toBeNull()
    })

    it('may be kept again with each drawing of their card', async () => {
      await harness.presses.keep([{ id: '~a', press: 'first.signature' }])
      await harness.presses.keep([{ id: '~a', press: 'first.signature' }])
      await harness.presses.keep([])

      expect(await harness.presses.byId('~a')).toBe('first.signature')
    })

    it('are forgotten when no card has been drawn with them for long', async () => {
      const { presses, clock } = harness
      const began = clock.now()
      await presses.keep([
        { id: '~old', press: 'o' },
        { id: '~used', press: 'u' },
      ])
      clock.pass(10)
      await presses.keep([{ id: '~used', press: 'u' }])

      await presses.forget(began + 5)

      expect(await presses.byId('~old')).toBeNull()
      expect(await presses.byId('~used')).toBe('u')
    })
  })
}
