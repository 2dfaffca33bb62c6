import { createIdempotencyStore } from './api/idempotency-store.prisma.ts'
import { createLiveFeed, joinLiveFeeds } from './api/live-feed.ts'
import { databaseWire, lookInDatabase } from './api/live-wire.prisma.ts'
import type { About, DemoPort, LiveFeed } from './api/ports.ts'
import { type Bot, createBot } from './bot/bot.ts'
import type { ShownCard } from './bot/cards/card.ts'
import { shownCard } from './bot/cards/shown.ts'
import type { Command } from './bot/commands/command.ts'
import { COMMANDS } from './bot/commands/registry.ts'
import { prismaConversation } from './bot/conversation.prisma.ts'
import type { Conversation } from './bot/conversation.ts'
import { prismaKeptPresses } from './bot/delivery/kept-presses.prisma.ts'
import { prismaOutbox } from './bot/delivery/outbox.prisma.ts'
import type { Outbox } from './bot/delivery/outbox.ts'
import type { InboxEvents } from './bot/inbox/event.ts'
import { prismaInboxEvents } from './bot/inbox/inbox-events.prisma.ts'
import { openPictures } from './bot/pictures/pictures.file.ts'
import { createPressSigner } from './bot/press.ts'
import { prismaStorms } from './bot/storms/storm-store.prisma.ts'
import { setupsOf } from './chats/chat-settings.ts'
import { type Chats, createChats } from './chats/chats.ts'
import { openAdapter } from './chats/open-adapter.http.ts'
import { createSetupDesk } from './chats/setup-desk.ts'
import type { Ours } from './chats/setups.ts'
import { createWebhookBoard } from './chats/webhooks.http.ts'
import { type Core, type CoreMetrics, openCore } from './core.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import { type Ids, randomIds } from './lib/ids.ts'
import type { Log } from './lib/log.ts'
import { createSeal, keyFor } from './lib/seal.ts'
import { Secret } from './lib/secret.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { packageVersion, webDirectory } from './package.file.ts'
import type { Probe } from './platform/jobs/probe.ts'
import type { Deadlines } from './platform/jobs/run.ts'
import { type Database, openDatabase } from './platform/storage/database.prisma.ts'
import { migrate } from './platform/storage/migrate.prisma.ts'
import type { WatchRules } from './platform/watching/reducer.ts'
import { createServer, type Server } from './server.http.ts'
import type { ReadySettings } from './settings.ts'

export interface AppOptions {
  settings: ReadySettings
  log: Log
  clock?: Clock
  ids?: Ids
  /** Starts TaskManagers of a local cluster that Sluice owns. */
  scaleManaged?: (
    clusterName: string,
    taskManagers: number,
  ) => Promise<{ ok: true } | { ok: false; because: string }>
  /** Only in the demo: one visitor plays all members. */
  demo?: (core: Core) => DemoPort
  /** Commands besides the usual ones. */
  moreCommands?: (core: Core) => readonly Command[]
  sandbox?: boolean
  /** Only tests hand these in. */
  probe?: Probe
  deadlines?: Deadlines
  watchRules?: WatchRules
}

/** The whole server: built here, once, and nowhere else. */
export interface App {
  core: Core
  /** For tests and benches, which count what is written. */
  database: Database
  bot: Bot
  chats: Chats
  conversation: Conversation
  live: LiveFeed
  metrics: Metrics
  listen(): Promise<{ url: string; port: number }>
  /** Lets what runs finish, or hands it back, within the deadline. */
  stop(deadlineMs?: number): Promise<void>
}

const STOP_WITHIN_MS = 8_000

export async function openApp(options: AppOptions): Promise<App> {
  const { settings, log, clock = systemClock, ids = randomIds } = options
  const database = await openDatabase(placeOf(settings), log)
  try {
    await migrate(database, log)
    return await buildApp({ ...options, clock, ids }, database)
  } catch (error) {
    await database.close()
    throw error
  }
}

function placeOf({ database }: ReadySettings): Parameters<typeof openDatabase>[0] {
  return database.is === 'embedded' ? database : { is: 'server', url: database.url.reveal() }
}

