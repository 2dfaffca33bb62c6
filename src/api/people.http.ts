import { z } from 'zod'
import type { AccessApi, TeamId, TeamView, TokenScope } from '../platform/platform.ts'
import { given, paged } from './paging.ts'
import { maySee, onPlatform, permit } from './permits.ts'
import { notFound, Problem } from './problem.ts'
import { byOf, type Caller, ok, type Route, route } from './route.ts'
import {
  inBothLanguages,
  language,
  list,
  name,
  nothing,
  page,
  pageQuery,
  text,
  time,
  titles,
  verb,
} from './schemas.ts'
import { memberOut } from './session.http.ts'

const about = 'People'

const teamRole = z.object({ team: z.string(), role: z.string() })

const team = z
  .object({
    id: z.string(),
    name: z.string(),
    title: z.string(),
    zone: z.string(),
    language,
    members: list(
      z.object({ name: z.string(), displayName: z.string(), role: z.string(), disabled: z.boolean() }),
    ),
  })
  .meta({ id: 'Team' })

const member = z
  .object({
    id: z.string(),
    name: z.string(),
    displayName: z.string(),
    email: z.string().nullable(),
    language,
    zone: z.string(),
    isAdmin: z.boolean(),
    disabled: z.boolean(),
    teams: list(teamRole),
    accounts: list(z.object({ vendor: z.string(), externalId: z.string(), displayName: z.string() })),
  })
  .meta({ id: 'Member' })

const role = z
  .object({ name: z.string(), title: inBothLanguages, permissions: list(verb), builtIn: z.boolean() })
  .meta({ id: 'Role' })

const environment = z
  .object({ name: z.string(), title: inBothLanguages, approvals: list(verb), expiresMin: z.int() })
  .meta({ id: 'Environment' })

const me = z
  .object({
    id: z.string(),
    name: z.string(),
    displayName: z.string(),
    language,
    zone: z.string(),
    isAdmin: z.boolean(),
    teams: list(teamRole),
    /** What the token narrows its member's rights to; null in a session. Empty lists do not narrow. */
    token: z
      .object({ id: z.string(), verbs: list(verb), teams: list(z.string()), environments: list(z.string()) })
      .nullable(),
  })
  .meta({ id: 'Me' })

function meOut({ token, member }: Caller, now = member) {
  const scope = token && {
    id: token.tokenId,
    verbs: token.verbs,
    teams: token.teams.map((id) => now.roles.get(id as TeamId)?.team ?? id),
    environments: token.environments,
  }
  return { ...memberOut(now), token: scope }
}

const showMe = route({
  method: 'get',
  path: '/me',
  about,
  summary: 'Who calls, and what a token narrows',
  for: 'member',
  responses: { 200: me },
  async run(call) {
    return ok(meOut(call.caller))
  },
})

const changeMe = route({
  method: 'put',
  path: '/me',
  about,
  summary: "Change one's language",
  for: 'session',
  body: z.strictObject({ language }),
  responses: { 200: me },
  async run(call) {
    const { access } = call.services.platform
    await access.setLanguage(call.caller.member, call.body.language)
    return ok(meOut(call.caller, (await access.memberById(call.caller.member.id)) ?? call.caller.member))
  },
})

const password = route({
  method: 'put',
  path: '/me/password',
  about,
  summary: "Set one's password; ends one's other sessions",
  for: 'session',
  keyed: false,
  body: z.strictObject({ password: text(1000, 1) }),
  responses: { 204: nothing },
  problems: ['password-too-short'],
  async run({ services, caller, body }) {
    const { access } = services.platform
    const set = await access.setPassword(caller.member, body.password, caller.session?.cookie)
    if (!set.ok) throw new Problem('password-too-short', {})
    return { status: 204 as const, body: null }
  },
})

const linkCode = route({
  method: 'post',
  path: '/me/link-code',
  about,
  summary: 'A one-time code that links a chat account: say /link CODE there',
  for: 'member',
  keyed: false,
  responses: { 200: z.object({ code: z.string(), expiresAt: time }) },
  async run(call) {
    const allowed = await permit(call, 'member:view', onPlatform('own account'))
    return ok(await call.services.platform.access.linkCode(allowed))
  },
})

const teams = route({
  method: 'get',
  path: '/teams',
  about,
  summary: 'Teams and who is in them',
  for: 'member',
  responses: { 200: list(team) },
  async run(call) {
    await maySee(call, 'team:view', onPlatform('teams'))
    return ok(await call.services.platform.access.teams())
  },
})

