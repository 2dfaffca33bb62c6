import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCatchUp, type Entry } from '../../src/api/catch-up.ts'

/** What happens in a chat: something is said, or a card is shown or edited. News of it may be late, or lost. */
const happening = fc.record({
  card: fc.option(fc.integer({ min: 0, max: 5 }), { nil: null }),
  lost: fc.boolean(),
  /** How many other things happen before the news of it arrives. */
  late: fc.integer({ min: 0, max: 4 }),
})

/** A store that keeps each thing at its newest place, as the conversation does. */
function chatStore() {
  const entries = new Map<string, Entry<string>>()
  let seq = 0
  return {
    happen(card: number | null): Entry<string> {
      const key = card === null ? `said:${seq + 1}` : `card:${card}`
      const version = (entries.get(key)?.version ?? 0) + 1
      const entry = { key, version, seq: String(++seq), value: `${key} v${version}` }
      entries.set(key, entry)
      return entry
    },
    after: (position: string, limit: number) =>
      [...entries.values()]
        .filter((entry) => Number(entry.seq) > Number(position))
        .sort((a, b) => Number(a.seq) - Number(b.seq))
        .slice(0, limit),
    newest: () => [...entries.values()].map(({ value }) => value),
  }
}

describe('catching up', () => {
  it('has no gap and no double, whatever happens between and however the news arrives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(happening, { maxLength: 12 }),
        fc.array(happening, { maxLength: 20 }),
        async (scheduler, before, during) => {
          const store = chatStore()
          for (const { card } of before) store.happen(card)
          const sent: string[] = []
          const catchUp = createCatchUp<string>({
            after: '0',
            read: (after, limit) =>
              scheduler.schedule(Promise.resolve(), 'read').then(() => store.after(after, limit)),
            send: async (value) => {
              sent.push(value)
              await scheduler.schedule(Promise.resolve(), 'send')
            },
          })

          const reading = catchUp.read()
          const late: { in: number; entry: Entry<string> }[] = []
          const happen = scheduler.scheduleSequence([
            ...during.map(({ card, lost, late: delay }, index) => ({
              label: `happens ${index}`,
              builder: async () => {
                const entry = store.happen(card)
                if (!lost) late.push({ in: delay, entry })
                for (const one of late.splice(0)) {
                  if (one.in === 0) catchUp.offer(one.entry)
                  else late.push({ ...one, in: one.in - 1 })
                }
              },
            })),
            {
              label: 'the rest arrives',
              builder: async () => {
                for (const { entry } of late) catchUp.offer(entry)
              },
            },
          ])
          await scheduler.waitFor(Promise.all([reading, happen.task]))
          await scheduler.waitFor(catchUp.read())

          const newest = store.newest()
          expect(sent).toEqual(expect.arrayContaining(newest))
          expect(new Set(sent).size).toBe(sent.length)
          expect(neverOlder(sent)).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('says how far it has read, so that a reconnect continues there', async () => {
    const store = chatStore()
    store.happen(1)
    store.happen(null)
    const catchUp = createCatchUp<string>({
      after: '0',
      read: async (...ask) => store.after(...ask),
      send: async () => {},
    })

    await catchUp.read()

    expect(catchUp.position).toBe('2')
  })
})

/** After a newer form of a card no older one is sent. */
function neverOlder(sent: readonly string[]): boolean {
  const last = new Map<string, number>()
  return sent.every((value) => {
    const [key = '', version = ''] = value.split(' v')
    const isNewer = Number(version) > (last.get(key) ?? 0)
    last.set(key, Number(version))
    return isNewer
  })
}
