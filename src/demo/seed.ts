import type { Core } from '../core.ts'
import type { Permit, RestartPolicy, Subject, TeamId, Verb } from '../platform/platform.ts'
import { breakFile } from './break-file.ts'
import type { DemoCluster } from './demo-cluster.cli.ts'

/** Three people, so that one visitor can try what needs two. */
export const DEMO_MEMBERS = [
  { name: 'lin', zh: '林', en: 'Lin', role: 'developer', roleZh: '开发', admin: false },
  { name: 'wei', zh: '魏', en: 'Wei', role: 'operator', roleZh: '运维', admin: false },
  { name: 'mei', zh: '美', en: 'Mei', role: 'lead', roleZh: '负责人', admin: true },
] as const

export const DEMO_TEAM = 'data'
export const DEMO_SCHEDULE = 'data-primary'
export const DEMO_CHAT = 'web:ops'
export const DEMO_JOBS = { sql: 'clicks-per-page', counter: 'counter', fragile: 'fragile' } as const

const SQL = `-- Clicks per page, counted every second. Change it and make a new release: /job release clicks-per-page
CREATE TABLE clicks (
  page INT,
  clicked_at AS PROCTIME()
) WITH (
  'connector' = 'datagen',
  'rows-per-second' = '5',
  'fields.page.min' = '1',
  'fields.page.max' = '5'
);

CREATE TABLE per_page (
  page INT,
  clicks BIGINT
) WITH (
  'connector' = 'blackhole'
);

INSERT INTO per_page
SELECT page, COUNT(*) FROM clicks GROUP BY page;
`

export interface SeedRequest {
  core: Core
  cluster: DemoCluster
  home: string
  language: 'zh' | 'en'
  /** Bytes of examples/counter-job.jar. */
  exampleJar: Uint8Array
}

/** Fills an empty Sluice with a team, three members and three jobs; on the next start it only corrects the address. */
export async function seedDemo(request: SeedRequest): Promise<void> {
  const { core } = request
  const known = await core.platform.access.team(DEMO_TEAM)
  if (!known.ok) await seedPeople(request)
  await seedClusters(request)
  await seedOnCall(request)
  await seedJobs(request)
}

async function seedPeople({ core, language }: SeedRequest): Promise<void> {
  const { access } = core.platform
  const teams = await permitOn(core, 'team:manage')
  const members = await permitOn(core, 'member:manage')
  const title = language === 'zh' ? '数据组' : 'Data'
  demand(await access.createTeam(teams, { name: DEMO_TEAM, title, language }), 'the team')
  for (const { name, role, admin, ...names } of DEMO_MEMBERS) {
    const email = `${name}@example.com`
    const draft = { name, displayName: names[language], email, admin, language }
    demand(await access.addMember(members, draft), `the member ${name}`)
    demand(await access.setRole(teams, { team: DEMO_TEAM, member: name, role }), `the role of ${name}`)
  }
}

/** One Flink under two names, because an environment belongs to a cluster. */
async function seedClusters({ core, cluster }: SeedRequest): Promise<void> {
  const { savepointDir, checkpointDir, archiveDir, sandbox, address } = cluster
  const permit = await permitOn(core, 'cluster:manage')
  for (const [name, environment] of [
    ['local', 'preprod'],
    ['local-prod', 'prod'],
  ] as const) {
    const known = await core.stores.read.clusters.byName(name)
    if (known) {
      await core.stores.read.clusters.setAddress(known.id, address)
      continue
    }
    const place = { savepointDir, checkpointDir, ...(archiveDir && { archiveDir }) }
    const draft = { name, address, environment, managed: true, sandbox, ...place }
    demand(await core.platform.clusters.add(permit, draft), `the cluster ${name}`)
  }
}

