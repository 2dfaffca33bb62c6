// Every chat vendor's fake on this machine, and a page to talk through them: npm run fake-chats [-- --port 9300] [--sluice URL]
import { parseArgs } from 'node:util'
import { startFakeChats } from './fake-chats/server.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '9300' },
    sluice: { type: 'string', default: 'http://127.0.0.1:8080' },
  },
})

const fakes = await startFakeChats({ port: Number(values.port), sluiceUrl: values.sluice })
for (const line of fakes.skipped) console.log(`Skipped. ${line}`)
console.log(`Chats are at ${fakes.url}. Start Sluice so that it talks to them:\n`)
for (const { title, environment } of fakes.chats) {
  console.log(`# ${title}`)
  for (const { name, value } of environment) console.log(`export ${name}='${value.replaceAll("'", "'\\''")}'`)
}
console.log(`export PUBLIC_URL='${values.sluice}'\nnpm start\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void fakes.close().then(() => process.exit(0)))
}
