import type { ChatAdapter, Inbox, Vendor } from '../bot/adapters/adapter.ts'
import { VENDORS } from '../bot/adapters/adapter.ts'
import { WEB } from '../bot/adapters/web/abilities.ts'
import type { Bot } from '../bot/bot.ts'
import { PLAIN_TEXT } from '../bot/cards/abilities.ts'
import type { ChatDesk } from '../bot/chat-desk.ts'
import type { Conversation } from '../bot/conversation.ts'
import { createCarriage } from '../bot/delivery/carriage.ts'
import { takeOtherWays } from '../bot/delivery/fallback.ts'
import type { KeptPresses } from '../bot/delivery/kept-presses.ts'
import type { Outbox } from '../bot/delivery/outbox.ts'
import { createSender, type ObserveDelivery, type Sender } from '../bot/delivery/sender.ts'
import type { InboxEvents } from '../bot/inbox/event.ts'
import { createInboxes, type Inboxes } from '../bot/inbox/inbox.ts'
import type { Outside } from '../bot/outside.ts'
import type { PressSigner } from '../bot/press.ts'
import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { Seal } from '../lib/seal.ts'
import type { ChatSetup, Leases, Platform } from '../platform/platform.ts'
import { createPeople } from './people.ts'
import { type OpenSetup, type Ours, readSetup } from './setups.ts'

/** The chats that we stand in besides our own page: opened, kept running, and changed while we run. */
export interface Chats {
  /** What the bot knows of them; there before any is open. */
  outside: Outside
  /** Those that are open now. */
  open(): ReadonlyMap<Vendor, OpenChat>
  start(bot: Bot): Promise<void>
  /** Takes nothing new, lets what is under way end; what is still to be sent is sent after the next start. */
  stop(): Promise<void>
}

export interface OpenChat {
  adapter: ChatAdapter
  /** By whom it was set up; the environment wins. */
  from: 'environment' | 'page'
  /** Of what was saved; 0 for the environment's. */
  revision: number
  /** Its directory says which member an account is. */
  matchPeople: boolean
}

/** Serves and un-serves a vendor's own routes while the server runs. */
export interface WebhookBoard {
  show(adapter: ChatAdapter): void
  remove(vendor: Vendor): void
}

export interface ChatsDependencies {
  /** Set up by the environment: fixed while we run. */
  fixed: readonly OpenSetup[]
  /** Vendors whose directory says which member an account is, besides those where the page says so. */
  matchPeople: ReadonlySet<Vendor>
  ours: Ours
  platform: Pick<Platform, 'access' | 'chatSetups'>
  conversation: Conversation
  events: InboxEvents
  outbox: Outbox
  presses: KeptPresses
  signer: PressSigner
  /** For what a card shows once and is kept nowhere else. */
  seal: Seal
  leases: Leases
  openAdapter(
    setup: OpenSetup,
    parts: { inbox: Inbox; clock: Clock; log: Log; random: () => number },
  ): Promise<ChatAdapter>
  webhooks: WebhookBoard
  clock: Clock
  ids: Ids
  random: () => number
  log: Log
  observe?: ObserveDelivery
}

interface Running extends OpenChat {
  sender: Sender
}

interface Wanted {
  setup: OpenSetup
  from: OpenChat['from']
  revision: number
  matchPeople: boolean
}

/** A change made on another replica is heard; if that was lost, it is found within this time. */
const REFRESH_MS = 30_000
const FALLBACK_MS = 5_000
const FALLBACK_LEASE = 'delivery-fallback'
const FORGET_ROUNDS = 720
const FORGET_AFTER_MS = 90 * 24 * 3_600_000

