import { describe, expect, it } from 'vitest'
import { testChat } from '../../support/chat.ts'

describe('/chat bind', () => {
  async function bound(chat: string): Promise<string> {
    const world = await testChat()
    world.world.addMember('root', 'Root', null, { isAdmin: true })
    await world.as('root', { chat }).say('/chat bind data')
    return world.last.card.title
  }

  it('says which chat it is', async () => {
    expect(await bound('web:ops')).toMatch(/^ops is now the chat of team /)
  })

  it('and does not say an id to people, where the vendor tells no name', async () => {
    expect(await bound('wecom:wr6a91e44157627bf')).toMatch(/^This chat is now the chat of team /)
  })
})
