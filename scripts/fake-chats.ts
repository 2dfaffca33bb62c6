// Every chat vendor's fake on this machine, and a page to talk through them:
//   npm run fake-chats -- --demo             with Sluice's demo, which talks to them
//   npm run fake-chats [-- --sluice URL]     alone; prints what a Sluice at URL is started with
// --port 9300: of the page; the fakes take those after it.
import { parseArgs } from 'node:util'
import { startDemo } from './fake-chats/demo.ts'
import { freePort, type Setting } from './fake-chats/open-fakes.ts'
import { startFakeChats } from './fake-chats/server.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '9300' },
    sluice: { type: 'string', default: 'http://127.0.0.1:8080' },
    demo: { type: 'boolean', default: false },
  },
})

const demoPort = values.demo ? await freePort(8080) : null
const sluiceUrl = demoPort === null ? values.sluice : `http://127.0.0.1:${demoPort}`
const fakes = await startFakeChats({ port: Number(values.port), sluiceUrl, demo: values.demo })
for (const line of fakes.skipped) console.log(`Skipped 未启动: ${line}`)

if (demoPort === null) await alone()
else await withDemo(demoPort)

async function withDemo(port: number): Promise<void> {
  const demo = await startDemo(fakes.settings, port)
  // The terminal tells the whole group; the demo ends by that, and we with it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void demo.stop())
  console.log(`\nChats 聊天: ${fakes.url}   Lin, Wei and Mei are known there 都已认识; type 输入 /job list\n`)
  process.exitCode = await demo.ended
  await fakes.close()
}

async function alone(): Promise<void> {
  console.log(`Chats are at ${fakes.url}. With Sluice's demo on them 连同演示一起启动:

  npm run fake-chats -- --demo

Or start a Sluice so that it talks to them 或者用这些环境变量启动 Sluice:
`)
  for (const { title, environment } of fakes.chats) console.log(`# ${title}\n${exported(environment)}`)
  console.log(`# Sluice\n${exported(fakes.settings.filter(({ ours }) => ours))}\nnpm start\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void fakes.close())
}

function exported(settings: readonly Setting[]): string {
  return settings.map(({ name, value }) => `export ${name}='${value.replaceAll("'", "'\\''")}'`).join('\n')
}
