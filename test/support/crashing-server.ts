// The whole server as a process of its own, which kills itself with SIGKILL at named points of operations.
// Arguments as JSON: the environment of the server, and the first order. Further ones come as JSON lines on standard
// input, and what happens goes out as JSON lines on standard output. Nothing of this is in the package: production never hands in a probe.
import { createInterface } from 'node:readline'
import { openApp } from '../../src/app.ts'
import { randomIds } from '../../src/lib/ids.ts'
import type { Log } from '../../src/lib/log.ts'
import type { Probe } from '../../src/platform/jobs/probe.ts'
import { withSecret } from '../../src/settings.file.ts'
import { parseSettings } from '../../src/settings.ts'
import type { CrashOrder, CrashReport } from './crashing.ts'
import { rootToken } from './root-token.ts'

/** A pipe is written at once: what is said before the kill is heard after it. */
function report(what: CrashReport): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

let order = JSON.parse(process.argv[3] ?? '') as CrashOrder
const held = new Set<string>()
const passes = new Map<string, number>()

const probe: Probe = async (point, job) => {
  report({ is: 'passed', job, point })
  if (order.do !== 'arm') return
  const armed = order.points.find((each) => each.job === job && each.point === point)
  if (!armed) return
  const pass = (passes.get(job) ?? 0) + 1
  passes.set(job, pass)
  if (pass !== armed.pass) return
  held.add(job)
  report({ is: 'held', job, point })
  if (order.when === 'first' || (order.when === 'all' && held.size === order.points.length)) die()
  // Held where it is until the process dies: nothing after this point ever happens.
  await new Promise(() => {})
}

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

const said = (fields: Record<string, unknown>, message: string) => {
  const text = JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? value.stack : value))
  report({ is: 'fault', message: `${message} ${text}` })
}
const log: Log = { error: said, warn() {}, info() {}, debug() {} }

const environment = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>
const settings = withSecret(
  parseSettings({ environment, file: null, cwd: environment.SLUICE_HOME ?? '/' }),
  randomIds,
)
const app = await openApp({ settings, log, probe })
const { url } = await app.listen()
report({ is: 'ready', url, token: await rootToken(app.core) })

for await (const line of createInterface({ input: process.stdin })) {
  order = JSON.parse(line) as CrashOrder
  if (order.do === 'die') die()
  held.clear()
  passes.clear()
  report({ is: 'armed' })
}
