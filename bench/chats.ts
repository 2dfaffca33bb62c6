// Vendors' chats: from what is said to its first card, past a queue, from a tap to its answer, and what they weigh.
// Run: npm run bench -- chats, or npx tsx bench/chats.ts [--quick] [--on embedded|server]
import type { App } from '../src/app.ts'
import { VENDORS, type Vendor } from '../src/bot/adapters/adapter.ts'
import { card } from '../src/bot/cards/build.ts'
import type { Urgency } from '../src/bot/delivery/delivery.ts'
import { randomIds } from '../src/lib/ids.ts'
import { until } from '../test/support/until.ts'
import { type Bench, bench } from './lib/bench.ts'
import { type ChatPeople, chatPeople, linkAll, type Rate } from './lib/chat-people.ts'
import { median, ms, percentile } from './lib/numbers.ts'
import { seed, seededIds } from './lib/seed.ts'
import { memoryOf, startServer, stopServer } from './lib/server-process.ts'
import { startSimulators } from './lib/simulators.ts'
import { addPerson, openSluice, prepare } from './lib/sluice.ts'

const WORLD = { jobs: 3_000, clusters: 20, operations: 10_000, running: 8 }
/** Fifty in a second together, each vendor below what it publishes. */
const RATES: readonly Rate[] = [
  { vendor: 'feishu', perSecond: 12 },
  { vendor: 'wecom', perSecond: 28 },
  { vendor: 'dingtalk', perSecond: 8 },
  { vendor: 'slack', perSecond: 2 },
]
/** Nobody is written to faster than a vendor allows. */
const PEOPLE = 150
const QUEUED = 3_000

await bench({
  for: `vendor event → first card at 50 commands/s with ${WORLD.jobs} jobs, over vendors that answer after 20 ms; urgent past ${QUEUED} queued; tap → toast; memory`,
  async run(bench) {
    const simulators = await startSimulators({ clusters: seededIds(WORLD), slots: 200 })
    await prepare(bench.place, (database) => seed(database, { ...WORLD, addresses: simulators.addresses }))
    try {
      await withPeople(bench, { pace: true, slowMs: 20 }, measureTalk)
      await withPeople(bench, { pace: true, slowMs: 20 }, measureQueue)
      await measureMemory(bench)
    } finally {
      await simulators.stop()
    }
  },
})

type Measure = (bench: Bench, app: App, people: ChatPeople) => Promise<void>

async function withPeople(
  bench: Bench,
  options: { pace: boolean; slowMs: number },
  measure: Measure,
): Promise<void> {
  const people = await chatPeople({ vendors: RATES.map(({ vendor }) => vendor), each: PEOPLE, ...options })
  const app = await openSluice(bench.place, { environment: people.opened.environment })
  try {
    const { url } = await app.listen()
    await people.ask({ do: 'callAt', address: url })
    const { memberId } = await addPerson(app.core, randomIds.next('lin').replace('_', '-'))
    await linkAll(app.database, people.opened, memberId)
    await connected(app)
    await measure(bench, app, people)
  } finally {
    await app.stop()
    people.stop()
  }
}

/** And sending: its lease may still be that of the former server. */
async function connected({ chats }: App): Promise<void> {
  const deaf = () =>
    chats.outside.desk.vendors().filter(({ connection: { is } }) => is === 'connecting' || is === 'stopped')
  await until(() => deaf().length === 0, { within: 60_000, what: 'every chat is connected' })
}

// --- event → card, tap → toast ----------------------------------------------------------------------------------------

async function measureTalk(bench: Bench, _app: App, people: ChatPeople): Promise<void> {
  const seconds = bench.quick ? 5 : 15
  const runs = bench.quick ? 1 : 3
  await people.ask({ do: 'say', text: '/job list', rates: RATES, seconds: 3 })
  const took: (readonly { vendor: Vendor; ms: number }[])[] = []
  let late = 0
  let cpuMs = 0
  for (let n = 0; n < runs; n++) {
    await quietMinute(bench)
    const cpu = process.cpuUsage()
    const said = await people.ask({ do: 'say', text: '/job list', rates: RATES, seconds })
    took.push(said.took)
    late += said.late
    const { user, system } = process.cpuUsage(cpu)
    cpuMs += (user + system) / 1_000
  }
  const middle = (share: number, vendor?: Vendor) =>
    median(
      took.map((run) =>
        percentile(
          run.filter((each) => vendor === undefined || each.vendor === vendor).map((each) => each.ms),
          share,
        ),
      ),
    )
  const [half, most] = [middle(0.5), middle(0.99)]
  bench.figure('vendor event → first card accepted, p50', ms(half), { target: '< 150 ms', met: half < 150 })
  bench.figure('vendor event → first card accepted, p99', ms(most), { target: '< 500 ms', met: most < 500 })
  bench.say(
    `medians of ${runs} runs of ${took[0]?.length} commands: ${RATES.map(rateText).join(', ')} a second`,
  )
  for (const { vendor } of RATES)
    bench.say(`${vendor}: p50 ${ms(middle(0.5, vendor))}, p99 ${ms(middle(0.99, vendor))}`)
  bench.say(`CPU of this process for each: ${ms(cpuMs / took.flat().length)}`)
  bench.figure('events not acknowledged in the vendor’s time', String(late), { target: '0', met: late === 0 })
  const taps = await people.ask({
    ...{ do: 'tap', vendor: 'feishu', label: 'More' },
    ...{ perSecond: 10, count: bench.quick ? 50 : 300 },
  })
  const toast = percentile(taps, 0.99)
  bench.figure('tap → toast, p99', ms(toast), { target: '< 300 ms', met: toast < 300 })
  bench.say(`${taps.length} taps at 10 a second, p50 ${ms(percentile(taps, 0.5))}`)
}

