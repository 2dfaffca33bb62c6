import { z } from 'zod'
import type { Connection, Finding, Vendor } from '../bot/adapters/adapter.ts'
import type { ChatTest, CheckRefusal, SetupView } from '../chats/setup-desk.ts'
import type { FieldProblem } from '../chats/setups.ts'
import { never } from '../lib/never.ts'
import type { Language } from '../platform/platform.ts'
import { maySee, onPlatform, permit } from './permits.ts'
import { notFound, Problem } from './problem.ts'
import { type Call, ok, type Route, route } from './route.ts'
import { list, name, text, time } from './schemas.ts'

const about = 'Chats'

const connection = z
  .object({
    is: z.enum(['connected', 'waiting-for-calls', 'connecting', 'outgoing-only', 'stopped']),
    /** Connected, or trying to be, since. */
    since: time.nullable(),
    /** When the vendor last called. */
    lastAt: time.nullable(),
    because: z.string().nullable(),
  })
  .meta({ id: 'Connection' })

const short = {
  vendor: z.string(),
  title: z.string(),
  summary: z.string(),
  from: z.enum(['environment', 'page']).nullable(),
  connection: connection.nullable(),
  revision: z.int().nullable(),
  updatedBy: z.string().nullable(),
  updatedAt: time.nullable(),
}

const setup = z.object(short).meta({ id: 'Setup' })

const field = z.object({
  name: z.string(),
  /** Its name in the environment. */
  env: z.string(),
  label: z.string(),
  hint: z.string(),
  secret: z.boolean(),
  required: z.boolean(),
  choices: list(z.string()).nullable(),
  isSet: z.boolean(),
  /** Null: not set, or a secret. */
  value: z.string().nullable(),
})

const wholeSetup = z
  .object({
    ...short,
    matchPeople: z.boolean(),
    fields: list(field),
    steps: list(z.object({ title: z.string(), text: z.string() })),
    scopes: list(z.object({ name: z.string(), why: z.string() })),
    limits: list(z.string()),
    troubles: list(z.object({ seen: z.string(), cure: z.string() })),
    /** Where the vendor calls us, if it is told to; null: it never does. `url` null: PUBLIC_URL is not set. */
    callback: z.object({ path: z.string(), url: z.string().nullable() }).nullable(),
  })
  .meta({ id: 'WholeSetup' })

const finding = z
  .object({
    of: z.string(),
    is: z.enum(['ok', 'warn', 'fail']),
    says: z.string(),
    cure: z.string().nullable(),
  })
  .meta({ id: 'ChatFinding' })

const chatTest = z
  .object({
    id: z.string(),
    sentAt: time,
    delivery: z.object({
      is: z.enum(['on-its-way', 'arrived', 'refused']),
      tries: z.int(),
      said: z.object({ code: z.string(), message: z.string() }).nullable(),
      at: time.nullable(),
    }),
    hasButton: z.boolean(),
    pressed: z.object({ by: z.string(), at: time }).nullable(),
    changed: z.boolean(),
  })
  .meta({ id: 'ChatTest' })

const params = z.strictObject({ vendor: name })

const entered = z.record(z.string().regex(/^[A-Za-z]{1,40}$/), text(4000).nullable())

const all = route({
  method: 'get',
  path: '/setups',
  about,
  summary: 'Chat platforms, and who has set them up',
  for: 'member',
  responses: { 200: list(setup) },
  async run(call) {
    await maySee(call, 'chat:manage', onPlatform('chats'))
    const views = await call.services.setups.list()
    return ok(views.map((view) => shortOut(view, call.language)))
  },
})

const show = route({
  method: 'get',
  path: '/setups/{vendor}',
  about,
  summary: 'The guide of a chat platform and what is entered for it; no secret is ever told',
  for: 'member',
  params,
  responses: { 200: wholeSetup },
  problems: ['not-found'],
  async run(call) {
    await maySee(call, 'chat:manage', onPlatform('chats'))
    const vendor = await vendorOf(call)
    return ok(wholeOut(await call.services.setups.of(vendor), call.language))
  },
})

const save = route({
  method: 'put',
  path: '/setups/{vendor}',
  about,
  summary:
    'Set a chat platform up; takes effect at once. A secret that is empty stays as it is; null, or any other empty field, is taken away',
  for: 'member',
  params,
  body: z.strictObject({ fields: entered, matchPeople: z.boolean().default(false) }),
  responses: { 200: wholeSetup },
  problems: ['not-found', 'set-by-environment'],
  async run(call) {
    const allowed = await permit(call, 'chat:manage', chat(call))
    const vendor = await vendorOf(call)
    checkNames(call, await call.services.setups.of(vendor))
    const saved = await call.services.setups.save(allowed, { vendor, ...call.body })
    if (!saved.ok) throw refusal(saved.why, vendor, call.language)
    return ok(wholeOut(saved.value, call.language))
  },
})

const remove = route({
  method: 'delete',
  path: '/setups/{vendor}',
  about,
  summary: 'Forget what was entered for a chat platform, and close it',
  for: 'member',
  params,
  responses: { 200: wholeSetup },
  problems: ['not-found', 'set-by-environment', 'not-set-up'],
  async run(call) {
    const allowed = await permit(call, 'chat:manage', chat(call))
    const vendor = await vendorOf(call)
    const removed = await call.services.setups.remove(allowed, vendor)
    if (!removed.ok) throw refusal(removed.why, vendor, call.language)
    return ok(wholeOut(removed.value, call.language))
  },
})

