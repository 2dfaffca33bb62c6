import { type App, openApp } from '../app.ts'
import { pinoLog } from '../lib/log.pino.ts'
import type { Log } from '../lib/log.ts'
import { packageVersion } from '../package.file.ts'
import { explainClusterProblem } from '../platform/flink/cluster-problems.ts'
import { loadSettings, withSecret } from '../settings.file.ts'
import type { ReadySettings } from '../settings.ts'
import { announceServer } from './announce.file.ts'
import { type Context, EXIT, type Exit, type Language, Refusal } from './cli.ts'
import type { GivenTo } from './commands.ts'
import { whyNotListen } from './listening.http.ts'
import { firstAdminCode, LINK_MINUTES, signInAddress } from './local-member.ts'
import { routesAtStart } from './route.cli.ts'
import { findServer } from './server-client.http.ts'
import { localClusters } from './tools.cli.ts'

/** Under ten seconds, which is what service managers give before they kill. */
const STOP_WITHIN_MS = 8_000

export async function start(given: GivenTo<'start'>, context: Context): Promise<Exit> {
  const settings = withSecret(loadSettings(withOptions(given, context)), context.ids)
  const running = await findServer(settings.home, context.language)
  if (running) throw new Refusal(EXIT.server, WORDS[context.language].running(running.file))

  await demandPort(settings, context.language)

  const routes =
    settings.alertRoutes === null ? null : await routesAtStart(settings.alertRoutes, context.language)
  const log = pinoLog(settings.logLevel)
  const ending = endingOf(log)
  const app = await openApp({ settings, log, scaleManaged: scalerFor(settings, { context, log }) })
  try {
    if (routes !== null) await app.core.routeBy(routes)
    await serve(app, { settings, context, log, ending })
  } finally {
    await app.stop(STOP_WITHIN_MS)
    ending.forget()
  }
  return ending.exit()
}

/** An option stands for its environment variable, so that both are checked alike. */
function withOptions(given: GivenTo<'start'>, { environment, cwd }: Context) {
  const host = given.text('host')
  const port = given.text('port')
  return { cwd, environment: { ...environment, ...(host && { HOST: host }), ...(port && { PORT: port }) } }
}

interface Serving {
  settings: ReadySettings
  context: Context
  log: Log
  ending: Ending
}

async function serve(app: App, { settings, context, log, ending }: Serving): Promise<void> {
  const { access } = app.core
  const { clock, ids, language } = context
  const { url, port } = await app.listen().catch((error: unknown) => {
    throw listenRefusal(error, settings, language) ?? error
  })
  const { home } = settings
  const announcement = await announceServer({
    access,
    home,
    url: nearUrl(settings.host, port),
    clock,
    ids,
    log,
  })
  try {
    await demandChat(app, { settings, context })
    const code = await firstAdminCode(access, { ids, language: settings.language })
    context.out(WORDS[language].listening(url, code && signInAddress(url, code)))
    await ending.asked
  } finally {
    await announcement.stop()
  }
}

/** A new installation has a chat to begin in, open to everybody who signs in. */
async function demandChat(
  { bot, conversation }: App,
  { settings, context }: Pick<Serving, 'settings' | 'context'>,
): Promise<void> {
  if ((await conversation.chats()).length > 0) return
  const { language } = settings
  const chat = { id: 'web:ops', vendor: 'web', title: WORDS[language].chat } as const
  await bot.openChat(chat, { language, teamId: null })
  context.err(WORDS[context.language].chatMade)
}

/** PUBLIC_URL may lead through a proxy that this machine cannot reach. */
export function nearUrl(host: string, port: number): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`
  if (host === '::' || host === '[::]') return `http://[::1]:${port}`
  const bare = host.replace(/^\[|\]$/g, '')
  return `http://${bare.includes(':') ? `[${bare}]` : bare}:${port}`
}

/** Asked before the database is opened, which takes seconds; listening itself asks again. */
async function demandPort(settings: ReadySettings, language: Language): Promise<void> {
  const error = await whyNotListen(settings)
  if (error !== null) throw listenRefusal(error, settings, language) ?? error
}

