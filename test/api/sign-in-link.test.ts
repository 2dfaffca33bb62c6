import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from './app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

const LINK = '/members/lin/sign-in-link'

describe('a sign-in link', () => {
  it('is made by an admin and signs its member in', async () => {
    const answer = await (await app.token('root')).post(LINK)
    const signedIn = await app.anonymous.post('/session', { code: answer.body.code })

    expect(answer).toMatchObject({ status: 200, body: { expiresAt: expect.stringMatching(/Z$/) } })
    expect(signedIn.body.member.name).toBe('lin')
  })

  it('stands in the audit with the name of its member', async () => {
    const entries = await app.database.prisma.auditEntry.findMany({ where: { verb: 'member:manage' } })

    expect(entries.map(({ subject }) => subject)).toContain('sign-in link for lin')
  })

  it('is refused to whoever is no admin', async () => {
    expect((await (await app.signIn('mei')).post(LINK)).status).toBe(403)
  })

  it('is refused to a token that lacks some rights, because the link would give them all', async () => {
    const narrow = await app.token('root', { verbs: ['member:manage'] })

    expect((await narrow.post(LINK)).body.type).toBe('urn:sluice:problem:beyond-own-rights')
  })

  it('is not made for nobody', async () => {
    expect((await (await app.token('root')).post('/members/nobody/sign-in-link')).status).toBe(404)
  })
})
