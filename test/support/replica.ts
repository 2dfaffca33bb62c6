// The whole server as one process of several, to be killed. Argument as JSON: its environment.
import { openApp } from '../../src/app.ts'
import { randomIds } from '../../src/lib/ids.ts'
import type { Log } from '../../src/lib/log.ts'
import { silentLog } from '../../src/lib/log.ts'
import { withSecret } from '../../src/settings.file.ts'
import { parseSettings } from '../../src/settings.ts'

const say = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`)
const log: Log = {
  ...silentLog,
  error: (fields, message) => say({ is: 'fault', message: `${message} ${String(fields.error ?? '')}` }),
}
const environment = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>
const settings = withSecret(parseSettings({ environment, file: null, cwd: '/' }), randomIds)
const app = await openApp({ settings, log })
const { url } = await app.listen()
say({ is: 'ready', url })