type Complete = AppOptions & { clock: Clock; ids: Ids }

async function buildApp(options: Complete, database: Database): Promise<App> {
  const { settings, log, clock, ids } = options
  const metrics = createMetrics()
  const signer = createPressSigner(settings.secret.reveal())
  const conversation = prismaConversation(database)
  const outbox = prismaOutbox(database)
  const local = createLiveFeed(log)

  // The core draws cards through the bot, and the bot asks the core: the one knot, tied here.
  let bot: Bot | null = null
  const core = await openCore({
    database,
    home: settings.home,
    clock,
    ids,
    log,
    random: Math.random,
    watchIntervalMs: settings.watchIntervalMs,
    javaHome: settings.javaHome,
    searchPath: settings.searchPath,
    show: async (subject) => bot?.follow(subject),
    tell: async (notice) => bot?.tell(notice) ?? 'no-way',
    tend: async () => bot?.tend(),
    deliveries: () => outbox.depth(clock.now()),
    heartbeatUrl: settings.heartbeatUrl,
    flappingTurns: settings.flappingTurns,
    externalUrl: settings.publicUrl ?? `http://localhost:${settings.port}`,
    scaleManaged:
      options.scaleManaged ?? (async () => ({ ok: false, because: 'not a cluster of this server' })),
    sealFor: (purpose) => createSeal(settings.secret.reveal(), purpose),
    metrics: coreMetrics(metrics, clock),
    ...(options.probe && { probe: options.probe }),
    ...(options.deadlines && { deadlines: options.deadlines }),
    ...(options.watchRules && { watchRules: options.watchRules }),
  })

  const look = lookInDatabase({
    conversation,
    jobs: core.platform.jobs,
    shown: (card) => shownCard(card, signer),
  })
  const node = ids.next('node')
  const webhooks = createWebhookBoard()
  const ours = oursOf(settings)
  const events = prismaInboxEvents(database, {
    seal: createSeal(settings.secret.reveal(), 'kept events'),
    worker: node,
  })
  const parts = { database, conversation, core, signer, webhooks, metrics, ours, outbox, events }
  const chats = openChats(options, parts)
  const joined =
    database.kind === 'server'
      ? await joinLiveFeeds(local, { wire: databaseWire(database), look, node, log })
      : { feed: local, stop: async () => {} }
  const live = joined.feed
  bot = createBot({
    platform: core.platform,
    conversation,
    signer,
    clock,
    ids,
    log,
    publish: {
      card: (card: ShownCard) => live.publish({ is: 'card', card }),
      utterance: (utterance) => live.publish({ is: 'utterance', utterance }),
    },
    outside: chats.outside,
    storms: prismaStorms(database),
    pictures: openPictures(),
    commands: [...COMMANDS, ...(options.moreCommands?.(core) ?? [])],
    observe: {
      command: (command, outcome, ms) => metrics.commandAnswered({ command, outcome, seconds: ms / 1000 }),
      press: (kind, outcome, ms) =>
        metrics.commandAnswered({ command: `tap ${kind}`, outcome, seconds: ms / 1000 }),
    },
  })
  const setups = createSetupDesk({
    ...{ ours, chats, bot, conversation, outbox, events, openAdapter, clock, ids, log },
    ...settings.chats,
    platform: core.platform,
    random: Math.random,
  })
  const stopHints = hintAboutJobs(core, live, log)
  metrics.queueFrom(() => core.queue.depth())
  metrics.chatsFrom({ depth: () => chats.outside.desk.depth(), vendors: () => chats.outside.desk.vendors() })

  const about: About = { version: packageVersion(), sandbox: options.sandbox ?? false }
  const server = createServer({
    webhooks: webhooks.handle,
    platform: core.platform,
    bot,
    conversation,
    setups,
    live,
    idempotency: createIdempotencyStore(database.prisma),
    readiness: {
      database: async () => void (await database.sql('SELECT 1')),
      queue: async () => void (await core.queue.depth()),
    },
    settings,
    about,
    metrics,
    log,
    clock,
    ids,
    webDirectory: webDirectory(),
    ...(options.demo && { demo: options.demo(core) }),
  })
  return {
    core,
    database,
    bot,
    chats,
    conversation,
    live,
    metrics,
    ...lifeOf({ core, bot, chats, server, database, log, clock }, [stopHints, joined.stop]),
  }
}