const createTeam = route({
  method: 'post',
  path: '/teams',
  about,
  summary: 'Make a team',
  for: 'member',
  body: z.strictObject({
    name,
    title: text(100, 1),
    zone: text(64, 1).refine(isZone).optional(),
    language: language.optional(),
  }),
  responses: { 201: team },
  problems: ['name-taken', 'bad-name'],
  async run(call) {
    const allowed = await permit(call, 'team:manage', onPlatform('teams'))
    const { name, title, ...rest } = call.body
    const made = await call.services.platform.access.createTeam(allowed, { name, title, ...given(rest) })
    if (!made.ok) throw new Problem(made.why, { name })
    return { status: 201 as const, body: made.value }
  },
})

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

const setRole = route({
  method: 'put',
  path: '/teams/{team}/members/{member}',
  about,
  summary: 'Give a member a role in a team; null takes the member out',
  for: 'member',
  params: z.strictObject({ team: name, member: name }),
  body: z.strictObject({ role: name.nullable() }),
  responses: { 200: team },
  problems: ['not-found', 'beyond-own-rights'],
  async run(call) {
    const { params, body, services } = call
    const { access } = services.platform
    const found = await teamNamed(access, params.team)
    const subject = { of: 'team' as const, team: found.id as TeamId, environment: null, job: null }
    const allowed = await permit(call, 'team:manage', subject)
    const change = { team: found.name, member: params.member, role: body.role }
    const changed = await access.setRole(allowed, change)
    if (changed.ok) return ok(changed.value)
    if (changed.why === 'beyond-own-rights') throw new Problem('beyond-own-rights', {})
    if (changed.why === 'unknown-team') throw notFound('team', params.team)
    if (changed.why === 'unknown-member') throw notFound('member', params.member)
    throw notFound('role', body.role ?? '')
  },
})

async function teamNamed(access: AccessApi, teamName: string): Promise<TeamView> {
  const found = await access.team(teamName)
  if (!found.ok) throw notFound('team', teamName, found.near)
  return found.value
}

const members = route({
  method: 'get',
  path: '/members',
  about,
  summary: 'Members',
  for: 'member',
  query: z.strictObject({ ...pageQuery, like: text(100, 1).optional() }),
  responses: { 200: page(member) },
  problems: ['unknown-cursor'],
  async run(call) {
    await maySee(call, 'member:view', onPlatform('members'))
    const { cursor, limit, ...filters } = call.query
    return ok(
      await paged(call, `members ${filters.like ?? ''}`, { cursor, limit }, (ask) =>
        call.services.platform.access.members({ ...given(filters), ...ask }),
      ),
    )
  },
})

const addMember = route({
  method: 'post',
  path: '/members',
  about,
  summary: 'Add a member',
  for: 'member',
  body: z.strictObject({
    name,
    displayName: text(100, 1),
    email: z
      .string()
      .max(200)
      .regex(/^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+$/)
      .optional(),
    admin: z.boolean().optional(),
    language: language.optional(),
  }),
  responses: { 201: member },
  problems: ['name-taken', 'bad-name'],
  async run(call) {
    const allowed = await permit(call, 'member:manage', onPlatform('members'))
    const { name, displayName, ...rest } = call.body
    const draft = { name, displayName, ...given(rest) }
    const added = await call.services.platform.access.addMember(allowed, draft)
    if (!added.ok) throw new Problem(added.why, { name })
    return { status: 201 as const, body: added.value }
  },
})

const changeMember = route({
  method: 'put',
  path: '/members/{name}',
  about,
  summary: 'Disable a member, or enable them again',
  for: 'member',
  params: z.strictObject({ name }),
  body: z.strictObject({ disabled: z.boolean() }),
  responses: { 200: member },
  problems: ['not-found', 'last-admin'],
  async run(call) {
    const { params, body, services } = call
    const allowed = await permit(call, 'member:manage', onPlatform(`member ${params.name}`))
    const { access } = services.platform
    const changed = await access.disableMember(allowed, params.name, body.disabled)
    if (!changed.ok) {
      throw changed.why === 'last-admin' ? new Problem('last-admin', {}) : notFound('member', params.name)
    }
    if (body.disabled) services.live.publish({ is: 'signed-out', memberId: changed.value.id })
    return ok(changed.value)
  },
})

const LINK_MINUTES = 60

const signInLink = route({
  method: 'post',
  path: '/members/{name}/sign-in-link',
  about,
  summary: 'A code by which a member signs in once: the page is /sign-in?code=CODE',
  for: 'member',
  keyed: false,
  params: z.strictObject({ name }),
  responses: { 200: z.object({ code: z.string(), expiresAt: time }) },
  problems: ['not-found', 'beyond-own-rights'],
  async run(call) {
    const { params, services, caller } = call
    await permit(call, 'member:manage', onPlatform(`sign-in link for ${params.name}`))
    // Whoever signs in has all of the member's rights, so a token that lacks some must not hand them out.
    if (caller.token && isNarrowed(caller.token)) throw new Problem('beyond-own-rights', {})
    const link = await services.platform.access.signInLink(params.name, LINK_MINUTES)
    if (!link.ok) throw notFound('member', params.name)
    return ok(link.value)
  },
})

