import type { Core } from '../../src/core.ts'

const ROOT = 'root'
export const ROOT_TEAM = 'data'

/** An admin, a team, and a token that may do everything: what a test needs to speak to a server over REST. */
export async function rootToken({ access }: Core): Promise<string> {
  const known = await access.memberByName(ROOT)
  if (!known) {
    const what = { of: 'platform' as const, what: 'set-up' }
    const mayAdd = await access.permitSluice('member:manage', what, 'req_set-up')
    const mayTeam = await access.permitSluice('team:manage', what, 'req_set-up')
    await access.addMember(mayAdd, { name: ROOT, displayName: 'Root', admin: true, language: 'en' })
    await access.createTeam(mayTeam, { name: ROOT_TEAM, title: 'Data', language: 'en' })
  }
  const member = known ?? (await access.memberByName(ROOT))
  if (!member) throw new Error('The admin just added is not there.')
  const by = { member, via: 'test', token: null, requestId: 'req_set-up' }
  const asked = await access.permit(by, 'token:create', { of: 'platform', what: 'tokens' })
  if (!asked.ok) throw new Error(`No token for the admin: ${asked.because}`)
  const made = await access.createToken(asked.permit, { name: 'test', verbs: [], days: 1 })
  if (!made.ok) throw new Error(`No token for the admin: ${made.why}`)
  return made.value.secret
}
