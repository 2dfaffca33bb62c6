import { request as send } from 'undici'
import { createIdempotencyStore } from '../../src/api/idempotency-store.prisma.ts'
import type { BotPort, DemoPort, LiveEvent } from '../../src/api/ports.ts'
import type { ShownCard } from '../../src/bot/cards/card.ts'
import type { KeptCard } from '../../src/bot/conversation.ts'
import type { Pressed, Said } from '../../src/bot/inbound.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createEmitter, type Emitter } from '../../src/lib/emitter.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { type Log, silentLog } from '../../src/lib/log.ts'
import { Secret } from '../../src/lib/secret.ts'
import { createMetrics } from '../../src/metrics.ts'
import { createAccess } from '../../src/platform/access/create-access.prisma.ts'
import { seedAccess } from '../../src/platform/access/seed-access.prisma.ts'
import type { Platform } from '../../src/platform/platform.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { createServer, type Server, type ServerDependencies } from '../../src/server.http.ts'
import { memoryConversation } from '../fakes/conversation.ts'
import { freshDatabase } from '../support/database.ts'

/** A running server: real access on a real database, a bot that repeats what it hears, and a core in memory. */
export interface TestApp {
  url: string
  port: number
  database: Database
  platform: Platform
  conversation: ReturnType<typeof memoryConversation>
  live: Emitter<LiveEvent>
  heard: Said[]
  pressed: Pressed[]
  /** Errors that the log was told: none in health. */
  faults: unknown[]
  /** Signs in by a one-time code, as a browser does. */
  signIn(name: string): Promise<Visitor>
  /** A token of a member, narrowed or not. */
  token(name: string, narrow?: Partial<TokenDraft>): Promise<Visitor>
  anonymous: Visitor
  close(): Promise<void>
}

interface TokenDraft {
  verbs: Parameters<Platform['access']['createToken']>[1]['verbs']
  teams: readonly string[]
}

