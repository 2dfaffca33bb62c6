import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cookieOf, startApp, type TestApp, visitor } from './app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

describe('signing in', () => {
  it('takes a one-time code and gives a cookie that scripts cannot read', async () => {
    const link = await app.platform.access.signInLink('lin', 5)
    if (!link.ok) throw new Error(link.why)

    const answer = await app.anonymous.post('/session', { code: link.value.code })

    expect(answer.status).toBe(200)
    expect(answer.headers['set-cookie']).toMatch(
      /^sluice_session=.+; Path=\/; HttpOnly; SameSite=Lax; Expires=/,
    )
    expect(answer.body).toMatchObject({
      member: { name: 'lin', displayName: 'Lin', teams: [{ team: 'data', role: 'developer' }] },
      csrf: expect.any(String),
      demo: false,
      sandbox: false,
      version: '0.0.0-test',
    })
  })

  it('says so when the code was used', async () => {
    const link = await app.platform.access.signInLink('lin', 5)
    if (!link.ok) throw new Error(link.why)
    await app.anonymous.post('/session', { code: link.value.code })

    const answer = await app.anonymous.post('/session', { code: link.value.code })

    expect(answer.status).toBe(401)
    expect(answer.body.type).toBe('urn:sluice:problem:bad-code')
    expect(answer.body.detail).toContain('used already')
  })

  it('takes a password, and does not say whether name or password was wrong', async () => {
    const member = await app.platform.access.memberByName('mei')
    if (!member) throw new Error('no mei')
    await app.platform.access.setPassword(member, 'correct horse battery')

    const right = await app.anonymous.post('/session', { name: 'mei', password: 'correct horse battery' })
    const wrong = await app.anonymous.post('/session', { name: 'mei', password: 'battery horse' })
    const nobody = await app.anonymous.post('/session', { name: 'nobody', password: 'battery horse' })

    expect(right.status).toBe(200)
    expect([wrong.status, nobody.status]).toEqual([401, 401])
    expect(wrong.body.detail).toBe(nobody.body.detail)
  })

  it('shows who is signed in, and 401 to nobody', async () => {
    const lin = await app.signIn('lin')

    expect((await lin.get('/session')).body.member.name).toBe('lin')
    expect((await app.anonymous.get('/session')).status).toBe(401)
  })

  it('has no session for a token', async () => {
    const lin = await app.token('lin')

    expect((await lin.get('/session')).body.type).toBe('urn:sluice:problem:session-only')
  })

  it('ends at sign-out', async () => {
    const lin = await app.signIn('lin')

    const out = await lin.delete('/session')

    expect(out.status).toBe(204)
    expect(cookieOf(out)).toBe('sluice_session=')
    expect((await lin.get('/session')).status).toBe(401)
  })

  it('does not offer other members outside of the demo', async () => {
    const lin = await app.signIn('lin')

    expect((await lin.get('/demo/members')).status).toBe(404)
    expect((await lin.post('/demo/switch', { member: 'mei' })).status).toBe(404)
  })
})

describe('in the demo', () => {
  it('one visitor goes on as another member', async () => {
    const demo = await startApp({ demo: true })
    const lin = await demo.signIn('lin')

    const members = await lin.get('/demo/members')
    const switched = await lin.post('/demo/switch', { member: 'mei' })
    const mei = visitor(`${demo.url}/api/v1`, { cookie: cookieOf(switched) })

    expect(members.body.map(({ name }: { name: string }) => name)).toEqual(['lin', 'mei'])
    expect(switched.body).toMatchObject({ demo: true, member: { name: 'mei' } })
    expect((await mei.get('/session')).body.member.name).toBe('mei')
    expect((await lin.get('/session')).status).toBe(401)
    expect(
      (await mei.post('/demo/switch', { member: 'nobody' }, { 'x-csrf-token': switched.body.csrf })).status,
    ).toBe(404)
    await demo.close()
  })
})

describe('a write in a session', () => {
  it('needs the CSRF token', async () => {
    const lin = await app.signIn('lin')
    const { cookie = '' } = lin.headers

    const without = await visitor(`${app.url}/api/v1`, { cookie }).post('/say', { text: 'hi' })
    const wrong = await lin.post('/say', { text: 'hi' }, { 'x-csrf-token': 'guessed' })
    const right = await lin.post('/say', { text: 'hi' })

    expect([without.status, wrong.status, right.status]).toEqual([403, 403, 200])
    expect(without.body.type).toBe('urn:sluice:problem:bad-csrf')
  })

  it('needs none with a token', async () => {
    const lin = await app.token('lin')

    expect((await lin.post('/say', { text: 'hi' })).status).toBe(200)
  })

  it('is refused from a page of somebody else', async () => {
    const lin = await app.signIn('lin')

    const answer = await lin.post('/say', { text: 'hi' }, { origin: 'https://evil.example' })

    expect(answer.status).toBe(403)
    expect(answer.body.type).toBe('urn:sluice:problem:other-origin')
  })
})
