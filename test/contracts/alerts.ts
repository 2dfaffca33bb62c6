import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { randomIds } from '../../src/lib/ids.ts'
import type { FlushContext } from '../../src/platform/alerts/flushing.ts'
import { holdBack } from '../../src/platform/alerts/hold-back.ts'
import { advance } from '../../src/platform/alerts/incident-steps.ts'
import { takeIn } from '../../src/platform/alerts/intake.ts'
import { fingerprintOf } from '../../src/platform/alerts/labels.ts'
import type { ToldAlert } from '../../src/platform/alerts/merge.ts'
import { parseRouting } from '../../src/platform/alerts/routing/config.ts'
import { createRouting, type Routing } from '../../src/platform/alerts/routing/current.ts'
import { newSilence } from '../../src/platform/alerts/silence.ts'
import { alertTimers } from '../../src/platform/alerts/timers.ts'
import { auditLog } from '../../src/platform/audit/audit-log.prisma.ts'
import type { Database } from '../../src/platform/storage/database.prisma.ts'
import { createStores, type OpenStores } from '../../src/platform/stores.prisma.ts'
import type { Work, WorkQueue } from '../../src/platform/work/work.ts'
import { truncateAll } from '../support/database.ts'
import { seedTeams } from '../support/stores.ts'

const BEGIN = Date.parse('2026-03-01T08:00:00.000Z')
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const ROUTES = `
route:
  receiver: both
  group_by: [alertname]
  group_wait: 10s
  group_interval: 1m
  repeat_interval: 1h
receivers:
  - name: both
    webhook_configs: [{ url: 'http://hook.example.com/' }]
    sluice_configs: [{ chats: team }]
inhibit_rules:
  - source_matchers: [alertname="ClusterDown"]
    target_matchers: [severity="warning"]
    equal: [cluster]
sluice:
  tiers:
    - { tier: P1, matchers: [severity="critical"] }
    - { tier: P2, matchers: [] }
`