interface ChatParts {
  database: Database
  conversation: Conversation
  core: Core
  signer: ReturnType<typeof createPressSigner>
  webhooks: ReturnType<typeof createWebhookBoard>
  metrics: Metrics
  ours: Ours
  outbox: Outbox
  events: InboxEvents
}

/** What vendors may be told about us. */
function oursOf({ secret, publicUrl }: ReadySettings): Ours {
  return { publicUrl, linkKey: new Secret(keyFor(secret.reveal(), 'links in mails').toString('base64')) }
}

function openChats(
  { settings, clock, ids, log }: Complete,
  { database, conversation, core, signer, webhooks, metrics, ours, outbox, events }: ChatParts,
): Chats {
  const secret = settings.secret.reveal()
  return createChats({
    fixed: setupsOf(settings.chats.given, ours),
    matchPeople: settings.chats.matchPeople,
    ours,
    platform: core.platform,
    conversation,
    events,
    outbox,
    presses: prismaKeptPresses(database, clock),
    signer,
    seal: createSeal(secret, 'shown once'),
    leases: core.leases,
    openAdapter,
    webhooks,
    clock,
    ids,
    random: Math.random,
    log,
    observe: {
      called: (vendor, result, code, ms) =>
        metrics.chatCalled({ vendor, result, code: code ?? '', seconds: ms / 1000 }),
      arrived: (vendor, urgent, ms) => metrics.delivered({ vendor, urgent, seconds: ms / 1000 }),
    },
  })
}

/** For what must not hold up the stop. */
async function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  const done = new AbortController()
  await Promise.race([work.finally(() => done.abort()), clock.sleep(ms, done.signal)])
}

function coreMetrics(metrics: Metrics, clock: Clock): CoreMetrics {
  return {
    operationEnded({ order, createdAt }, outcome) {
      const told = outcome === null ? 'none' : outcome.is === 'not-done' ? outcome.why : outcome.is
      metrics.operationEnded({ verb: order.verb, outcome: told, seconds: (clock.now() - createdAt) / 1000 })
    },
    polled: (cluster, ms, reached) => metrics.clusterPolled({ cluster, reached, seconds: ms / 1000 }),
    requested: (cluster) => metrics.clusterRequested({ cluster }),
  }
}

/** Pages that show jobs are told when one changed. */
function hintAboutJobs(core: Core, live: LiveFeed, log: Log): () => Promise<void> {
  const stop = core.stores.onNews((news) => {
    if (news.of !== 'job') return
    core.stores.read.jobs
      .byId(news.jobId)
      .then((job) => job && live.publish({ is: 'job', job }))
      .catch((error: unknown) => log.warn({ error }, 'A change of a job could not be told to the pages'))
  })
  return async () => stop()
}

interface Living {
  core: Core
  bot: Bot
  chats: Chats
  server: Server
  database: Database
  log: Log
  clock: Clock
}

function lifeOf(
  { core, bot, chats, server, database, log, clock }: Living,
  alsoStop: readonly (() => Promise<void>)[],
): Pick<App, 'listen' | 'stop'> {
  let stopping: Promise<void> | null = null
  async function stopAll(deadlineMs: number): Promise<void> {
    const until = clock.now() + deadlineMs
    await server.close(Math.min(3_000, deadlineMs))
    await within(clock, Math.max(0, until - clock.now()) / 2, chats.stop())
    await core.stop(Math.max(0, until - clock.now()))
    for (const stop of alsoStop) await stop()
    await database.close()
    log.info({}, 'Stopped; what was not finished goes on at the next start')
  }
  return {
    async listen() {
      const at = await server.listen()
      await core.start()
      await chats.start(bot)
      return at
    },
    stop: (deadlineMs = STOP_WITHIN_MS) => {
      stopping ??= stopAll(deadlineMs)
      return stopping
    },
  }
}