export interface Visitor {
  headers: Readonly<Record<string, string>>
  get(path: string, headers?: Record<string, string>): Promise<Answered>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>
  put(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>
  delete(path: string, headers?: Record<string, string>): Promise<Answered>
}

export interface Answered {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  text: string
  /** Whatever the test expects of it: it is asserted on, not trusted. */
  // biome-ignore lint/suspicious/noExplicitAny: the assertions are the type.
  body: any
}

export type Overrides = Partial<
  Omit<ServerDependencies, 'platform' | 'demo'> & {
    core: (base: { conversation: ReturnType<typeof memoryConversation> }) => Partial<Omit<Platform, 'access'>>
    demo: boolean
  }
>

/** A part that a test does not give is not there. */
const NO_SETUPS = {} as ServerDependencies['setups']

const SETTINGS = {
  host: '127.0.0.1',
  port: 0,
  publicUrl: null,
  language: 'en' as const,
  secret: new Secret('a secret that is long enough for tests'),
  home: '',
}

export async function startApp({ core, demo, ...overrides }: Overrides = {}): Promise<TestApp> {
  const database = await freshDatabase()
  await seedAccess(database)
  const access = createAccess({ database, clock: systemClock, ids: randomIds, log: silentLog })
  await people(database, access)
  const conversation = memoryConversation()
  await conversation.chat({ id: 'web:ops', vendor: 'web', title: 'Operations' }, 'en', 0)
  await conversation.chat({ id: 'web:ads', vendor: 'web', title: 'Ads' }, 'en', 0)
  const ads = await database.prisma.team.findUniqueOrThrow({ where: { name: 'ads' } })
  await conversation.setChat('web:ads', { teamId: ads.id })
  const live = createEmitter<LiveEvent>()
  const bot = echoBot(conversation, live)
  const faults: unknown[] = []
  // A part that a test does not give is not there: touching it is an error that the test sees.
  const platform = { access, ...core?.({ conversation }) } as Platform
  const log: Log = { ...silentLog, error: (fields) => faults.push(fields.error) }
  const server: Server = createServer({
    platform,
    bot,
    conversation,
    setups: NO_SETUPS,
    live,
    idempotency: createIdempotencyStore(database.prisma),
    readiness: { database: async () => {}, queue: async () => {} },
    settings: SETTINGS,
    about: { version: '0.0.0-test', sandbox: false },
    metrics: createMetrics({ processMetrics: false }),
    log,
    clock: systemClock,
    ids: randomIds,
    webDirectory: null,
    ...overrides,
    ...(demo && { demo: demoOf(access) }),
  })
  const { url, port } = await server.listen()
  const base = `${url}/api/v1`

  async function signIn(name: string): Promise<Visitor> {
    const link = await access.signInLink(name, 5)
    if (!link.ok) throw new Error(link.why)
    const answer = await visitor(base, {}).post('/session', { code: link.value.code })
    return visitor(base, { cookie: cookieOf(answer), 'x-csrf-token': answer.body.csrf })
  }

  async function token(name: string, narrow: Partial<TokenDraft> = {}): Promise<Visitor> {
    const member = await access.memberByName(name)
    if (!member) throw new Error(`No member ${name}`)
    const by = { member, via: 'test', token: null, requestId: 'req_test' }
    const asked = await access.permit(by, 'token:create', { of: 'platform', what: 'tokens' })
    if (!asked.ok) throw new Error(`${name} may not have a token`)
    const made = await access.createToken(asked.permit, { name: 'test', verbs: [], days: 1, ...narrow })
    if (!made.ok) throw new Error(made.why)
    return visitor(base, { authorization: `Bearer ${made.value.secret}` })
  }

  return {
    url,
    port,
    database,
    platform,
    conversation,
    live,
    heard: bot.heard,
    pressed: bot.pressed,
    faults,
    signIn,
    token,
    anonymous: visitor(base, {}),
    async close() {
      await server.close(1000)
      await database.close()
    },
  }
}

/** Mei leads team data, Lin develops there, Vic may only look; Ada is in team ads; Root is the admin. */
async function people(database: Database, access: Platform['access']): Promise<void> {
  const now = new Date()
  await database.prisma.team.createMany({
    data: [
      { id: 'team_data00000000', name: 'data', title: 'Data', createdAt: now },
      { id: 'team_ads000000000', name: 'ads', title: 'Ads', createdAt: now },
    ],
  })
  const members = [
    ['root', null, null],
    ['mei', 'data', 'lead'],
    ['lin', 'data', 'developer'],
    ['vic', 'data', 'viewer'],
    ['ada', 'ads', 'developer'],
  ] as const
  for (const [name, team, role] of members) {
    const id = `mem_${name.padEnd(12, '0')}`
    const displayName = name.charAt(0).toUpperCase() + name.slice(1)
    await database.prisma.member.create({
      data: { id, name, displayName, language: 'en', isAdmin: team === null, createdAt: now },
    })
    if (team) {
      const teamId = team === 'data' ? 'team_data00000000' : 'team_ads000000000'
      await database.prisma.membership.create({ data: { memberId: id, teamId, roleName: role } })
    }
  }
  await access.members({})
}

/** Answers every message with one card, shown in the chat as the bot would. */
function echoBot(conversation: ReturnType<typeof memoryConversation>, live: Emitter<LiveEvent>) {
  const heard: Said[] = []
  const pressed: Pressed[] = []

  async function answer(chat: string, text: string): Promise<ShownCard[]> {
    const kept = await conversation.insert({ ...draft(chat, text), at: systemClock.now() })
    if (!kept) return []
    const card = shown(kept)
    live.publish({ is: 'card', card })
    return [card]
  }

  const bot: BotPort & { heard: Said[]; pressed: Pressed[] } = {
    heard,
    pressed,
    async hear(said) {
      heard.push(said)
      const utterance = await conversation.hear({
        chat: said.chat.id,
        eventId: said.eventId,
        memberId: 'memberId' in said.speaker ? said.speaker.memberId : null,
        speaker: 'somebody',
        text: said.text,
        at: said.at,
      })
      if (!utterance) return []
      live.publish({ is: 'utterance', utterance })
      return answer(said.chat.id, said.text)
    },
    async press(press) {
      pressed.push(press)
      return answer(press.chat.id, `pressed ${press.press}`)
    },
    complete: async (text, caret) => ({
      from: 0,
      to: caret,
      items: [{ insert: `${text.slice(0, caret)}!`, label: 'louder', detail: 'adds a mark' }],
    }),
    shown,
  }
  return bot
}

let cards = 0

export function draft(
  chat: string,
  title: string,
): Omit<KeptCard, 'version' | 'seq' | 'createdAt' | 'updatedAt'> {
  return {
    id: `card_${++cards}`,
    chat,
    subject: null,
    subjectVersion: 0,
    language: 'en',
    zone: 'Asia/Shanghai',
    onlyFor: null,
    card: {
      tone: 'neutral',
      title,
      subtitle: [],
      body: [{ is: 'text', text: title }],
      buttons: [],
      footer: [],
    },
  }
}

export function shown({ card, zone, subjectVersion, ...kept }: KeptCard): ShownCard {
  const { buttons, body, ...rest } = card
  return {
    ...kept,
    text: card.title,
    card: { ...rest, body: body.filter((block) => block.is !== 'form') },
    buttons: buttons.map(({ label, style }) => ({ label, style, press: `signed:${label}` })),
  }
}

function demoOf(access: Platform['access']): DemoPort {
  return {
    members: async () => [
      { name: 'lin', displayName: 'Lin', role: 'developer' },
      { name: 'mei', displayName: 'Mei', role: 'lead' },
    ],
    async signInAs(name) {
      const link = await access.signInLink(name, 1)
      if (!link.ok) return null
      const signedIn = await access.signInByCode(link.value.code, 'demo')
      return signedIn.ok ? signedIn.value : null
    },
  }
}

export function cookieOf(answer: Answered): string {
  const header = answer.headers['set-cookie']
  return String(Array.isArray(header) ? header[0] : header).split(';')[0] ?? ''
}

export function visitor(base: string, own: Record<string, string>): Visitor {
  async function ask(method: string, path: string, body: unknown, headers: Record<string, string>) {
    const answer = await send(path.startsWith('http') ? path : base + path, {
      method,
      headers: {
        ...own,
        ...(body === undefined || headers['content-type'] ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && {
        body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      }),
    })
    const text = await answer.body.text()
    const isJson = String(answer.headers['content-type']).includes('json')
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text,
      body: isJson && text ? JSON.parse(text) : undefined,
    }
  }
  return {
    headers: own,
    get: (path, headers = {}) => ask('GET', path, undefined, headers),
    post: (path, body, headers = {}) => ask('POST', path, body, headers),
    put: (path, body, headers = {}) => ask('PUT', path, body, headers),
    delete: (path, headers = {}) => ask('DELETE', path, undefined, headers),
  }
}
