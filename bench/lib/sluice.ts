import { type App, openApp } from '../../src/app.ts'
import type { Core } from '../../src/core.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { randomIds } from '../../src/lib/ids.ts'
import type { Log } from '../../src/lib/log.ts'
import { silentLog } from '../../src/lib/log.ts'
import { seedAccess } from '../../src/platform/access/seed-access.prisma.ts'
import type { Deadlines } from '../../src/platform/jobs/run.ts'
import type { Permit, Subject, Verb } from '../../src/platform/platform.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { openDatabase } from '../../src/platform/storage/database.prisma.ts'
import { migrate } from '../../src/platform/storage/migrate.prisma.ts'
import { withSecret } from '../../src/settings.file.ts'
import { parseSettings } from '../../src/settings.ts'
import type { Place } from './places.ts'

/** Says what must not happen in a bench, and nothing else. */
const complaints: Log = { ...silentLog, error: (fields, message) => console.error('  !', message, fields) }

export interface OpenOptions {
  environment?: Record<string, string>
  clock?: Clock
  deadlines?: Deadlines
}

/** The whole server on a place, as `sluice start` would open it; not yet listening. */
export function openSluice({ environment }: Place, options: OpenOptions = {}): Promise<App> {
  const { environment: more = {}, ...rest } = options
  const given = { environment: { PORT: '0', LANGUAGE: 'en', ...environment, ...more }, file: null, cwd: '/' }
  return openApp({ settings: withSecret(parseSettings(given), randomIds), log: complaints, ...rest })
}

/** Writes into a place's database before a server opens it. */
export async function prepare(place: Place, fill: (database: Database) => Promise<void>): Promise<void> {
  const database = await openDatabase(place.database, silentLog)
  try {
    await migrate(database, silentLog)
    await seedAccess(database)
    await fill(database)
  } finally {
    await database.close()
  }
}

/** Somebody who may do everything in every team there is, as an operator of a platform team would. */
export async function addPerson(core: Core, name: string): Promise<{ memberId: string; token: string }> {
  const { access } = core.platform
  const platform: Subject = { of: 'platform', what: 'bench' }
  const draft = { name, displayName: name, language: 'en' as const }
  demand(await access.addMember(await permit(core, 'member:manage', platform), draft))
  const teams = await permit(core, 'team:manage', platform)
  for (const team of await access.teams())
    demand(await access.setRole(teams, { team: team.name, member: name, role: 'lead' }))
  const member = await access.memberByName(name)
  if (!member) throw new Error(`The member ${name} was made a moment ago.`)
  const by = { member, via: 'bench', token: null, requestId: 'req_bench' }
  const asked = await access.permit(by, 'token:create', platform)
  if (!asked.ok) throw new Error('A lead may not make a token.')
  const made = demand(await access.createToken(asked.permit, { name: 'bench', verbs: [], days: 1 }))
  return { memberId: member.id, token: made.secret }
}

export function permit<V extends Verb>(core: Core, verb: V, subject: Subject): Promise<Permit<V>> {
  return core.access.permitSluice(verb, subject, 'req_bench')
}

export function demand<T>(done: { ok: true; value: T } | { ok: false; why: unknown }): T {
  if (done.ok) return done.value
  throw new Error(`Refused: ${JSON.stringify(done.why)}`)
}
