import { readFileSync } from 'node:fs'
import type { Core } from '../../src/core.ts'
import type { News } from '../../src/platform/jobs/stores.ts'
import type {
  MemberId,
  Operation,
  Order,
  Permit,
  Subject,
  TeamId,
  Verb,
} from '../../src/platform/platform.ts'

const EXAMPLE = new URL('../../examples/counter-job.jar', import.meta.url)
const TEAM = 'data'
const PLATFORM: Subject = { of: 'platform', what: 'test' }

export interface RunningJob {
  id: string
  name: string
  subject: Subject
}

/** A team, a cluster per address, and jobs dealt out to them: made by the use cases, none of them started. */
export async function makeJobs(
  core: Core,
  { addresses, jobs }: { addresses: readonly string[]; jobs: number },
): Promise<RunningJob[]> {
  const { access, clusters } = core.platform
  const team = demand(
    await access.createTeam(await permitOn(core, 'team:manage'), { name: TEAM, title: 'Data' }),
  )
  for (const [n, address] of addresses.entries()) {
    const place = { savepointDir: 'file:/savepoints', checkpointDir: 'file:/checkpoints' }
    const draft = {
      name: `session-${n}`,
      address,
      environment: 'preprod',
      managed: false,
      sandbox: true,
      ...place,
    }
    demand(await clusters.add(await permitOn(core, 'cluster:manage'), draft))
  }
  const onTeam: Subject = { of: 'team', team: team.id as TeamId, environment: 'preprod', job: null }
  const creating = await permitOn(core, 'job:create', onTeam)
  const bytes = new Uint8Array(readFileSync(EXAMPLE))
  const { digest } = demand(await core.platform.jobs.upload(creating, { name: 'counter-job.jar', bytes }))
  const made: RunningJob[] = []
  for (let n = 0; n < jobs; n++) {
    const name = `orders-${String(n).padStart(4, '0')}`
    const args = ['--name', name, '--rate', '10', '--interval', '60000']
    const { job } = demand(
      await core.platform.jobs.create(creating, {
        name,
        team: TEAM,
        cluster: `session-${n % addresses.length}`,
        kind: 'jar',
        release: { program: { is: 'jar', digest, args }, parallelism: 1, note: '' },
      }),
    )
    made.push({ id: job.id, name, subject: { ...onTeam, job: { id: job.id, name } } as Subject })
  }
  return made
}

/** Asks as Sluice itself and waits until it has ended. */
export async function operate(core: Core, job: RunningJob, order: Order): Promise<Operation> {
  const permit = await permitOn(core, `job:${order.verb}`, job.subject)
  const ended = endings(core)
  try {
    const asked = await core.platform.operations.request(permit, job.id, order, {
      reason: null,
      force: false,
    })
    if (!asked.ok) throw new Error(`${order.verb} of ${job.name} was refused: ${JSON.stringify(asked.why)}`)
    await ended.of(asked.operation.id)
    const operation = await core.platform.operations.byId(asked.operation.id)
    if (!operation) throw new Error('The operation is gone.')
    return operation
  } finally {
    ended.stop()
  }
}

export const START: Order = { verb: 'start', release: null, from: { is: 'latest' } }

/** Somebody who may do everything to the team's jobs. */
export async function addPerson(core: Core, name: string): Promise<MemberId> {
  const { access } = core.platform
  const draft = { name, displayName: name, language: 'en' } as const
  demand(await access.addMember(await permitOn(core, 'member:manage'), draft))
  demand(
    await access.setRole(await permitOn(core, 'team:manage'), { team: TEAM, member: name, role: 'lead' }),
  )
  const member = await access.memberByName(name)
  if (!member) throw new Error(`The member ${name} was made a moment ago.`)
  return member.id
}

/** Which operations have ended since this was called. */
export function endings(core: Core): { of(operationId: string): Promise<void>; stop(): void } {
  const over = new Set<string>()
  const waiting = new Map<string, () => void>()
  const stop = core.stores.onNews((news: News) => {
    if (news.of !== 'operation' || !news.ended) return
    over.add(news.operationId)
    waiting.get(news.operationId)?.()
  })
  return {
    of: (id) => (over.has(id) ? Promise.resolve() : new Promise((resolve) => waiting.set(id, resolve))),
    stop,
  }
}

export function permitOn<V extends Verb>(
  core: Core,
  verb: V,
  subject: Subject = PLATFORM,
): Promise<Permit<V>> {
  return core.access.permitSluice(verb, subject, 'req_test')
}

function demand<T>(done: { ok: true; value: T } | { ok: false; why: unknown }): T {
  if (done.ok) return done.value
  throw new Error(`Refused: ${JSON.stringify(done.why)}`)
}
