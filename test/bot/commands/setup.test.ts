import { describe, expect, it } from 'vitest'
import { testChat } from '../../support/chat.ts'

describe('/setup', () => {
  it('shows an admin every chat platform, each a tap away', async () => {
    const chat = await testChat()
    chat.world.addMember('root', 'Root', null, { isAdmin: true })

    await chat.as('root').say('/setup')

    expect(chat.last.card.title).toBe('No chat platform is set up yet')
    const [table] = chat.last.card.body
    const rows = table?.is === 'table' ? table.rows : []
    expect(rows.map(([name]) => typeof name === 'object' && name.says)).toEqual(
      ['feishu', 'dingtalk', 'wecom', 'slack', 'email'].map((vendor) => `/setup ${vendor}`),
    )
    expect(chat.last.text).toContain('are on the page: /setup')
  })

  it('leads to the page of one, by its name in either language', async () => {
    const chat = await testChat()
    chat.world.addMember('root', 'Root', null, { isAdmin: true })

    await chat.as('root').say('/接入 企微')

    expect(chat.last.card.title).toBe('WeCom: not set up')
    expect(chat.last.text).toContain('/setup/wecom')
  })

  it('is for admins alone', async () => {
    const chat = await testChat()
    chat.world.addMember('mei', 'Mei', 'lead')

    await chat.as('mei').say('/setup feishu')

    expect(chat.last.card.tone).toBe('warning')
    expect(chat.last.text).not.toContain('/setup/feishu')
  })
})
