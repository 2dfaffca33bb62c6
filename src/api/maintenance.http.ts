import { z } from 'zod'
import { type Matcher, matcherText, type Permit, parseMatchers, windowTimes } from '../platform/platform.ts'
import { onPlatform, permit, teamSubject } from './permits.ts'
import { notFound, Problem } from './problem.ts'
import { type Call, ok, type Route, route } from './route.ts'
import { list, name, nothing, text, time } from './schemas.ts'

const about = 'Maintenance windows'

const window = z
  .object({
    name: z.string(),
    team: z.string().nullable(),
    matchers: z.string(),
    times: windowTimes,
    zone: z.string(),
    comment: z.string(),
    createdBy: z.string(),
    next: z.object({ from: time, to: time }).nullable(),
  })
  .meta({ id: 'MaintenanceWindow' })

const show = route({
  method: 'get',
  path: '/maintenance-windows',
  about,
  summary: 'When alerts are silenced again and again',
  for: 'member',
  responses: { 200: list(window) },
  async run(call) {
    const all = await call.services.platform.silences.windows()
    return ok(all.map((each) => ({ ...each, matchers: textOf(each.matchers) })))
  },
})

const put = route({
  method: 'put',
  path: '/maintenance-windows/{name}',
  about,
  summary: 'Silence what matches at the same time of every week; a team’s own, or everybody’s',
  for: 'member',
  params: z.strictObject({ name }),
  body: z.strictObject({
    team: name.nullable().default(null),
    matchers: text(2_000, 1),
    times: windowTimes,
    zone: text(60, 1),
    comment: text(1_000).default(''),
  }),
  responses: { 200: window },
  problems: ['not-found', 'name-taken'],
  async run(call) {
    const { team, matchers: given, ...rest } = call.body
    const matchers = readMatchers(given)
    const allowed = await permitFor(call, team)
    const own: readonly Matcher[] = team === null ? [] : [{ name: 'team', op: '=', value: team }]
    const draft = { ...rest, name: call.params.name, team, matchers: [...withoutTeam(matchers), ...own] }
    const saved = await call.services.platform.silences.saveWindow(allowed, draft)
    if (saved.ok) return ok({ ...saved.value, matchers: textOf(saved.value.matchers) })
    if (saved.why.of === 'name-taken') throw new Problem('name-taken', { name: call.params.name })
    if (saved.why.of === 'bad-zone') throw wrong('zone', 'a zone such as Asia/Shanghai')
    throw wrong('matchers', saved.why.of === 'bad-matcher' ? saved.why.because : 'would hide everything')
  },
})

const drop = route({
  method: 'delete',
  path: '/maintenance-windows/{name}',
  about,
  summary: 'Have it no more; a silence that it has begun goes on to its end',
  for: 'member',
  params: z.strictObject({ name }),
  responses: { 204: nothing },
  problems: ['not-found'],
  async run(call) {
    const found = await call.services.platform.silences.window(call.params.name)
    if (!found) throw notFound('window', call.params.name)
    const allowed = await permitFor(call, found.team)
    await call.services.platform.silences.removeWindow(allowed, found.name)
    return { status: 204 as const, body: null }
  },
})

async function permitFor(call: Call<'member'>, team: string | null): Promise<Permit<'alert:silence'>> {
  const subject = team === null ? onPlatform('silences') : await teamSubject(call, team)
  return permit(call, 'alert:silence', subject)
}

function readMatchers(given: string): readonly Matcher[] {
  const parsed = parseMatchers(given)
  if (!parsed.ok) throw wrong('matchers', parsed.because)
  return parsed.value
}

/** A team silences its own alone, whatever else was written. */
function withoutTeam(matchers: readonly Matcher[]): readonly Matcher[] {
  return matchers.filter((each) => each.name !== 'team')
}

function textOf(matchers: readonly Matcher[]): string {
  return matchers.map(matcherText).join(',')
}

function wrong(path: string, message: string): Problem<'not-valid'> {
  return new Problem('not-valid', { issues: [{ path, message }] })
}

export const maintenanceRoutes: readonly Route[] = [show, put, drop]
