import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPeople } from '../../src/chats/people.ts'
import { silentLog } from '../../src/lib/log.ts'
import { startApp, type TestApp } from '../api/app.ts'
import { steeredClock } from '../fakes/steered-clock.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
  await app.database.prisma.member.update({ where: { name: 'mei' }, data: { email: 'Mei@example.com' } })
})
afterAll(() => app.close())

it('knows who presses in a mail by the address that it went to', async () => {
  const { access } = app.platform
  const people = createPeople({
    access,
    conversation: app.conversation,
    open: () => undefined,
    clock: steeredClock(),
    log: silentLog,
  })
  const bot = { personLeft: async () => {} }
  const press = (id: string) => people.recognise('email', { id, name: null }, { requestId: 'req_mail', bot })
  const account = (externalId: string) => ({ vendor: 'email', externalId, displayName: externalId })

  expect(await press('mei@example.com')).toBe('mei@example.com')
  await press('stranger@example.com')

  expect((await access.memberOf(account('mei@example.com')))?.name).toBe('mei')
  expect(await access.memberOf(account('stranger@example.com'))).toBeNull()
})
