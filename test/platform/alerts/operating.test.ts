import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { randomIds } from '../../../src/lib/ids.ts'
import { takeIn } from '../../../src/platform/alerts/intake.ts'
import { fingerprintOf } from '../../../src/platform/alerts/labels.ts'
import { defaultRouting } from '../../../src/platform/alerts/routing/routing-holder.ts'
import { alertTimers } from '../../../src/platform/alerts/timers.ts'
import type { Order } from '../../../src/platform/jobs/operation.ts'
import type { Database } from '../../../src/platform/storage/database.prisma.ts'
import { freshDatabase } from '../../support/database.ts'
import { type Operating, operating } from '../../support/operating.ts'

const context = {
  ...{ routing: defaultRouting, ids: randomIds, flappingTurns: 4 },
  externalUrl: 'http://sluice.example.com',
}
const start: Order = { verb: 'start', release: null, from: { is: 'latest' } }
const restart: Order = { verb: 'restart', release: null, how: 'savepoint', from: { is: 'latest' } }

let database: Database
let world: Operating
let during: (() => Promise<void>) | null

beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  during = null
  world = await operating({
    database,
    async probe() {
      const once = during
      during = null
      await once?.()
    },
  })
  await world.release()
})
afterEach(() => world.close())

/** What somebody else tells of the job; as of a minute ago, so that its group need not wait. */
async function told(): Promise<void> {
  const labels = { alertname: 'NoData', job: 'orders-cdc', env: 'preprod', severity: 'critical' }
  const now = Date.now()
  await world.stores.transact((stores) =>
    takeIn(stores, context, {
      now,
      told: [
        {
          ...{ fingerprint: fingerprintOf(labels), labels, annotations: {}, facts: {}, kind: 'outside' },
          ...{ origin: 'src_1', tier: 'P2', jobId: world.jobId, clusterId: null, teamId: null },
          ...{ environment: 'preprod', startsAt: now - 60_000, expiresAt: now + 600_000, inhibits: false },
          ...{ generatorUrl: '', ended: null },
        },
      ],
    }),
  )
  await look()
}

async function look(): Promise<void> {
  for (const timer of alertTimers(context))
    while (await world.stores.transact((stores) => timer.once(stores, Date.now()))) {}
}

async function incidents(): Promise<{ silenced: boolean; state: string }[]> {
  const open = await world.stores.read.incidents.openOfJob(world.jobId)
  return open.map(({ life }) => ({ silenced: life.silenced, state: life.state }))
}

describe('alerts about a job that somebody operates on', () => {
  it('are held back while the operation goes on, and told when it has ended', async () => {
    await world.run(start)
    const seen: unknown[] = []
    during = async () => {
      await told()
      seen.push(await incidents())
    }

    await world.run(restart)
    await look()

    expect(seen).toEqual([[]])
    expect(await incidents()).toEqual([{ silenced: false, state: 'triggered' }])
  })

  it('that were told before call nobody meanwhile', async () => {
    await world.run(start)
    await told()
    const seen: unknown[] = []
    during = async () => {
      await look()
      seen.push(await incidents())
    }

    await world.run(restart)
    await look()

    expect(seen).toEqual([[{ silenced: true, state: 'triggered' }]])
    expect(await incidents()).toEqual([{ silenced: false, state: 'triggered' }])
  })

  it('that the operation mends are told as over', async () => {
    await world.run(start)
    const alert = {
      kind: 'job-failed',
      about: { is: 'job', id: world.jobId },
      facts: {},
      at: Date.now(),
    } as const
    await world.stores.read.alarms.raise(alert)
    expect(await incidents()).toHaveLength(1)

    await world.run(restart)
    await look()

    expect(await incidents()).toEqual([])
    expect(await database.prisma.incident.count({ where: { state: 'resolved' } })).toBe(1)
  })
})