function isNarrowed({ verbs, teams, environments }: TokenScope): boolean {
  return verbs.length + teams.length + environments.length > 0
}

const roles = route({
  method: 'get',
  path: '/roles',
  about,
  summary: 'Roles and what they may do',
  for: 'member',
  responses: { 200: list(role) },
  async run(call) {
    await maySee(call, 'member:view', onPlatform('roles'))
    return ok(await call.services.platform.access.roles())
  },
})

const createRole = route({
  method: 'post',
  path: '/roles',
  about,
  summary: 'Make a role of permissions',
  for: 'member',
  body: z.strictObject({ name, title: titles, permissions: z.array(verb).max(100) }),
  responses: { 201: role },
  problems: ['name-taken', 'bad-name', 'not-grantable'],
  async run(call) {
    const allowed = await permit(call, 'member:manage', onPlatform('roles'))
    const made = await call.services.platform.access.createRole(allowed, call.body)
    if (made.ok) return { status: 201 as const, body: made.value }
    if (made.why === 'not-grantable') throw new Problem('not-grantable', {})
    throw new Problem(made.why, { name: call.body.name })
  },
})

const environments = route({
  method: 'get',
  path: '/environments',
  about: 'Clusters',
  summary: 'Environments, and what needs a second person there',
  for: 'member',
  responses: { 200: list(environment) },
  async run(call) {
    await maySee(call, 'cluster:view', onPlatform('environments'))
    return ok(await call.services.platform.access.environments())
  },
})

const saveEnvironment = route({
  method: 'put',
  path: '/environments/{name}',
  about: 'Clusters',
  summary: 'Make or change an environment',
  for: 'member',
  params: z.strictObject({ name: name.max(63) }),
  body: z.strictObject({
    title: titles,
    approvals: z.array(verb).max(100),
    expiresMin: z.int().min(1).max(10_080),
  }),
  responses: { 200: environment },
  async run(call) {
    const { params, body, services } = call
    const allowed = await permit(call, 'cluster:manage', onPlatform(`environment ${params.name}`))
    return ok(await services.platform.access.saveEnvironment(allowed, { name: params.name, ...body }))
  },
})

const token = z
  .object({
    id: z.string(),
    name: z.string(),
    member: z.string(),
    verbs: list(verb),
    teams: list(z.string()),
    environments: list(z.string()),
    createdAt: time,
    expiresAt: time,
    revokedAt: time.nullable(),
    lastUsedAt: time.nullable(),
  })
  .meta({ id: 'Token' })

const tokens = route({
  method: 'get',
  path: '/tokens',
  about,
  summary: "One's tokens; an admin sees everybody's",
  for: 'member',
  responses: { 200: list(token) },
  async run(call) {
    return ok(await call.services.platform.access.tokens(byOf(call)))
  },
})

const createToken = route({
  method: 'post',
  path: '/tokens',
  about,
  summary: 'Make a token; its secret is shown this once. Empty lists do not narrow',
  for: 'member',
  body: z.strictObject({
    name: text(100, 1),
    verbs: z.array(verb).max(100).default([]),
    teams: z.array(name).max(100).default([]),
    environments: z.array(name).max(100).default([]),
    days: z.int().min(1).max(365),
  }),
  responses: { 201: z.object({ token, secret: z.string() }) },
  problems: ['beyond-own-rights', 'bad-days', 'not-found'],
  async run(call) {
    const { body, services } = call
    const allowed = await permit(call, 'token:create', onPlatform('tokens'))
    const made = await services.platform.access.createToken(allowed, body)
    if (made.ok) return { status: 201 as const, body: made.value }
    if (made.why === 'unknown-team') throw notFound('team', body.teams.join(', '))
    if (made.why === 'unknown-environment') throw notFound('environment', body.environments.join(', '))
    throw new Problem(made.why, {})
  },
})

const revokeToken = route({
  method: 'delete',
  path: '/tokens/{id}',
  about,
  summary: 'Revoke a token at once',
  for: 'member',
  params: z.strictObject({ id: name }),
  responses: { 200: token },
  problems: ['not-found'],
  async run(call) {
    const { access } = call.services.platform
    const revoked = await access.revokeToken(byOf(call), call.params.id)
    if (revoked.ok) return ok(revoked.value)
    // Somebody else's token is none of the caller's business, not even whether it exists.
    throw notFound('token', call.params.id)
  },
})

export const peopleRoutes: readonly Route[] = [
  showMe,
  changeMe,
  password,
  linkCode,
  teams,
  createTeam,
  setRole,
  members,
  addMember,
  changeMember,
  signInLink,
  roles,
  createRole,
  environments,
  saveEnvironment,
  tokens,
  createToken,
  revokeToken,
]
