import { describe, expect, it } from 'vitest'
import { createLiveFeed, joinLiveFeeds, type Look } from '../../src/api/live-feed.ts'
import type { LiveEvent } from '../../src/api/ports.ts'
import type { ShownCard } from '../../src/bot/cards/card.ts'
import { createEmitter } from '../../src/lib/emitter.ts'
import { type Log, silentLog } from '../../src/lib/log.ts'
import { draft, shown } from './app.ts'

/** Two processes on one database: messages reach both, cards are read again by their ids. */
async function twoProcesses() {
  const messages: string[] = []
  const channel = createEmitter<string>()
  const cards = new Map<string, ShownCard>()
  const warnings: unknown[] = []
  const log: Log = { ...silentLog, warn: (fields) => warnings.push(fields) }
  const look: Look = {
    card: async (id) => {
      const card = cards.get(id)
      return card ? { is: 'card', card } : null
    },
    utterance: async () => null,
    job: () => Promise.reject(new Error('database gone')),
  }
  const wire = {
    send: async (payload: string) => {
      messages.push(payload)
      channel.publish(payload)
    },
    listen: async (onMessage: (payload: string) => void) => {
      const stop = channel.subscribe(onMessage)
      return async () => stop()
    },
  }
  const join = async (node: string) => {
    const { feed, stop } = await joinLiveFeeds(createLiveFeed(log), { wire, look, node, log })
    const heard: LiveEvent[] = []
    feed.subscribe((event) => heard.push(event))
    return { feed, stop, heard }
  }
  return { one: await join('one'), two: await join('two'), cards, messages, wire, warnings }
}

function aCard(version: number): ShownCard {
  const at = 1_700_000_000_000
  return shown({
    ...draft('web:ops', 'hunter2'),
    id: 'card_1',
    version,
    seq: String(version),
    createdAt: at,
    updatedAt: at,
  })
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('the live feed of several processes', () => {
  it('tells each process once, by ids alone', async () => {
    const { one, two, cards, messages } = await twoProcesses()
    const card = aCard(1)
    cards.set(card.id, card)

    one.feed.publish({ is: 'card', card })
    await settled()

    expect(one.heard).toEqual([{ is: 'card', card }])
    expect(two.heard).toEqual([{ is: 'card', card }])
    expect(messages.join()).not.toContain('hunter2')
  })

  it('signs out everywhere', async () => {
    const { one, two } = await twoProcesses()

    two.feed.publish({ is: 'signed-out', memberId: 'mem_lin' })
    await settled()

    expect(one.heard).toEqual([{ is: 'signed-out', memberId: 'mem_lin' }])
  })

  it('goes on after news that cannot be read, is gone, or is not ours', async () => {
    const { one, two, cards, wire, warnings } = await twoProcesses()
    const card = aCard(2)
    cards.set(card.id, card)

    await wire.send('not json')
    await wire.send(JSON.stringify({ from: 'newer', note: { is: 'weather' } }))
    await wire.send(JSON.stringify({ from: 'x', note: { is: 'card', id: 'card_gone' } }))
    await wire.send(JSON.stringify({ from: 'x', note: { is: 'job', name: 'orders' } }))
    two.feed.publish({ is: 'card', card })
    await settled()

    expect(one.heard).toEqual([{ is: 'card', card }])
    expect(warnings).toHaveLength(2)
  })

  it('ends when it is stopped', async () => {
    const { one, two, cards } = await twoProcesses()
    const card = aCard(3)
    cards.set(card.id, card)

    await one.stop()
    two.feed.publish({ is: 'card', card })
    await settled()

    expect(one.heard).toEqual([])
  })
})