/** What alerting promises on either database, with time in our hand: no clock runs, and nothing is slept through. */
export function alertsContract(name: string, open: () => Promise<Database>): void {
  describe(`alerts (${name})`, () => {
    let database: Database
    let stores: OpenStores
    let now: number
    let sent: Work[]
    let routing: Routing
    let context: FlushContext

    beforeAll(async () => {
      database = await open()
    })
    beforeEach(async () => {
      await truncateAll(database)
      await seedTeams(database)
      now = BEGIN
      sent = []
      routing = routed(ROUTES, 1)
      const externalUrl = 'http://sluice.example.com'
      context = { routing: () => routing, ids: randomIds, externalUrl, flappingTurns: 4 }
      stores = reopened()
    })
    afterAll(() => database?.close())

    /** As another process would find everything. */
    function reopened(): OpenStores {
      const send = async (tx: Parameters<Database['afterCommit']>[0], work: Work) =>
        database.afterCommit(tx, () => sent.push(work))
      const queue: Pick<WorkQueue, 'send' | 'sendNew'> = {
        send,
        async sendNew(tx, all) {
          for (const { work } of all) await send(tx, work)
        },
      }
      const clock = { now: () => now, sleep: async () => {} }
      return createStores({ database, clock, queue, audit: auditLog, alerting: context })
    }

    function alert(labels: Record<string, string>, more: Partial<ToldAlert> = {}): ToldAlert {
      return {
        ...{
          fingerprint: fingerprintOf(labels),
          labels,
          annotations: {},
          facts: {},
          kind: 'outside',
          origin: 'src_1',
        },
        ...{ tier: routing.tierOf(labels), inhibits: routing.mayInhibit(labels), startsAt: now },
        ...{ expiresAt: now + HOUR * 24, generatorUrl: '', ended: null },
        ...{ jobId: null, clusterId: null, teamId: 'team_data', environment: null },
        ...more,
      }
    }
    const ended = (labels: Record<string, string>) =>
      alert(labels, { ended: { state: 'resolved', as: 'recovered', at: now } })

    const tell = (...told: ToldAlert[]) => stores.transact((all) => takeIn(all, context, { told, now }))

    /** Lets that much time pass; everything that becomes due on the way is done at its time. */
    async function pass(ms: number): Promise<void> {
      const end = now + ms
      for (;;) {
        await drain()
        const due = (await Promise.all(alertTimers(context).map((timer) => timer.nextDue(stores.read))))
          .filter((at) => at !== null)
          .filter((at) => at <= end)
        if (due.length === 0) break
        now = Math.max(now, Math.min(...due))
      }
      now = end
      await drain()
    }
    async function drain(): Promise<void> {
      for (const timer of alertTimers(context)) while (await stores.transact((all) => timer.once(all, now)));
    }

    const hooks = async () =>
      (await database.prisma.notice.findMany({ orderBy: [{ createdAt: 'asc' }, { reason: 'asc' }] }))
        .filter(({ target }) => target.startsWith('hook:'))
        .map(({ content, createdAt }) => {
          const { body } = content as { body: string }
          const { status, alerts } = JSON.parse(body) as {
            status: string
            alerts: { status: string; labels: { id: string } }[]
          }
          const ids = alerts.map((each) => `${each.labels.id}${each.status === 'resolved' ? '!' : ''}`)
          return `${(createdAt.getTime() - BEGIN) / SECOND} ${status} ${ids.toSorted().join(' ')}`
        })
        .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || a.localeCompare(b))
    const incidents = async () => (await stores.read.incidents.list({ teams: 'all' }, { limit: 50 })).items
    const pages = async () =>
      (await database.prisma.notice.findMany({ orderBy: { createdAt: 'asc' } })).filter(({ target }) =>
        target.startsWith('member:'),
      )

    const X = (id: string, more: Record<string, string> = {}) => ({ alertname: 'X', id, ...more })

    it('gathers what comes within the wait, and tells it once', async () => {
      await tell(alert(X('1')))
      await pass(4 * SECOND)
      await tell(alert(X('2')))
      await pass(30 * MINUTE)

      expect(await hooks()).toEqual(['10 firing 1 2'])
      expect(await incidents()).toMatchObject([
        { generation: 1, gist: { firing: 2 }, life: { state: 'triggered' } },
      ])
    })

    it('tells what is new, and what is over, at the beat of the interval', async () => {
      await tell(alert(X('1')))
      await pass(15 * SECOND)
      await tell(alert(X('2')))
      await pass(2 * MINUTE)
      await tell(ended(X('1')))
      await pass(2 * MINUTE)

      expect(await hooks()).toEqual(['10 firing 1', '70 firing 1 2', '190 firing 1! 2'])
    })

    it('says the same again after the repeat interval, at the next beat', async () => {
      await tell(alert(X('1')))
      await pass(2 * HOUR + 5 * MINUTE)

      expect(await hooks()).toEqual(['10 firing 1', '3670 firing 1', '7330 firing 1'])
    })

    it('closes the incident at once when all is over, and tells programs at their beat', async () => {
      await tell(alert(X('1')))
      await pass(15 * SECOND)
      await tell(ended(X('1')))
      await pass(2 * SECOND)
      const closed = await incidents()
      await pass(5 * MINUTE)

      expect(closed).toMatchObject([{ life: { state: 'resolved', closed: { as: 'recovered' } } }])
      expect(await hooks()).toEqual(['10 firing 1', '70 resolved 1!'])
    })

    it('makes a new generation of what begins again', async () => {
      await tell(alert(X('1')))
      await pass(15 * SECOND)
      await tell(ended(X('1')))
      await pass(5 * MINUTE)
      await tell(alert(X('1')))
      await pass(5 * MINUTE)

      expect((await incidents()).map(({ generation, life }) => [generation, life.state])).toEqual([
        [2, 'triggered'],
        [1, 'resolved'],
      ])
    })

    it('shows what comes and goes as one incident that counts on, until it stays away', async () => {
      const flap = async () => {
        await tell(alert(X('1')))
        await pass(2 * MINUTE)
        await tell(ended(X('1')))
        await pass(2 * MINUTE)
      }
      for (let times = 0; times < 5; times++) await flap()
      const counted = await incidents()
      await pass(9 * MINUTE)
      const calm = await incidents()

      expect(counted.map(({ generation, life }) => [generation, life.state])).toEqual([
        ...[
          [2, 'triggered'],
          [1, 'resolved'],
        ],
      ])
      expect(counted[0]?.gist).toMatchObject({ flapping: 10, firing: 0 })
      expect(calm[0]?.life).toMatchObject({ state: 'resolved', closed: { as: 'recovered' } })
      // Programs hear every turn.
      expect((await hooks()).length).toBeGreaterThan(6)
    })

    it('closes what comes and goes at once when people stop it', async () => {
      for (let times = 0; times < 2; times++) {
        await tell(alert(X('1')))
        await pass(2 * MINUTE)
        await tell(ended(X('1')))
        await pass(2 * MINUTE)
      }
      await tell(alert(X('1')))
      await pass(MINUTE)
      await tell(alert(X('1'), { ended: { state: 'resolved', as: 'stopped', at: now } }))
      await pass(MINUTE)

      expect((await incidents()).map(({ life }) => life.state)).not.toContain('triggered')
    })

    it('leaks none of fifty that are held back when a process begins anew', async () => {
      const source = { alertname: 'ClusterDown', cluster: 'c1', id: 'source' }
      await tell(alert(source))
      const names = Array.from({ length: 50 }, (_, n) => `${n}`)
      await tell(...names.map((id) => alert({ alertname: `Y${id}`, id, severity: 'warning', cluster: 'c1' })))
      await pass(30 * SECOND)
      stores = reopened()
      await pass(HOUR - MINUTE)

      expect(await hooks()).toEqual(['10 firing source'])
      expect(await incidents()).toHaveLength(1)
    })

    it('never tells the end of what was never told', async () => {
      await tell(alert(X('1')))
      await pass(3 * SECOND)
      await tell(ended(X('1')))
      await pass(5 * MINUTE)

      expect(await hooks()).toEqual([])
      expect(await incidents()).toEqual([])
    })

    it('says that it expired when nobody tells it any more', async () => {
      await tell(alert(X('1'), { expiresAt: now + MINUTE }))
      await pass(30 * SECOND)
      await tell(alert(X('1'), { expiresAt: now + MINUTE }))
      await pass(45 * SECOND)
      const kept = (await incidents())[0]?.life.state
      await pass(5 * MINUTE)

      expect(kept).toBe('triggered')
      expect(await incidents()).toMatchObject([{ life: { state: 'resolved', closed: { as: 'expired' } } }])
    })

    it('holds back what another inhibits, over a restart too, and tells it when that is over', async () => {
      const source = { alertname: 'ClusterDown', cluster: 'c1', id: 'source' }
      await tell(alert(source))
      await tell(...['1', '2'].map((id) => alert(X(id, { severity: 'warning', cluster: 'c1' }))))
      await tell(alert(X('3', { severity: 'warning', cluster: 'c2' })))
      await pass(30 * SECOND)
      stores = reopened()
      await pass(10 * MINUTE)
      const held = await hooks()
      await tell(ended(source))
      await pass(3 * MINUTE)

      expect(held).toEqual(['10 firing 3', '10 firing source'])
      expect(await hooks()).toEqual([...held, '670 firing 1 2 3', '670 resolved source!'])
    })

    it('gives what holds another back a head start, so that nothing is told a moment too early', async () => {
      routing = routed(ROUTES.replace('equal: [cluster]', 'equal: [cluster]\n    head_start: 30s'), 2)

      await tell(alert({ alertname: 'Slow', cluster: 'c1', severity: 'warning', id: 'target' }))
      await tell(alert({ alertname: 'Odd', cluster: 'c2', severity: 'warning', id: 'other' }))
      await tell(alert({ alertname: 'Fine', cluster: 'c1', severity: 'info', id: 'free' }))
      await pass(15 * SECOND)
      await tell(alert({ alertname: 'ClusterDown', cluster: 'c1', id: 'source' }))
      await pass(30 * SECOND)

      expect(await hooks()).toEqual(['10 firing free', '25 firing source', '30 firing other'])
    })

    it('hides what a silence names, and tells at its end what still fires', async () => {
      await stores.read.silences.save(
        newSilence({
          ...{
            id: 'sil_1',
            matchers: [{ name: 'id', op: '=', value: '1' }],
            startsAt: now,
            endsAt: now + 5 * MINUTE,
          },
          ...{ comment: '', chatId: null, now, origin: 'person', by: { id: null, displayName: 'Lin' } },
        }),
      )
      await tell(alert(X('1')))
      await pass(4 * MINUTE)
      const hidden = [await hooks(), (await incidents()).length]
      await pass(3 * MINUTE)

      expect(hidden).toEqual([[], 0])
      expect(await incidents()).toMatchObject([{ life: { state: 'triggered' } }])
      expect((await hooks()).length).toBe(1)
    })

    it('calls who is on call, goes on to the next, and stops for who takes it', async () => {
      await people()
      await tell(alert({ ...X('1'), severity: 'critical' }))
      await pass(12 * SECOND)
      const first = (await pages()).map(({ reason, target }) => [reason, target])
      await pass(10 * MINUTE)
      const second = (await pages()).length
      const [incident] = await incidents()
      await acknowledge(incident?.id ?? '')
      await pass(30 * MINUTE)

      expect(first).toEqual([['step:0:0', 'member:mem_lin']])
      expect(second).toBe(3)
      expect((await pages()).filter(({ reason }) => reason.startsWith('step'))).toHaveLength(second)
    })

    it('goes on at once past a step for which there is nobody, and says so', async () => {
      await tell(alert({ ...X('1'), severity: 'critical' }))
      await pass(30 * MINUTE)
      const [incident] = await incidents()
      const kinds = (await stores.read.incidents.events(incident?.id ?? '')).map(({ kind }) => kind)

      expect(await pages()).toEqual([])
      expect(kinds.filter((kind) => kind === 'step-empty').length).toBeGreaterThan(0)
      expect(kinds).toContain('chain-finished')
    })

    it('asks who took it, and opens it again when they say nothing', async () => {
      await people()
      await tell(alert({ ...X('1'), severity: 'critical' }))
      await pass(12 * SECOND)
      const [incident] = await incidents()
      await acknowledge(incident?.id ?? '')
      await pass(56 * MINUTE)
      const asked = (await pages()).filter(({ reason }) => reason.startsWith('ack-ends'))
      await pass(10 * MINUTE)

      expect(asked).toHaveLength(1)
      expect(await incidents()).toMatchObject([{ life: { state: 'triggered', acked: null } }])
    })

    it('never has two notices for one reason and target', async () => {
      await people()
      for (let n = 0; n < 3; n++) {
        await tell(alert({ ...X('1'), severity: 'critical' }))
        await pass(20 * MINUTE)
        await tell(ended({ ...X('1'), severity: 'critical' }))
        await pass(2 * MINUTE)
      }
      const all = await database.prisma.notice.findMany()
      const names = all.map(({ subject, reason, target }) => `${subject} ${reason} ${target}`)

      expect(new Set(names).size).toBe(names.length)
      expect(names.length).toBeGreaterThan(6)
    })

    it.each([
      1, 2, 3,
    ])('ends every firing alert in an incident, a named suppression or an open timer (%i)', async (seed) => {
      const random = seeded(seed)
      const pick = (most: number) => Math.floor(random() * most)
      const labelsOf = (id: number) => ({
        ...{ alertname: id % 4 === 0 ? 'ClusterDown' : `Z${id % 3}`, id: String(id), cluster: `c${id % 2}` },
        severity: id % 2 === 0 ? 'warning' : 'critical',
      })
      const steps = [
        () => tell(alert(labelsOf(pick(12)))),
        () => tell(alert(labelsOf(pick(12)), { expiresAt: now + pick(5) * MINUTE + SECOND })),
        () => tell(ended(labelsOf(pick(12)))),
        () => pass(pick(90) * SECOND),
        () => pass(pick(10) * MINUTE),
        () => silenced(String(pick(12)), (1 + pick(5)) * MINUTE),
        async () => {
          stores = reopened()
        },
      ]

      for (let step = 0; step < 60; step++) {
        await steps[pick(steps.length)]?.()
        expect({ step, forgotten: await forgotten() }).toEqual({ step, forgotten: [] })
      }
    })

    async function silenced(id: string, ms: number): Promise<void> {
      const times = { startsAt: now, endsAt: now + ms, now }
      const by = { id: null, displayName: 'Lin' }
      const matchers = [{ name: 'id', op: '=' as const, value: id }]
      await stores.read.silences.save(
        newSilence({
          ...{ id: randomIds.next('sil'), matchers, ...times, comment: '', chatId: null },
          ...{ origin: 'person', by },
        }),
      )
    }

    /** Firing alerts of which nobody was told, that nothing holds back, and that nothing will look at. */
    async function forgotten(): Promise<string[]> {
      const firing = await stores.read.alerts.firing()
      const held = new Set(
        (await holdBack(stores.read, context, { alerts: firing, now })).map(
          ({ alert: each }) => each.fingerprint,
        ),
      )
      const open = new Set(
        (await incidents()).filter(({ life }) => life.state !== 'resolved').map(({ subject }) => subject),
      )
      const groups = new Map((await stores.read.groups.all()).map((group) => [group.id, group]))
      const members = await stores.read.groups.of(firing.map(({ fingerprint }) => fingerprint))
      return firing
        .filter(({ fingerprint }) => {
          const own = members.filter((each) => each.fingerprint === fingerprint)
          const isSeen = own.some(
            ({ groupId }) => open.has(`group:${groupId}`) || groups.get(groupId)?.dueAt != null,
          )
          return !isSeen && !held.has(fingerprint)
        })
        .map(({ labels }) => labels.id ?? '')
    }

    it('opens one incident for ten who tell it at once', async () => {
      await Promise.all(Array.from({ length: 10 }, () => tell(alert(X('1')))))
      await Promise.all([pass(20 * SECOND), pass(20 * SECOND)])

      expect(await incidents()).toHaveLength(1)
      expect(await hooks()).toHaveLength(1)
    })

    it('is told by the new routes after the routing changed, without being told twice', async () => {
      await tell(alert(X('1')))
      await pass(30 * SECOND)
      routing = routed(ROUTES.replace('group_by: [alertname]', 'group_by: [alertname, id]'), 2)
      await pass(5 * MINUTE)

      const open = (await incidents()).filter(({ life }) => life.state !== 'resolved')
      expect(open.map(({ gist }) => gist.labels.id)).toEqual(['1'])
      expect(await hooks()).toHaveLength(2)
    })

    async function people(): Promise<void> {
      const createdAt = new Date(0)
      const permissions = ['oncall:manage']
      await database.prisma.role.create({ data: { name: 'boss', titleZh: 'b', titleEn: 'b', permissions } })
      await database.prisma.role.create({
        data: { name: 'hand', titleZh: 'h', titleEn: 'h', permissions: [] },
      })
      for (const [member, roleName] of [
        ['lin', 'hand'],
        ['mei', 'boss'],
      ] as const) {
        const id = `mem_${member}`
        await database.prisma.member.create({ data: { id, name: member, displayName: member, createdAt } })
        await database.prisma.membership.create({ data: { memberId: id, teamId: 'team_data', roleName } })
      }
      const rotation = {
        unit: 'week',
        every: 1,
        starts: '2026-01-05T00:00',
        until: null,
        weekdays: null,
      } as const
      await stores.read.onCall.save(
        {
          ...{
            id: 'sch_1',
            name: 'data',
            teamId: 'team_data',
            zone: 'Asia/Shanghai',
            updatedBy: 'Mei',
            updatedAt: 0,
          },
          layers: [{ priority: 1, rotation: { ...rotation, participants: [['lin']] } }],
        },
        null,
      )
    }

    async function acknowledge(id: string): Promise<void> {
      const by = { memberId: 'mem_lin', name: 'lin' }
      await stores.transact(async (all) => {
        const incident = await all.incidents.lock(id)
        if (!incident) throw new Error(`There is no incident ${id}.`)
        const events = [{ is: 'acknowledge', by, onCall: true } as const]
        await advance(all, context, { incident, events, more: {}, now })
      })
    }
  })
}

function routed(text: string, revision: number): Routing {
  const parsed = parseRouting(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return createRouting(parsed.value, { revision, text })
}

/** The same numbers for the same seed, between 0 and 1 (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