function listenRefusal(error: unknown, { host, port }: ReadySettings, language: Language): Refusal | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'EADDRINUSE') return new Refusal(EXIT.notDone, WORDS[language].taken(port))
  if (code === 'EACCES') return new Refusal(EXIT.notDone, WORDS[language].forbidden(port))
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new Refusal(EXIT.notDone, WORDS[language].notOurs(host))
  }
  return null
}

function scalerFor(settings: ReadySettings, { context, log }: { context: Context; log: Log }) {
  // The reader of this sentence sits in a chat, whose language only the settings tell.
  const { language } = settings
  return async (name: string, taskManagers: number) => {
    const scaled = await localClusters(settings, { context, log }).scale(name, taskManagers)
    return scaled.ok
      ? { ok: true as const }
      : { ok: false as const, because: explainClusterProblem(scaled.problem, language) }
  }
}

interface Ending {
  /** Resolves at the first signal, or when something broke that nobody caught. */
  asked: Promise<void>
  exit(): Exit
  forget(): void
}

/** A second signal does not wait: whoever sends it knows that work in hand goes on at the next start. */
function endingOf(log: Log): Ending {
  let exit: Exit = EXIT.done
  let signals = 0
  const { promise: asked, resolve: ask } = promised()

  function onSignal(signal: NodeJS.Signals): void {
    signals += 1
    if (signals > 1) process.exit(EXIT.notDone)
    log.info({ signal }, 'Stopping')
    ask()
  }
  function onBroken(error: unknown): void {
    log.error({ error }, 'Something broke that nobody caught; stopping')
    // What is broken may also not stop.
    if (exit === EXIT.notDone) process.exit(EXIT.notDone)
    exit = EXIT.notDone
    setTimeout(() => process.exit(EXIT.notDone), STOP_WITHIN_MS + 1_000).unref()
    ask()
  }

  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  process.on('uncaughtException', onBroken).on('unhandledRejection', onBroken)
  return {
    asked,
    exit: () => exit,
    forget() {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
      process.off('uncaughtException', onBroken).off('unhandledRejection', onBroken)
    },
  }
}

function promised(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

const WORDS = {
  zh: {
    chat: '运维',
    chatMade: '已创建聊天 ops。',
    listening: (url: string, link: string | null) =>
      link === null
        ? `Sluice ${packageVersion()} 已启动：${url}（打开页面，或 sluice say "/help"；Ctrl-C 停止）`
        : `Sluice ${packageVersion()} 已启动。首次登录请打开（只能用一次，${LINK_MINUTES} 分钟内有效）：${link}`,
    running: ({ url, pid }: { url: string; pid: number }) => `Sluice 已在运行：${url}（进程 ${pid}）。`,
    taken: (port: number) => `端口 ${port} 已被其他程序占用。请用 --port 或 PORT 换一个。`,
    forbidden: (port: number) => `当前用户不能监听端口 ${port}。请换一个 1024 以上的端口。`,
    notOurs: (host: string) => `${host} 不是本机的地址，请检查 HOST。`,
  },
  en: {
    chat: 'Operations',
    chatMade: 'There is a chat now: ops.',
    listening: (url: string, link: string | null) =>
      link === null
        ? `Sluice ${packageVersion()} listens on ${url} (open it, or: sluice say "/help"; Ctrl-C stops it)`
        : `Sluice ${packageVersion()} runs. Open this to sign in for the first time (once, within ${LINK_MINUTES} min): ${link}`,
    running: ({ url, pid }: { url: string; pid: number }) =>
      `Sluice is running already: ${url} (process ${pid}).`,
    taken: (port: number) => `Port ${port} is taken by another program. Choose another with --port or PORT.`,
    forbidden: (port: number) => `This user may not listen on port ${port}. Choose one from 1024 on.`,
    notOurs: (host: string) => `${host} is not an address of this machine. Look at HOST.`,
  },
} as const satisfies Record<Language, object>
