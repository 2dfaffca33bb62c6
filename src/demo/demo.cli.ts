import { readFileSync } from 'node:fs'
import type { DemoPort } from '../api/ports.ts'
import { openApp } from '../app.ts'
import type { Core } from '../core.ts'
import { randomIds } from '../lib/ids.ts'
import { pinoLog } from '../lib/log.pino.ts'
import type { InstallProgress } from '../platform/flink/flink-install.http.ts'
import { loadSettings, withSecret } from '../settings.file.ts'
import type { Environment, Settings } from '../settings.ts'
import { breakCommand } from './break-command.ts'
import {
  type DemoCluster,
  DemoProblem,
  openRealCluster,
  openSandbox,
  placeBreakFile,
  removeBreakFile,
} from './demo-cluster.cli.ts'
import { DEMO_CHAT, DEMO_JOBS, DEMO_MEMBERS, DEMO_TEAM, seedDemo, startDemoJobs } from './seed.ts'
import { runTour } from './tour.http.ts'
import { DEMO_WORDS } from './words.ts'

export interface DemoOptions {
  environment: Environment
  cwd: string
  /** Speaks to itself, checks what comes of it, and ends. */
  tour: boolean
  /** A simulated cluster, for machines without Java. */
  sandbox: boolean
  /** An official Flink archive to install from. */
  from: string | null
  port: number | null
}

/** How many ports after the wanted one are tried when it is taken. */
const PORTS_TRIED = 20
const SIGN_IN_MINUTES = 12 * 60

/** Runs the demo; resolves with the exit code when it has stopped everything that it started. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const settings = demoSettings(options)
  const words = DEMO_WORDS[settings.language]
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  try {
    const cluster = await openCluster(options, settings, say)
    try {
      return await withServer(options, { settings, cluster, say })
    } finally {
      say(words.stopping)
      await cluster.stop()
      say(words.stopped)
    }
  } catch (error) {
    if (!(error instanceof DemoProblem)) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  }
}

/** The demo has its own corner, so that it never meets a server that somebody runs for real. */
function demoSettings({ environment, cwd, port, tour, sandbox }: DemoOptions): Settings {
  const settings = loadSettings({ environment, cwd })
  const corner = `${settings.home}/${sandbox ? 'sandbox-demo' : 'demo'}${tour ? '-tour' : ''}`
  return {
    ...settings,
    port: port ?? settings.port,
    database: { is: 'embedded', directory: `${corner}/database` },
    watchIntervalMs: Math.min(settings.watchIntervalMs, 2_000),
    publicUrl: null,
  }
}

function openCluster(
  options: DemoOptions,
  settings: Settings,
  say: (line: string) => void,
): Promise<DemoCluster> {
  const { language } = settings
  const log = pinoLog('warn')
  const { environment, from: tarball } = options
  const request = { settings, environment, log, language, tarball, say, progress: showProgress(language) }
  return options.sandbox ? openSandbox(request) : openRealCluster(request)
}

interface Running {
  settings: Settings
  cluster: DemoCluster
  say(line: string): void
}

async function withServer(options: DemoOptions, { settings, cluster, say }: Running): Promise<number> {
  const { language, home } = settings
  const words = DEMO_WORDS[language]
  if (options.tour) await removeBreakFile(home)
  const { app, url } = await listenSomewhere(options, { settings, cluster, say })
  try {
    const exampleJar = readFileSync(new URL('../../examples/counter-job.jar', import.meta.url))
    await seedDemo({ core: app.core, cluster, home, language, exampleJar: new Uint8Array(exampleJar) })
    const team = await app.core.stores.read.teams.byName(DEMO_TEAM)
    await app.bot.openChat(
      { id: DEMO_CHAT, vendor: 'web', title: words.chat },
      { language, teamId: team?.id ?? null },
    )
    if (options.tour)
      return await runTour({
        url,
        language,
        flink: cluster.address,
        demo: demoPort(app.core, language),
        say,
        breakFragile: () => breakFragile(app.core, home),
      })
    await startDemoJobs(app.core)
    const link = await app.core.platform.access.signInLink(DEMO_MEMBERS[0].name, SIGN_IN_MINUTES)
    if (!link.ok) throw new Error('The first member of the demo is not there.')
    say(words.ready(`${url}/sign-in?code=${link.value.code}`, cluster))
    await interrupted()
    return 0
  } finally {
    await app.stop()
  }
}

/** A taken port is common on a developer's machine: the next free one is used, and said. */
async function listenSomewhere(options: DemoOptions, { settings, cluster, say }: Running) {
  const words = DEMO_WORDS[settings.language]
  const { home } = settings
  const wanted = settings.port
  const ready = withSecret(settings, randomIds)
  for (let port = wanted; ; port++) {
    const app = await openApp({
      settings: { ...ready, port, publicUrl: addressInMails(settings, port) },
      log: pinoLog(options.tour ? 'error' : 'warn'),
      sandbox: cluster.sandbox,
      scaleManaged: (_name, taskManagers) => cluster.scale(taskManagers),
      demo: (core) => demoPort(core, settings.language),
      moreCommands: (core) => [breakCommand(() => breakFragile(core, home))],
    })
    try {
      const { url } = await app.listen()
      if (port !== wanted) say(words.otherPort(wanted, port))
      return { app, url }
    } catch (error) {
      await app.stop(0)
      if (!isTaken(error)) throw error
      if (port - wanted >= PORTS_TRIED) throw new DemoProblem(words.noPort(wanted, port))
    }
  }
}

/** Links in mails need one; without chats nobody is told where we are. */
function addressInMails({ host, chats }: Settings, port: number): string | null {
  return chats.given.length > 0 ? `http://${host}:${port}` : null
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

function demoPort(core: Core, language: 'zh' | 'en'): DemoPort {
  return {
    members: async () =>
      DEMO_MEMBERS.map(({ name, role, roleZh, ...names }) => ({
        name,
        displayName: names[language],
        role: language === 'zh' ? roleZh : role,
      })),
    async signInAs(name) {
      if (!DEMO_MEMBERS.some((member) => member.name === name)) return null
      const link = await core.platform.access.signInLink(name, 1)
      if (!link.ok) return null
      const signedIn = await core.platform.access.signInByCode(link.value.code, 'demo')
      return signedIn.ok ? signedIn.value : null
    },
  }
}

/** Tells the fragile job to break, and takes the word back once it did, so that a restart finds a healthy world. */
async function breakFragile(core: Core, home: string): Promise<void> {
  await placeBreakFile(home)
  const stop = core.stores.onNews((news) => {
    if (news.of !== 'job') return
    void core.platform.jobs.find(DEMO_JOBS.fragile).then(async (found) => {
      if (!found.ok || found.value.state.is !== 'failed') return
      stop()
      await removeBreakFile(home)
    })
  })
}

/** A stop that hangs, say because the disk is gone, must not keep a terminal for ever. */
const STOP_WITHIN_MS = 30_000

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref()
      resolve()
    }
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
  })
}

const STEP_PERCENT = 10

function showProgress(language: 'zh' | 'en'): (progress: InstallProgress) => void {
  const words = DEMO_WORDS[language]
  let last = ''
  return (progress) => {
    const line = words.installing(progress, STEP_PERCENT)
    if (line === null || line === last) return
    last = line
    process.stdout.write(`${line}\n`)
  }
}