export function createChats(dependencies: ChatsDependencies): Chats {
  const { platform, conversation, outbox, presses, seal, leases, clock, ids, log } = dependencies
  const running = new Map<Vendor, Running>()
  const stopping = new AbortController()
  const loops: Promise<void>[] = []
  let inboxes: Inboxes | null = null
  let refreshing: Promise<void> = Promise.resolve()
  let unhear = async () => {}
  const people = createPeople({
    access: platform.access,
    conversation,
    clock,
    log,
    open: (vendor) => running.get(vendor),
  })

  async function wantedNow(): Promise<readonly Wanted[]> {
    const fixed = dependencies.fixed.map((setup): Wanted => {
      const matchPeople = dependencies.matchPeople.has(setup.vendor)
      return { setup, from: 'environment', revision: 0, matchPeople }
    })
    const taken = new Set(fixed.map(({ setup }) => setup.vendor))
    const saved = await platform.chatSetups.list()
    return [
      ...fixed,
      ...saved.flatMap((each) => wantedOf(each)).filter(({ setup }) => !taken.has(setup.vendor)),
    ]
  }

  function wantedOf({ vendor: name, fields, revision }: ChatSetup): Wanted[] {
    const vendor = VENDORS.find((one) => one === name)
    if (!vendor) return []
    const read = readSetup(vendor, fields, dependencies.ours)
    if (read.ok) {
      const matchPeople = fields.matchPeople === 'yes' || dependencies.matchPeople.has(vendor)
      return [{ setup: read.open, from: 'page', revision, matchPeople }]
    }
    log.error(
      { vendor, fields: read.problems.map(({ field }) => field?.name) },
      'A chat cannot be opened: its setup is incomplete',
    )
    return []
  }

  /** Opens what is new, opens anew what changed, closes what is gone. One after another. */
  function refresh(): Promise<void> {
    refreshing = refreshing.then(refreshNow).catch((error: unknown) => {
      log.error({ error }, 'Chats could not be brought up to date; it is tried again')
    })
    return refreshing
  }

  async function refreshNow(): Promise<void> {
    if (stopping.signal.aborted) return
    const wanted = await wantedNow()
    for (const vendor of [...running.keys()]) {
      const now = wanted.find(({ setup }) => setup.vendor === vendor)
      const then = running.get(vendor)
      if (!now || now.from !== then?.from || now.revision !== then.revision) await close(vendor)
    }
    for (const each of wanted) if (!running.has(each.setup.vendor)) await tryToOpen(each)
  }

  /** One that cannot be opened keeps no other waiting. */
  async function tryToOpen(wanted: Wanted): Promise<void> {
    try {
      await open(wanted)
    } catch (error) {
      const { vendor } = wanted.setup
      log.error({ error, vendor }, 'A chat could not be opened; it is tried again')
    }
  }

  async function open({ setup, ...about }: Wanted): Promise<void> {
    if (!inboxes) return
    const { vendor } = setup
    const inbox = inboxes.of(vendor)
    const { random, signer } = dependencies
    const adapter = await dependencies.openAdapter(setup, { inbox, clock, log, random })
    const sender = createSender({
      ...{ adapter, outbox, conversation, presses, signer, leases, clock, random, log },
      unseal: (text) => seal.open(text),
      ...(dependencies.observe && { observe: dependencies.observe }),
    })
    running.set(vendor, { adapter, sender, ...about })
    dependencies.webhooks.show(adapter)
    if (!adapter.alone) void connect(adapter)
    sender.start()
    log.info({ vendor, from: about.from }, 'A chat is open')
  }

  async function connect(adapter: ChatAdapter): Promise<void> {
    try {
      await adapter.start()
    } catch (error) {
      log.error({ error, vendor: adapter.vendor }, 'A chat did not start')
    }
  }

  async function close(vendor: Vendor): Promise<void> {
    const one = running.get(vendor)
    if (!one) return
    running.delete(vendor)
    dependencies.webhooks.remove(vendor)
    await one.sender.stop()
    await one.adapter.stop()
    log.info({ vendor }, 'A chat is closed')
  }

  async function keepFresh(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(REFRESH_MS, stopping.signal)
      await refresh()
    }
  }

  /** What did not arrive in time takes another way. One process looks. */
  async function lookForOtherWays(): Promise<void> {
    for (let rounds = 1; !stopping.signal.aborted; rounds++) {
      try {
        if ((await leases.take(FALLBACK_LEASE, 3 * FALLBACK_MS)) !== null) {
          const { access } = platform
          const opened = () => new Set(running.keys())
          const taken = await takeOtherWays({
            ...{ outbox, conversation, access, open: opened },
            now: () => clock.now(),
            nextId: () => ids.next('dlv'),
          })
          if (taken > 0) log.warn({ taken }, 'Messages that did not arrive took another way')
          if (rounds % FORGET_ROUNDS === 0) await forgetOld()
        }
      } catch (error) {
        log.warn({ error }, 'Other ways could not be looked for')
      }
      await clock.sleep(FALLBACK_MS, stopping.signal)
    }
  }

  async function forgetOld(): Promise<void> {
    const before = clock.now() - FORGET_AFTER_MS
    await outbox.forget(before)
    await presses.forget(before)
  }

  const desk: ChatDesk = {
    publicUrl: dependencies.ours.publicUrl,
    vendors: () =>
      [...running.values()].map(({ adapter }) => ({
        vendor: adapter.vendor,
        connection: adapter.connection(),
      })),
    deliveries: (ask) => outbox.list(ask),
    depth: () => outbox.depth(clock.now()),
    retry: (id) => outbox.retry(id, clock.now()),
    people: (vendor) => running.get(vendor)?.adapter.directory ?? null,
  }

  return {
    outside: {
      abilitiesOf(name) {
        const vendor = VENDORS.find((one) => one === name)
        if (!vendor) return WEB
        return running.get(vendor)?.adapter.abilities ?? PLAIN_TEXT
      },
      carriage: createCarriage({
        ...{ access: platform.access, seal, ids },
        open: () => VENDORS.filter((vendor) => running.has(vendor)),
      }),
      presses,
      desk,
    },
    open: () => running,
    async start(bot) {
      inboxes = createInboxes({
        ...{ events: dependencies.events, bot, outbox, clock, log },
        recognise: (vendor, person, requestId) => people.recognise(vendor, person, { requestId, bot }),
        titleOf: people.titleOf,
      })
      inboxes.start()
      unhear = await platform.chatSetups.onChange(() => void refresh())
      await refresh()
      loops.push(keepFresh(), lookForOtherWays())
    },
    async stop() {
      stopping.abort()
      await unhear()
      await refreshing
      await Promise.all([...[...running.keys()].map(close), ...loops])
      await inboxes?.stop()
      await leases.giveUp(FALLBACK_LEASE).catch(() => {})
    },
  }
}
