// Vendors' chats as a process of its own, to be killed: what is in the outbox goes out, in time that goes faster.
// Argument as JSON: the database, the environment of the chats, and the clock.
import { createBot } from '../../src/bot/bot.ts'
import { prismaConversation } from '../../src/bot/conversation.prisma.ts'
import { prismaKeptPresses } from '../../src/bot/delivery/kept-presses.prisma.ts'
import { prismaOutbox } from '../../src/bot/delivery/outbox.prisma.ts'
import { prismaInboxEvents } from '../../src/bot/inbox/inbox-events.prisma.ts'
import { createPressSigner } from '../../src/bot/press.ts'
import { setupsOf } from '../../src/chats/chat-settings.ts'
import { createChats } from '../../src/chats/chats.ts'
import { openAdapter } from '../../src/chats/open-adapter.http.ts'
import { createWebhookBoard } from '../../src/chats/webhooks.http.ts'
import { openCore } from '../../src/core.ts'
import { randomIds } from '../../src/lib/ids.ts'
import { type Log, silentLog } from '../../src/lib/log.ts'
import { createSeal } from '../../src/lib/seal.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { Leases } from '../../src/platform/platform.ts'
import { openDatabase } from '../../src/platform/storage/database.prisma.ts'
import { parseSettings } from '../../src/settings.ts'
import { scaledClock } from './scaled-clock.ts'

export interface DeliveryProcessOrder {
  url: string
  home: string
  chats: Readonly<Record<string, string>>
  clock: { speed: number; from: number }
}

const SECRET = 'a secret that is long enough for tests'
const order = JSON.parse(process.argv[2] ?? '') as DeliveryProcessOrder
const clock = scaledClock(order.clock)
const log: Log = {
  ...silentLog,
  error: (fields, message) => console.log(JSON.stringify({ is: 'fault', message, fields })),
}
const environment = {
  ...order.chats,
  SLUICE_HOME: order.home,
  DATABASE_URL: order.url,
  SLUICE_SECRET: SECRET,
}
const settings = parseSettings({ environment, file: null, cwd: '/' })
const database = await openDatabase({ is: 'server', url: order.url }, log)
const core = await openCore({
  ...{ database, home: order.home, clock, ids: randomIds, log },
  ...{ random: Math.random, javaHome: null, searchPath: '' },
  ...{ watchIntervalMs: 60_000, show: async () => {}, tell: async () => 'no-way', tend: async () => {} },
  deliveries: async () => [],
  externalUrl: 'https://sluice.example.com',
  heartbeatUrl: null,
  flappingTurns: null,
  scaleManaged: async () => ({ ok: false, because: 'there is none' }),
  sealFor: (purpose) => createSeal(SECRET, purpose),
  metrics: { operationEnded() {}, polled() {}, requested() {} },
})
const conversation = prismaConversation(database)
const signer = createPressSigner(SECRET)
const ours = { publicUrl: 'https://sluice.example.com', linkKey: new Secret(SECRET) }
const chats = createChats({
  fixed: setupsOf(settings.chats.given, ours),
  matchPeople: new Set(),
  ours,
  ...{ platform: core.platform, conversation, signer, openAdapter, clock, log },
  events: prismaInboxEvents(database, {
    seal: createSeal(SECRET, 'kept events'),
    worker: randomIds.next('node'),
  }),
  outbox: prismaOutbox(database),
  presses: prismaKeptPresses(database, clock),
  seal: createSeal(SECRET, 'shown once'),
  leases: inScaledTime(core.leases),
  webhooks: createWebhookBoard(),
  ids: randomIds,
  random: Math.random,
})
await chats.start(
  createBot({
    ...{ platform: core.platform, conversation, signer, clock, ids: randomIds, log },
    publish: { card() {}, utterance() {} },
    outside: chats.outside,
  }),
)
console.log(JSON.stringify({ is: 'ready' }))

/** The database's time goes as it does. */
function inScaledTime({ take, giveUp }: Leases): Leases {
  return { take: (name, ms) => take(name, Math.ceil(ms / order.clock.speed)), giveUp }
}