/** Two people in turn, a week each, so that there is somebody to call. */
async function seedOnCall({ core }: SeedRequest): Promise<void> {
  const team = await core.stores.read.teams.byName(DEMO_TEAM)
  if (!team || (await core.platform.onCall.schedule(DEMO_SCHEDULE))) return
  const permit = await permitOn(core, 'oncall:manage', {
    of: 'team',
    team: team.id,
    environment: null,
    job: null,
  })
  const turns = { unit: 'week', every: 1, starts: '2026-01-05T10:00', until: null, weekdays: null } as const
  const layers = [{ priority: 1, rotation: { ...turns, participants: [['lin'], ['wei']] } }]
  const draft = { name: DEMO_SCHEDULE, team: DEMO_TEAM, zone: 'Asia/Shanghai', layers, version: null }
  demand(await core.platform.onCall.save(permit, draft), 'the on-call schedule')
}

async function seedJobs({ core, home, exampleJar }: SeedRequest): Promise<void> {
  const { jobs } = core.platform
  const team = await core.stores.read.teams.byName(DEMO_TEAM)
  if (!team) throw new Error('The team of the demo was made a moment ago.')
  if ((await jobs.find(DEMO_JOBS.counter)).ok) return
  const permit = (environment: string) =>
    permitOn(core, 'job:create', { of: 'team', team: team.id, environment, job: null })
  const preprod = await permit('preprod')
  const jar = demand(
    await jobs.upload(preprod, { name: 'counter-job.jar', bytes: exampleJar }),
    'the example JAR',
  )
  const program = (args: readonly string[]) => ({ is: 'jar', digest: jar.digest, args }) as const

  const fragile = [
    '--name',
    DEMO_JOBS.fragile,
    '--rate',
    '10',
    '--interval',
    '1000',
    '--break-when',
    breakFile(home),
    '--restarts',
    'none',
  ]
  const counter = ['--name', DEMO_JOBS.counter, '--rate', '10', '--interval', '3000']
  const drafts = [
    { permit: preprod, name: DEMO_JOBS.counter, cluster: 'local', kind: 'jar', program: program(counter) },
    { permit: preprod, name: DEMO_JOBS.fragile, cluster: 'local', kind: 'jar', program: program(fragile) },
    {
      permit: await permit('prod'),
      name: DEMO_JOBS.sql,
      cluster: 'local-prod',
      kind: 'sql',
      program: { is: 'sql', script: SQL },
    },
  ] as const
  for (const { permit: may, name, cluster, kind, program: what } of drafts) {
    const release = { program: what, parallelism: 1, note: 'demo' }
    const draft = { name, team: DEMO_TEAM, cluster, kind, release, restartPolicy: policyOf(name) }
    demand(await jobs.create(may, draft), `the job ${name}`)
  }
}

/** All but the one that shows what a failure looks like come back by themselves, also after the demo was stopped. */
function policyOf(name: string): RestartPolicy {
  if (name === DEMO_JOBS.fragile) return { is: 'none' }
  return { is: 'on-failure', limit: 5, windowMs: 600_000, backoffMs: 1_000, backoffCapMs: 30_000 }
}

/** Starts the demo's jobs, as somebody would who came before the visitor. */
export async function startDemoJobs(core: Core): Promise<void> {
  for (const name of Object.values(DEMO_JOBS)) {
    const found = await core.platform.jobs.find(name)
    if (!found.ok || found.value.attempts > 0) continue
    const { id, team, environment } = found.value
    const subject: Subject = { of: 'team', team: team.id as TeamId, environment, job: { id, name } }
    const permit = await permitOn(core, 'job:start', subject)
    const order = { verb: 'start', release: null, from: { is: 'latest' } } as const
    await core.platform.operations.request(permit, id, order, { reason: null, force: false })
  }
}

function permitOn<V extends Verb>(
  core: Core,
  verb: V,
  subject: Subject = { of: 'platform', what: 'demo' },
): Promise<Permit<V>> {
  return core.access.permitSluice(verb, subject, 'req_demo')
}

function demand<T>(done: { ok: true; value: T } | { ok: false; why: unknown }, what: string): T {
  if (done.ok) return done.value
  throw new Error(`The demo could not make ${what}: ${JSON.stringify(done.why)}`)
}
