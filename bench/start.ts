// How long a server takes from its first instruction to being ready, with 3,000 jobs in the database, and how much
// memory it needs while people type and clusters are watched. Runs the built server: npm run build.
// Run: npm run bench -- start, or npx tsx bench/start.ts [--quick] [--on embedded|server]
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bench, bench } from './lib/bench.ts'
import { commandTexts } from './lib/commands.ts'
import { median, ms } from './lib/numbers.ts'
import type { Place } from './lib/places.ts'
import { load } from './lib/say-load.ts'
import { seed, seededIds } from './lib/seed.ts'
import { MAIN, memoryOf, startServer, stopServer } from './lib/server-process.ts'
import { startSimulators } from './lib/simulators.ts'
import { openSluice, prepare } from './lib/sluice.ts'

const WORLD = { jobs: 3_000, clusters: 20, operations: 100_000, running: 8 }
const RATE = 20
const CHAT = { id: 'web:ops', vendor: 'web', title: 'ops' }

await bench({
  for: `start to ready, and memory with 3,000 jobs under ${RATE} commands/s`,
  async run(bench) {
    if (!existsSync(MAIN)) throw new Error('The server is not built: npm run build')
    // The history is most of the seeding; the memory depends little on it.
    const world = { ...WORLD, operations: bench.quick ? 10_000 : WORLD.operations }
    const simulators = await startSimulators({ clusters: seededIds(WORLD), slots: 200 })
    try {
      await prepare(bench.place, (database) => seed(database, { ...world, addresses: simulators.addresses }))
      // The queue's tables are made once.
      const app = await openSluice(bench.place)
      await app.bot.openChat(CHAT, { language: 'en', teamId: null })
      await app.stop()
      await measureStarts(bench)
      await measureMemory(bench)
    } finally {
      await simulators.stop()
    }
  },
})

async function measureStarts(bench: Bench): Promise<void> {
  const took: number[] = []
  for (let run = 0; run <= (bench.quick ? 2 : 7); run++) {
    const server = await startServer(bench.place)
    await stopServer(server.child)
    // The first start finds files that nobody has read lately.
    if (run > 0) took.push(server.readyMs)
  }
  const half = median(took)
  bench.figure('start to ready, warm', ms(half), { target: '< 3 s', met: half < 3_000 })
  bench.say(`median of ${took.length}: ${took.map((one) => Math.round(one)).join(', ')} ms`)
}

async function measureMemory(bench: Bench): Promise<void> {
  const { child, address } = await startServer(bench.place)
  try {
    await underLoad(bench, child, address)
  } finally {
    await stopServer(child)
  }
}

async function underLoad(bench: Bench, child: ChildProcess, address: string): Promise<void> {
  const atFirst = memoryOf(child)
  const token = await localToken(bench.place)
  const seconds = bench.quick ? 10 : 60
  const texts = commandTexts(WORLD, RATE * seconds)
  await load({ address, token, texts, chats: ['ops'], rate: RATE })
  const { now, most } = memoryOf(child)
  bench.figure(`memory after ${seconds} s of work (VmRSS)`, mb(now), { target: '< 450 MB', met: now < 450 })
  bench.figure('memory at its highest (VmHWM)', mb(most))
  bench.say(`when ready ${mb(atFirst.now)}`)
}

/** The server leaves one for commands of this machine, right after it is ready. */
async function localToken({ home }: Place): Promise<string> {
  const file = join(home, 'server.json')
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 50))
  return (JSON.parse(readFileSync(file, 'utf8')) as { token: string }).token
}

function mb(value: number): string {
  return `${Math.round(value)} MB`
}
