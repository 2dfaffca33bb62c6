import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { type App, openApp } from '../../src/app.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { Log } from '../../src/lib/log.ts'
import { Secret } from '../../src/lib/secret.ts'
import { NO_DELAYS } from '../../src/platform/runtimes/simulator/simulated-cluster.ts'
import { startSimulator } from '../../src/platform/runtimes/simulator/simulator.http.ts'
import { parseSettings } from '../../src/settings.ts'
import { type Visitor, visitor } from './app.ts'

/** The whole server as it is, with a simulated cluster `session-a` in preprod and one in prod, and some people. */
export interface RealApp {
  app: App
  url: string
  /** `https://…/api/v1` of whoever it is, by a token. */
  as(name: Person): Visitor
  /** What the log was told as our fault; nothing, in health. */
  faults: unknown[]
  /** Everything that was logged, at any level. */
  logged(): string
  /** The address of one more simulated cluster that nobody has registered. */
  spareAddress: string
  close(): Promise<void>
}

export type Person = 'root' | 'mei' | 'kai' | 'lin' | 'vic' | 'ada'

const PEOPLE = [
  ['mei', 'data', 'lead'],
  ['kai', 'data', 'lead'],
  ['lin', 'data', 'developer'],
  ['vic', 'data', 'viewer'],
  ['ada', 'ads', 'developer'],
] as const

/** `more`: settings by environment name, such as those of chats. */
export async function startRealApp(more: Readonly<Record<string, string>> = {}): Promise<RealApp> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-api-'))
  const delays = NO_DELAYS
  const simulators = await Promise.all(
    ['a', 'b', 'c'].map(() =>
      startSimulator({ clock: systemClock, delays, taskManagers: 2, slots: 4, admin: true }),
    ),
  )
  const [preprod, prod, spare] = simulators.map(({ address }) => address)
  const faults: unknown[] = []
  const lines: unknown[] = []
  const note: Log['info'] = (fields, message) => lines.push({ ...fields, message })
  const log: Log = {
    ...{ debug: note, info: note, warn: note },
    error(fields, message) {
      note(fields, message)
      faults.push({ ...fields, message })
    },
  }
  const environment = { SLUICE_HOME: home, PORT: '0', LANGUAGE: 'en', WATCH_INTERVAL: '500ms', ...more }
  const settings = parseSettings({ environment, file: null, cwd: home })
  const app = await openApp({
    settings: {
      ...settings,
      ...(settings.database.is === 'embedded' && { database: { is: 'embedded', directory: 'memory' } }),
      secret: new Secret('a secret that is long enough for tests'),
    },
    log,
  })
  const { url } = await app.listen()
  const tokens = await people(app)
  const root = visitor(`${url}/api/v1`, { authorization: `Bearer ${tokens.get('root')}` })
  await root.post('/clusters', { name: 'session-a', address: preprod, environment: 'preprod' })
  await root.post('/clusters', { name: 'session-b', address: prod, environment: 'prod' })
  await app.bot.openChat(
    { id: 'web:ops', vendor: 'web', title: 'Operations' },
    { language: 'en', teamId: null },
  )

  return {
    app,
    url,
    faults,
    logged: () => inspect(lines, { depth: 12, maxArrayLength: null, maxStringLength: null }),
    spareAddress: spare ?? '',
    as: (name) => visitor(`${url}/api/v1`, { authorization: `Bearer ${tokens.get(name)}` }),
    async close() {
      await app.stop(2000)
      await Promise.all(simulators.map((simulator) => simulator.stop()))
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Makes teams and people as an installation does, and a token for each who may have one. */
async function people({ core: { access } }: App): Promise<ReadonlyMap<string, string>> {
  const everything = { of: 'platform' as const, what: 'set-up' }
  const mayAdd = await access.permitSluice('member:manage', everything, 'req_set-up')
  const mayTeam = await access.permitSluice('team:manage', everything, 'req_set-up')
  await access.addMember(mayAdd, { name: 'root', displayName: 'Root', admin: true, language: 'en' })
  for (const name of ['data', 'ads']) await access.createTeam(mayTeam, { name, title: name, language: 'en' })
  for (const [name, team, role] of PEOPLE) {
    const displayName = name.charAt(0).toUpperCase() + name.slice(1)
    await access.addMember(mayAdd, { name, displayName, language: 'en' })
    const set = await access.setRole(mayTeam, { team, member: name, role })
    if (!set.ok) throw new Error(`${name}: ${set.why}`)
  }
  const tokens = new Map<string, string>()
  for (const name of ['root', ...PEOPLE.map(([each]) => each)]) {
    const secret = await tokenOf(access, name)
    if (secret !== null) tokens.set(name, secret)
  }
  return tokens
}

async function tokenOf(access: App['core']['access'], name: string): Promise<string | null> {
  const member = await access.memberByName(name)
  if (!member) throw new Error(`There is no ${name}.`)
  const by = { member, via: 'test', token: null, requestId: 'req_set-up' }
  const asked = await access.permit(by, 'token:create', { of: 'platform', what: 'tokens' })
  if (!asked.ok) return null
  const made = await access.createToken(asked.permit, { name: 'test', verbs: [], days: 30 })
  return made.ok ? made.value.secret : null
}

/** The jar that the project ships as an example. */
export function exampleJar(): Promise<Uint8Array> {
  return readFile(new URL('../../examples/counter-job.jar', import.meta.url))
}
