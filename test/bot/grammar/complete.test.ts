import { beforeEach, describe, expect, it } from 'vitest'
import type { By } from '../../../src/platform/platform.ts'
import { type TestChat, testChat } from '../../support/chat.ts'

let chat: TestChat
let by: By

beforeEach(async () => {
  chat = await testChat()
  by = {
    member: chat.world.addMember('lin', 'Lin', 'developer'),
    via: 'web:ops',
    token: null,
    requestId: 'req',
  }
  chat.world.addJob('orders-cdc')
  chat.world.addJob('orders-wide')
})

/** What the text would become, item by item. */
async function completed(text: string): Promise<string[]> {
  const { from, to, items } = await chat.bot.complete(text, text.length, by)
  return items.map(({ insert }) => text.slice(0, from) + insert + text.slice(to))
}

describe('completion', () => {
  it.each([
    ['/rest', ['/restart ']],
    ['/job rest', ['/job restart ']],
    [
      '/job s',
      ['/job show ', '/job start ', '/job stop ', '/job savepoint ', '/job scale ', '/job savepoints '],
    ],
    ['/作业 重', ['/作业 重启 ', '/作业 重启策略 ', '/作业 重要性 ']],
    ['/job restart ord', ['/job restart orders-cdc ', '/job restart orders-wide ']],
    ['/job restart orders-w', ['/job restart orders-wide ']],
    ['/job stop orders-cdc d', ['/job stop orders-cdc drain ']],
    ['/job list state=fa', ['/job list state=failed ']],
    ['/job list --ar', ['/job list --archived ']],
    ['/cluster show ', ['/cluster show session-a ']],
    ['/job stop "ord', []],
    ['', []],
  ])('of %j', async (text, expected) => {
    expect(await completed(text)).toEqual(expected)
  })

  it('replaces only the word at the caret', async () => {
    const text = '/job resta orders-cdc'
    const { from, to, items } = await chat.bot.complete(text, '/job resta'.length, by)
    expect(items.map(({ insert }) => text.slice(0, from) + insert + text.slice(to))).toEqual([
      '/job restart  orders-cdc',
    ])
  })
})
