import { z } from 'zod'
import type { Member, WebSignIn } from '../platform/platform.ts'
import { Problem } from './problem.ts'
import { type Call, ok, type Route, route } from './route.ts'
import { language, list, nothing, text } from './schemas.ts'

const sessionBody = z
  .object({
    member: z.object({
      id: z.string(),
      name: z.string(),
      displayName: z.string(),
      language,
      zone: z.string(),
      isAdmin: z.boolean(),
      teams: list(z.object({ team: z.string(), role: z.string() })),
    }),
    csrf: z.string(),
    demo: z.boolean(),
    sandbox: z.boolean(),
    version: z.string(),
  })
  .meta({ id: 'Session' })

const credentials = z.union([
  z.strictObject({ code: text(200, 1) }),
  z.strictObject({ name: text(100, 1), password: text(1000, 1) }),
])

export function memberOut(member: Member) {
  return {
    id: member.id,
    name: member.name,
    displayName: member.displayName,
    language: member.language,
    zone: member.zone,
    isAdmin: member.isAdmin,
    teams: [...member.roles.values()].map(({ team, role }) => ({ team, role })),
  }
}

function sessionOut({ services }: Pick<Call<'anyone'>, 'services'>, member: Member, csrf: string) {
  return {
    member: memberOut(member),
    csrf,
    demo: services.demo !== null,
    sandbox: services.about.sandbox,
    version: services.about.version,
  }
}

const about = 'Session'

const show = route({
  method: 'get',
  path: '/session',
  about,
  summary: 'Who is signed in, and the CSRF token that writes need',
  for: 'session',
  responses: { 200: sessionBody },
  async run(call) {
    return ok(sessionOut(call, call.caller.member, call.caller.session?.csrf ?? ''))
  },
})

const signIn = route({
  method: 'post',
  path: '/session',
  about,
  summary: 'Sign in with a one-time code or a password',
  for: 'anyone',
  body: credentials,
  responses: { 200: sessionBody },
  problems: ['bad-code', 'wrong-password', 'throttled', 'disabled'],
  async run(call) {
    const { access } = call.services.platform
    const signedIn =
      'code' in call.body
        ? await access.signInByCode(call.body.code, call.from)
        : await access.signInByPassword(call.body.name, call.body.password, call.from)
    if (!signedIn.ok) throw refusal(signedIn.why)
    return started(call, signedIn.value)
  },
})

type SignInRefusal = 'unknown-code' | 'expired' | 'used' | 'wrong' | 'throttled' | 'disabled'

function refusal(why: SignInRefusal): Problem {
  if (why === 'wrong') return new Problem('wrong-password', {})
  if (why === 'throttled') return new Problem('throttled', {})
  if (why === 'disabled') return new Problem('disabled', {})
  return new Problem('bad-code', { why })
}

function started(call: Pick<Call<'anyone'>, 'services'>, session: WebSignIn) {
  return { ...ok(sessionOut(call, session.member, session.csrf)), session }
}

const signOut = route({
  method: 'delete',
  path: '/session',
  about,
  summary: 'Sign out',
  for: 'session',
  keyed: false,
  responses: { 204: nothing },
  async run({ services, caller }) {
    if (caller.session) await services.platform.access.signOut(caller.session.cookie)
    services.live.publish({ is: 'signed-out', memberId: caller.member.id })
    return { status: 204 as const, body: null, session: 'end' as const }
  },
})

const demoMembers = route({
  method: 'get',
  path: '/demo/members',
  about: 'Demo',
  summary: 'Whom a visitor of the demo can be',
  for: 'member',
  responses: {
    200: list(z.object({ name: z.string(), displayName: z.string(), role: z.string() })),
  },
  problems: ['no-such-page'],
  async run({ services }) {
    if (!services.demo) throw new Problem('no-such-page', { path: '/demo/members' })
    return ok(await services.demo.members())
  },
})

const demoSwitch = route({
  method: 'post',
  path: '/demo/switch',
  about: 'Demo',
  summary: 'Go on as another member of the demo',
  for: 'session',
  keyed: false,
  body: z.strictObject({ member: text(100, 1) }),
  responses: { 200: sessionBody },
  problems: ['no-such-page', 'not-found'],
  async run(call) {
    const { services, caller, body } = call
    if (!services.demo) throw new Problem('no-such-page', { path: '/demo/switch' })
    const session = await services.demo.signInAs(body.member)
    if (!session) throw new Problem('not-found', { what: 'member', name: body.member, near: [] })
    if (caller.session) await services.platform.access.signOut(caller.session.cookie)
    services.live.publish({ is: 'signed-out', memberId: caller.member.id })
    return started(call, session)
  },
})

export const sessionRoutes: readonly Route[] = [show, signIn, signOut, demoMembers, demoSwitch]