const check = route({
  method: 'post',
  path: '/setups/{vendor}/check',
  about,
  summary:
    'Look live at everything that must be right, without telling anybody; with fields: at these, which are not kept',
  for: 'member',
  keyed: false,
  params,
  body: z.strictObject({ fields: entered.nullable().default(null) }),
  responses: { 200: z.object({ findings: list(finding) }) },
  problems: ['not-found', 'set-by-environment', 'not-set-up', 'throttled'],
  async run(call) {
    await permit(call, 'chat:manage', chat(call))
    const vendor = await vendorOf(call)
    checkNames(call, await call.services.setups.of(vendor))
    const found = await call.services.setups.check(vendor, call.body.fields)
    if (!found.ok) throw refusal(found.why, vendor, call.language)
    return ok({ findings: found.value.map((one) => findingOut(one, call.language)) })
  },
})

const test = route({
  method: 'post',
  path: '/setups/{vendor}/test',
  about,
  summary: 'Send a test card to one’s own account there; null when one has none that is linked',
  for: 'member',
  params,
  responses: { 200: z.object({ test: chatTest.nullable() }) },
  problems: ['not-found', 'not-open'],
  async run(call) {
    await permit(call, 'chat:manage', chat(call))
    const vendor = await vendorOf(call)
    const sent = await call.services.setups.test(vendor, call.caller.member)
    if (sent.ok) return ok({ test: sent.value })
    if (sent.why.of === 'not-linked') return ok({ test: null })
    throw new Problem('not-open', { vendor })
  },
})

const testOf = route({
  method: 'get',
  path: '/setups/{vendor}/tests/{test}',
  about,
  summary: 'What became of a test card: on its way, arrived, pressed',
  for: 'member',
  params: z.strictObject({ vendor: name, test: name }),
  responses: { 200: chatTest },
  problems: ['not-found'],
  async run(call) {
    await maySee(call, 'chat:manage', onPlatform('chats'))
    const vendor = await vendorOf(call)
    const found: ChatTest | null = await call.services.setups.testOf(
      vendor,
      call.params.test,
      call.caller.member,
    )
    if (!found) throw notFound('chat-test', call.params.test)
    return ok(found)
  },
})

export const setupRoutes: readonly Route[] = [all, show, save, remove, check, test, testOf]

// --- in -----------------------------------------------------------------------------------------------------------

type OfVendor = Call<'member', { vendor: string }>

function chat({ params: { vendor } }: OfVendor) {
  return onPlatform(`chat ${vendor}`)
}

async function vendorOf({ services, params: { vendor } }: OfVendor): Promise<Vendor> {
  const known = (await services.setups.list()).map((one) => one.vendor)
  const found = known.find((one) => one === vendor)
  if (found) return found
  throw notFound('vendor', vendor, known)
}

interface Entering {
  body: { fields: Readonly<Record<string, string | null>> | null }
  language: Language
}

/** A name that the guide does not have would be left aside in silence. */
function checkNames({ body, language }: Entering, { guide }: SetupView): void {
  const known = new Set(guide.fields.map((one) => one.name))
  const strange = Object.keys(body.fields ?? {}).filter((one) => !known.has(one))
  if (strange.length === 0) return
  const message = { zh: '这里没有这个字段', en: 'is no field here' }[language]
  throw new Problem('not-valid', { issues: strange.map((one) => ({ path: `body.fields.${one}`, message })) })
}

function refusal(why: CheckRefusal, vendor: Vendor, language: Language): Problem {
  switch (why.of) {
    case 'wrong':
      return new Problem('not-valid', { issues: why.problems.map((one) => issueOf(one, language)) })
    case 'busy':
      return new Problem('throttled', {})
    case 'set-by-environment':
    case 'not-set-up':
      return new Problem(why.of, { vendor })
    default:
      return never(why)
  }
}

function issueOf({ field: of, says }: FieldProblem, language: Language) {
  return { path: of ? `body.fields.${of.name}` : 'body.fields', message: says[language] }
}

// --- out ----------------------------------------------------------------------------------------------------------

function shortOut(view: SetupView, language: Language) {
  const { vendor, guide, from, revision, updatedBy, updatedAt } = view
  return {
    ...{ vendor, from, revision, updatedBy, updatedAt },
    title: guide.title[language],
    summary: guide.summary[language],
    connection: view.connection && connectionOut(view.connection),
  }
}

function connectionOut(now: Connection) {
  return {
    is: now.is,
    since: 'since' in now ? now.since : null,
    lastAt: 'lastAt' in now ? now.lastAt : null,
    because: 'because' in now ? now.because : null,
  }
}

function wholeOut(view: SetupView, language: Language) {
  const { guide, values, filled, matchPeople, callback } = view
  const here = (words: { zh: string; en: string }) => atHome(words[language], view.publicUrl)
  return {
    ...shortOut(view, language),
    matchPeople,
    callback,
    fields: guide.fields.map(({ name: of, env, label, hint, secret, required, choices }) => ({
      ...{ name: of, env, secret, required },
      label: label[language],
      hint: hint[language],
      choices: choices ?? null,
      isSet: filled.includes(of),
      value: values[of] ?? null,
    })),
    steps: guide.steps.map(({ title, text: of }) => ({ title: title[language], text: here(of) })),
    scopes: guide.scopes.map(({ name: of, why }) => ({ name: of, why: why[language] })),
    limits: guide.limits.map((limit) => limit[language]),
    troubles: guide.troubles.map(({ seen, cure }) => ({ seen: seen[language], cure: here(cure) })),
  }
}

const SOMEBODYS_HOST = /https:\/\/(?:<your host>|<你的域名>|sluice\.example\.com)/g

/** Our address where the guide can only say that there is one. */
function atHome(words: string, publicUrl: string | null): string {
  return publicUrl === null ? words : words.replaceAll(SOMEBODYS_HOST, () => publicUrl)
}

function findingOut({ of, is, says, cure }: Finding, language: Language) {
  return { of, is, says: says[language], cure: cure?.[language] ?? null }
}
