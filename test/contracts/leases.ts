import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { Leases } from '../../src/platform/coordination/leases.ts'

export interface LeasesHarness {
  /** The leases as another process sees them. */
  as(holder: string): Leases
  /** Time passes beyond every deadline. */
  expireAll(): Promise<void>
  clear(): Promise<void>
  close(): Promise<void>
}

export function leasesContract(name: string, open: () => Promise<LeasesHarness>): void {
  describe(`leases (${name})`, () => {
    let harness: LeasesHarness
    let ours: Leases
    let theirs: Leases

    beforeEach(async () => {
      harness ??= await open()
      await harness.clear()
      ours = harness.as('a')
      theirs = harness.as('b')
    })
    afterAll(() => harness?.close())

    it('belong to one holder at a time', async () => {
      expect(await ours.take('poll:c1', 60_000)).toBe(1)

      expect(await theirs.take('poll:c1', 60_000)).toBeNull()
      expect(await theirs.take('poll:c2', 60_000)).toBe(1)
    })

    it('go to exactly one of many who ask at once', async () => {
      const all = Array.from({ length: 12 }, (_, index) => harness.as(`p${index}`))

      const fences = await Promise.all(all.map((leases) => leases.take('sweep', 60_000)))

      expect(fences.filter((fence) => fence !== null)).toEqual([1])
    })

    it('are prolonged by their holder under the same fence', async () => {
      const first = await ours.take('sweep', 60_000)

      expect(await ours.take('sweep', 60_000)).toBe(first)
    })

    it('pass on under a higher fence when they ran out', async () => {
      await ours.take('sweep', 60_000)
      await harness.expireAll()

      expect(await theirs.take('sweep', 60_000)).toBe(2)
      expect(await ours.take('sweep', 60_000)).toBeNull()
    })

    it('have a higher fence even for the same holder when they ran out in between', async () => {
      await ours.take('sweep', 60_000)
      await harness.expireAll()

      expect(await ours.take('sweep', 60_000)).toBe(2)
    })

    it('pass on at once when they are given up, and the fence goes on growing', async () => {
      await ours.take('sweep', 60_000)
      await ours.giveUp('sweep')

      expect(await theirs.take('sweep', 60_000)).toBe(2)
      await theirs.giveUp('sweep')
      expect(await ours.take('sweep', 60_000)).toBe(3)
    })

    it("cannot be given up by somebody else's word", async () => {
      await ours.take('sweep', 60_000)

      await theirs.giveUp('sweep')

      expect(await theirs.take('sweep', 60_000)).toBeNull()
    })
  })
}
