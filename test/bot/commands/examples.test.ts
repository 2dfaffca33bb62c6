import { beforeEach, describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../src/bot/commands/registry.ts'
import { type TestChat, testChat } from '../../support/chat.ts'

let chat: TestChat

beforeEach(async () => {
  chat = await testChat()
  chat.world.addMember('root', 'Root', 'lead', { isAdmin: true })
  chat.world.addMember('lin', 'Lin', 'developer')
  for (const name of ['orders-cdc', 'orders-wide']) chat.world.addJob(name)
  chat.world.savepoints.set('job_orders-cdc', [
    {
      id: 'sp_1',
      jobId: 'job_orders-cdc',
      path: 'file:/sp/1',
      origin: 'stop',
      at: chat.clock.now(),
      sizeBytes: 1_300_000,
      release: 12,
      attempt: 1,
      presence: 'there',
      readableBy: [11, 12],
      notReadableBy: [],
    },
  ])
  chat.world.changes = [{ field: 'setting', key: 'limit.qps', before: '500', after: '300' }]
  chat.world.logs = [{ source: 'taskmanager-1', lines: ['started'], more: 120 }]
})

const said = COMMANDS.flatMap(({ examples }) => examples)

describe.each(['en', 'zh'] as const)('every example, in %s', (language) => {
  it.each(said)('%s is answered by a card without a gap', async (example) => {
    const shown = await chat.as('root', { language }).say(example)
    expect(chat.errors).toEqual([])
    expect(shown).toHaveLength(1)
    for (const { text } of shown) {
      expect(text).not.toMatch(/undefined|\bnull\b|NaN|\[object|!\s|！/)
    }
  })
})
