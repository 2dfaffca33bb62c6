import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface FakeFlinkOptions {
  /** The TaskManager's process ends at once, leaving a word in its .out file. */
  readonly taskManagerDies?: boolean
  /** The JobManager answers 503 for ever, as in a leader election that does not end. */
  readonly neverReady?: boolean
  /** The processes do not end on SIGTERM. */
  readonly stubborn?: boolean
  /** The JobManager's script says this and exits with 1. */
  readonly refusal?: string
}

/**
 * A Flink home without Flink: its scripts start processes of Node that look like Flink's (main class and conf dir in
 * the command line) and answer on the REST port of the config.
 */
export async function fakeFlinkHome(home: string, options: FakeFlinkOptions = {}): Promise<string> {
  await put(join(home, 'lib/flink-dist-1.20.3.jar'), '')
  await put(join(home, 'conf/config.yaml'), '')
  for (const name of ['flink', 'config.sh', 'flink-daemon.sh'])
    await put(join(home, 'bin', name), '#!/bin/sh\n')
  await put(join(home, 'process.cjs'), PROCESS)
  await put(join(home, 'options.json'), JSON.stringify(options))
  await put(join(home, 'bin/jobmanager.sh'), script('jobmanager', options.refusal))
  await put(join(home, 'bin/taskmanager.sh'), script('taskmanager'))
  return home
}

/** A Java home that is believed to be 17. */
export async function fakeJavaHome(home: string): Promise<string> {
  await put(join(home, 'bin/java'), '#!/bin/sh\n')
  await put(join(home, 'release'), 'JAVA_VERSION="17.0.1"\n')
  return home
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  await chmod(path, 0o755)
}

const MAIN = {
  jobmanager: 'org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint',
  taskmanager: 'org.apache.flink.runtime.taskexecutor.TaskManagerRunner',
} as const

function script(role: keyof typeof MAIN, refusal?: string): string {
  if (refusal !== undefined) return `#!/bin/sh\necho '${refusal}' >&2\nexit 1\n`
  return `#!${process.execPath}
const { spawn } = require('node:child_process')
const { openSync } = require('node:fs')
const { join, dirname } = require('node:path')
const home = dirname(dirname(process.argv[1]))
const log = openSync(join(process.env.FLINK_LOG_DIR, '${role}-' + process.pid + '.out'), 'w')
spawn(process.execPath, [join(home, 'process.cjs'), '${MAIN[role]}', '--configDir', process.env.FLINK_CONF_DIR], {
  detached: true,
  stdio: ['ignore', log, log],
}).unref()
`
}

// The JobManager knows its TaskManagers by the files that they leave beside the config.
const PROCESS = `
const { createServer } = require('node:http')
const { readFileSync, readdirSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const options = JSON.parse(readFileSync(join(__dirname, 'options.json'), 'utf8'))
const conf = process.argv[4]
const setting = (key) => new RegExp('^' + key + ': (.*)$', 'm').exec(readFileSync(join(conf, 'config.yaml'), 'utf8'))[1]
if (options.stubborn) process.on('SIGTERM', () => {})
if (process.argv[2].endsWith('TaskManagerRunner')) {
  if (options.taskManagerDies) {
    console.log('Error: no room for the heap')
    process.exit(1)
  }
  writeFileSync(join(conf, 'tm-' + process.pid), '')
  setInterval(() => {}, 1000)
} else {
  createServer((request, response) => {
    const slots = Number(setting('taskmanager.numberOfTaskSlots'))
    const known = readdirSync(conf).filter((name) => name.startsWith('tm-'))
    const total = known.length * slots
    const overview = { taskmanagers: known.length, 'slots-total': total, 'slots-available': total }
    const taskmanagers = known.map((id) => ({ id, slotsNumber: slots }))
    response.writeHead(options.neverReady ? 503 : 200)
    response.end(JSON.stringify(request.url === '/overview' ? overview : { taskmanagers }))
  }).listen(Number(setting('rest.port')), '127.0.0.1')
}
`