function rateText({ vendor, perSecond }: Rate): string {
  return `${vendor} ${perSecond}`
}

/** A vendor's minute: what was said before must not count against what is measured. */
async function quietMinute(bench: Bench): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, bench.quick ? 1_000 : 66_000))
}

// --- past a queue -----------------------------------------------------------------------------------------------------

async function measureQueue(bench: Bench, app: App, people: ChatPeople): Promise<void> {
  const vendor = 'feishu'
  const ids = people.opened.people.find((each) => each.vendor === vendor)?.ids ?? []
  await app.conversation.chat({ id: `${vendor}:bench`, vendor, title: 'bench' }, 'en', Date.now())
  const tell = (title: string, id: string, urgency: Urgency) => post(app, { title, vendor, id, urgency })
  await Promise.all(
    Array.from({ length: QUEUED }, (_, n) => tell(`queued ${n}`, ids[n % ids.length] ?? '', 'ordinary')),
  )
  const took: number[] = []
  const rounds = bench.quick ? 3 : 10
  for (let n = 0; n < rounds; n++) {
    const began = Date.now()
    await tell(`urgent number ${n};`, ids[n] ?? '', 'urgent')
    took.push((await people.ask({ do: 'seenAt', vendor, title: `urgent number ${n};` })) - began)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  const waiting = (await app.chats.outside.desk.depth()).find((each) => each.vendor === vendor)?.waiting ?? 0
  const most = Math.max(...took)
  bench.figure(`urgent past ${QUEUED} queued, the slowest of ${rounds}`, ms(most), {
    target: '< 1 s',
    met: most < 1_000 && waiting > 0,
  })
  bench.say(`median ${ms(median(took))}; ${waiting} ordinary ones still waited at the end`)
}

async function post(
  { conversation }: App,
  { title, vendor, id, urgency }: { title: string; vendor: Vendor; id: string; urgency: Urgency },
): Promise<void> {
  const receiver = { is: 'person', id } as const
  await conversation.insert(
    {
      ...{ id: randomIds.next('card'), chat: `${vendor}:bench`, subject: null, subjectVersion: 0 },
      ...{ language: 'en', zone: 'UTC', onlyFor: null, at: Date.now(), card: card('neutral', title) },
    },
    [{ id: randomIds.next('dlv'), vendor, receiver, memberId: null, urgency }],
  )
}

// --- weight -----------------------------------------------------------------------------------------------------------

async function measureMemory(bench: Bench): Promise<void> {
  const without = await weigh(bench, {})
  const people = await chatPeople({ vendors: VENDORS, each: 1, pace: true, slowMs: 20 })
  const { environment } = people.opened
  try {
    const all = await weigh(bench, { ...environment, PUBLIC_URL: 'https://sluice.example.com' })
    bench.figure('memory with all chats connected', `${Math.round(all.memory)} MB`, {
      target: '< 550 MB',
      met: all.memory < 550,
    })
    bench.figure('memory without chats', `${Math.round(without.memory)} MB`)
    bench.figure('start to ready without chats / with all', `${ms(without.readyMs)} / ${ms(all.readyMs)}`)
  } finally {
    people.stop()
  }
}

async function weigh(
  { place }: Bench,
  more: Record<string, string>,
): Promise<{ memory: number; readyMs: number }> {
  const server = await startServer({ ...place, environment: { ...place.environment, ...more } })
  try {
    // Connections stand and the first tokens are there; the leases of a former server have ended.
    await new Promise((resolve) => setTimeout(resolve, 20_000))
    return { memory: memoryOf(server.child).now, readyMs: server.readyMs }
  } finally {
    await stopServer(server.child)
  }
}
