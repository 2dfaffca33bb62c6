// From a command to its first card, while people type steadily and the watcher looks at every cluster.
// Run: npm run bench -- command, or npx tsx bench/command.ts [--quick] [--on embedded|server]
import type { App } from '../src/app.ts'
import { randomIds } from '../src/lib/ids.ts'
import { type Bench, bench } from './lib/bench.ts'
import { commandTexts } from './lib/commands.ts'
import { median, ms, percentile } from './lib/numbers.ts'
import { atRate } from './lib/open-loop.ts'
import { load } from './lib/say-load.ts'
import { seed, seededIds } from './lib/seed.ts'
import { startSimulators } from './lib/simulators.ts'
import { addPerson, openSluice, prepare } from './lib/sluice.ts'

const WORLD = { jobs: 3_000, clusters: 20, operations: 100_000, running: 8 }
const RATE = 100
const CHATS = 10

await bench({
  for: `command → first card at ${RATE} commands/s with 3,000 jobs and 100,000 operations in the database; counted from when each command was due`,
  async run(bench) {
    const simulators = await startSimulators({ clusters: seededIds(WORLD), slots: 200 })
    await prepare(bench.place, (database) => seed(database, { ...WORLD, addresses: simulators.addresses }))
    const app = await openSluice(bench.place)
    try {
      await measure(bench, app)
    } finally {
      await app.stop()
      await simulators.stop()
    }
  },
})

async function measure(bench: Bench, app: App): Promise<void> {
  const { memberId, token } = await addPerson(app.core, 'lin')
  const { port } = await app.listen()
  for (let n = 0; n < CHATS; n++) {
    await app.bot.openChat(
      { id: `web:c${n}`, vendor: 'web', title: `c${n}` },
      { language: 'en', teamId: null },
    )
  }
  const runs = bench.quick ? 2 : 5
  const seconds = bench.quick ? 4 : 10
  const texts = commandTexts(WORLD, RATE * seconds)

  const inProcess = async (at: number) => {
    const cards = await app.bot.hear({
      eventId: randomIds.next('evt'),
      chat: { id: `web:c${at % CHATS}`, vendor: 'web', title: `c${at % CHATS}` },
      speaker: { is: 'session', memberId },
      at: Date.now(),
      requestId: randomIds.next('req'),
      language: null,
      text: texts[at] ?? '',
    })
    if (cards[0] === undefined) throw new Error(`No card came of ${texts[at]}`)
  }
  const chats = Array.from({ length: CHATS }, (_, n) => `c${n}`)
  const overRest = () => load({ address: `http://127.0.0.1:${port}`, token, texts, chats, rate: RATE })
  await tell(bench, 'in process (bot.hear)', runs, () => atRate(RATE, texts.length, inProcess))
  await tell(bench, 'over REST (POST /api/v1/say)', runs, overRest)
}

async function tell(bench: Bench, how: string, runs: number, run: () => Promise<number[]>): Promise<void> {
  await run()
  const took: number[][] = []
  const cpu = process.cpuUsage()
  const began = performance.now()
  for (let n = 0; n < runs; n++) took.push(await run())
  const used = process.cpuUsage(cpu)
  const busy = (used.user + used.system) / 1000 / (performance.now() - began)
  const middle = (share: number) => median(took.map((values) => percentile(values, share)))
  const [half, most] = [middle(0.5), middle(0.99)]
  bench.figure(`command → first card ${how}, p50`, ms(half), { target: '< 40 ms', met: half < 40 })
  bench.figure(`command → first card ${how}, p99`, ms(most), { target: '< 200 ms', met: most < 200 })
  bench.say(
    `medians of ${runs} runs of ${took[0]?.length} commands; this process ${Math.round(busy * 100)} % of one core`,
  )
}
