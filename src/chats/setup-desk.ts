import type {
  AdapterParts,
  ChatAdapter,
  Connection,
  Finding,
  SetupGuide,
  Vendor,
} from '../bot/adapters/adapter.ts'
import { VENDORS } from '../bot/adapters/adapter.ts'
import type { Bot } from '../bot/bot.ts'
import { testOf } from '../bot/cards/test-card.ts'
import type { Conversation, Tap } from '../bot/conversation.ts'
import type { Delivery } from '../bot/delivery/delivery.ts'
import type { Outbox } from '../bot/delivery/outbox.ts'
import type { InboxEvents } from '../bot/inbox/event.ts'
import type { Clock, Instant } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { ChatSetup, Done, Member, Permit, Platform } from '../platform/platform.ts'
import type { GivenChat } from './chat-settings.ts'
import type { Chats, OpenChat } from './chats.ts'
import { checkOnce, inTime } from './check-once.ts'
import { withHeard } from './setup-findings.ts'
import { type FieldProblem, GUIDES, type OpenSetup, type Ours, readSetup } from './setups.ts'

/** Where an admin sets vendors' chats up, looks whether they work, and tries them with a card. */
export interface SetupDesk {
  list(): Promise<readonly SetupView[]>
  of(vendor: Vendor): Promise<SetupView>
  save(
    permit: Permit<'chat:manage'>,
    entered: { vendor: Vendor; fields: Entered; matchPeople: boolean },
  ): Promise<Done<SetupView, SaveRefusal>>
  remove(permit: Permit<'chat:manage'>, vendor: Vendor): Promise<Done<SetupView, RemoveRefusal>>
  /** Looks live and tells nobody. `fields`: as entered and not saved yet; they are tried and forgotten. */
  check(vendor: Vendor, fields: Entered | null): Promise<Done<readonly Finding[], CheckRefusal>>
  /** A card to the member's own account there, by the way that every card goes. */
  test(vendor: Vendor, member: Member): Promise<Done<ChatTest, TestRefusal>>
  /** Null: there is no such test of this member's. */
  testOf(vendor: Vendor, test: string, member: Member): Promise<ChatTest | null>
}

/** By the names of the guide. A secret that is '' stays as it is; null or any other '' is taken away. */
export type Entered = Readonly<Record<string, string | null>>

export type SaveRefusal = { of: 'wrong'; problems: readonly FieldProblem[] } | { of: 'set-by-environment' }
export type RemoveRefusal = { of: 'set-by-environment' | 'not-set-up' }
export type CheckRefusal = SaveRefusal | { of: 'not-set-up' | 'busy' }
export type TestRefusal = { of: 'not-open' | 'not-linked' }

export interface SetupView {
  vendor: Vendor
  guide: SetupGuide
  /** Who set it up; null: nobody yet. */
  from: OpenChat['from'] | null
  /** Secrets are never among them. */
  values: Readonly<Record<string, string>>
  /** Names of fields that hold something, secrets among them. */
  filled: readonly string[]
  matchPeople: boolean
  /** Null: not open here. */
  connection: Connection | null
  revision: number | null
  updatedBy: string | null
  updatedAt: Instant | null
  publicUrl: string | null
  /** Where the vendor calls us, if it is told to; null: it never does. `url` null: PUBLIC_URL is not set. */
  callback: { path: string; url: string | null } | null
}

/** What became of a test card. */
export interface ChatTest {
  id: string
  sentAt: Instant
  delivery: {
    is: 'on-its-way' | 'arrived' | 'refused'
    tries: number
    /** In the vendor's words, the last time that it was not taken. */
    said: { code: string; message: string } | null
    at: Instant | null
  }
  /** There is no button where a chat shows none. */
  hasButton: boolean
  pressed: { by: string; at: Instant } | null
  /** The card shows there that it was pressed. */
  changed: boolean
}

export interface SetupDeskDependencies {
  given: readonly GivenChat[]
  matchPeople: ReadonlySet<Vendor>
  ours: Ours
  platform: { access: Pick<Platform['access'], 'reachOf'>; chatSetups: Platform['chatSetups'] }
  chats: Pick<Chats, 'open' | 'outside'>
  bot: Pick<Bot, 'test'>
  conversation: Pick<Conversation, 'card' | 'tapOf'>
  outbox: Pick<Outbox, 'ofCard'>
  events: Pick<InboxEvents, 'last'>
  openAdapter(setup: OpenSetup, parts: Omit<AdapterParts<unknown>, 'setup'>): Promise<ChatAdapter>
  clock: Clock
  ids: Ids
  random: () => number
  log: Log
}

/** Until what was just saved is open, and its connection stands or does not. */
const OPENING_MS = 4_000
const LOOK_AGAIN_MS = 50
const MOST_AT_ONCE = 3

export function createSetupDesk(dependencies: SetupDeskDependencies): SetupDesk {
  const { platform, chats, bot, conversation, outbox, events, ours, clock, ids, log } = dependencies
  let tried = 0

  async function savedOf(vendor: Vendor): Promise<ChatSetup | null> {
    return (await platform.chatSetups.list()).find((one) => one.vendor === vendor) ?? null
  }

  function givenOf(vendor: Vendor): GivenChat | null {
    return dependencies.given.find((one) => one.vendor === vendor) ?? null
  }

  function viewOf(vendor: Vendor, saved: ChatSetup | null): SetupView {
    const given = givenOf(vendor)
    const fields = given ? revealed(given) : (saved?.fields ?? {})
    const { fields: known } = GUIDES[vendor]
    const filled = known.filter(({ name }) => fields[name])
    const entries = filled.filter(({ secret }) => !secret).map(({ name }) => [name, fields[name] ?? ''])
    const page = given ? null : saved
    return {
      vendor,
      guide: GUIDES[vendor],
      from: given ? 'environment' : saved ? 'page' : null,
      values: Object.fromEntries(entries),
      filled: filled.map(({ name }) => name),
      matchPeople: fields[MATCH] === 'yes' || dependencies.matchPeople.has(vendor),
      connection: chats.open().get(vendor)?.adapter.connection() ?? null,
      revision: page?.revision ?? null,
      updatedBy: page?.updatedBy ?? null,
      updatedAt: page?.updatedAt ?? null,
      publicUrl: ours.publicUrl,
      callback: CALLING.has(vendor) ? callbackOf(vendor, ours) : null,
    }
  }

  // --- what is looked at ------------------------------------------------------------------------------------------

  async function checkOpen(vendor: Vendor, revision: number): Promise<readonly Finding[] | null> {
    const open = await opened(vendor, revision)
    if (!open) return null
    const [own, last] = await Promise.all([open.adapter.check(), events.last(vendor)])
    return withHeard(own, open.adapter, { last, now: clock.now() })
  }

  /** As soon as what was saved last is open, and knows whether it connects. */
  async function opened(vendor: Vendor, revision: number): Promise<OpenChat | null> {
    const until = clock.now() + OPENING_MS
    for (;;) {
      const open = chats.open().get(vendor)
      const isThere = open !== undefined && open.revision >= revision
      if (isThere && isSettled(open)) return open
      if (clock.now() >= until) return isThere ? open : null
      await clock.sleep(LOOK_AGAIN_MS)
    }
  }

  async function checkEntered(setup: OpenSetup): Promise<Done<readonly Finding[], CheckRefusal>> {
    if (tried >= MOST_AT_ONCE) return { ok: false, why: { of: 'busy' } }
    tried++
    const { openAdapter, random } = dependencies
    const look = checkOnce(setup, { openAdapter, clock, log, random }).finally(() => tried--)
    return { ok: true, value: await inTime(clock, look) }
  }

  async function checkSaved(vendor: Vendor): Promise<Done<readonly Finding[], CheckRefusal>> {
    const saved = givenOf(vendor) ? null : await savedOf(vendor)
    if (!saved && !givenOf(vendor)) return { ok: false, why: { of: 'not-set-up' } }
    const found = await inTime(clock, checkOpen(vendor, saved?.revision ?? 0))
    if (found) return { ok: true, value: found }
    const read = readSetup(vendor, saved?.fields ?? {}, ours)
    return read.ok ? checkEntered(read.open) : { ok: false, why: { of: 'wrong', problems: read.problems } }
  }

  // --- a test card ------------------------------------------------------------------------------------------------

  async function accountOf(vendor: Vendor, { id }: Member): Promise<string | null> {
    const reach = await platform.access.reachOf(id)
    const account = reach?.accounts.find((one) => one.vendor === vendor)?.externalId
    return account ?? (vendor === 'email' ? (reach?.email ?? null) : null)
  }

  async function stateOf(test: string, vendor: Vendor, sentAt: Instant): Promise<ChatTest> {
    const [deliveries, tap] = await Promise.all([
      outbox.ofCard(test),
      conversation.tapOf(testOf(test).pressId),
    ])
    const hasButton = chats.outside.abilitiesOf(vendor).buttons > 0
    return testView({ id: test, sentAt, hasButton }, deliveries[0] ?? null, tap)
  }

  return {
    async list() {
      const saved = await platform.chatSetups.list()
      return VENDORS.map((vendor) => viewOf(vendor, saved.find((one) => one.vendor === vendor) ?? null))
    },
    of: async (vendor) => viewOf(vendor, await savedOf(vendor)),

    async save(permit, { vendor, fields: entered, matchPeople }) {
      if (givenOf(vendor)) return { ok: false, why: { of: 'set-by-environment' } }
      const fields = merged(vendor, entered, (await savedOf(vendor))?.fields ?? {})
      const read = readSetup(vendor, fields, ours)
      if (!read.ok) return { ok: false, why: { of: 'wrong', problems: read.problems } }
      const whole = { ...fields, ...(matchPeople && { [MATCH]: 'yes' }) }
      return {
        ok: true,
        value: viewOf(vendor, await platform.chatSetups.save(permit, { vendor, fields: whole })),
      }
    },

    async remove(permit, vendor) {
      const removed = await platform.chatSetups.remove(permit, vendor)
      if (removed) return { ok: true, value: viewOf(vendor, null) }
      return { ok: false, why: { of: givenOf(vendor) ? 'set-by-environment' : 'not-set-up' } }
    },

    async check(vendor, entered) {
      if (entered === null) return checkSaved(vendor)
      if (givenOf(vendor)) return { ok: false, why: { of: 'set-by-environment' } }
      const fields = merged(vendor, entered, (await savedOf(vendor))?.fields ?? {})
      const read = readSetup(vendor, fields, ours)
      return read.ok ? checkEntered(read.open) : { ok: false, why: { of: 'wrong', problems: read.problems } }
    },

    async test(vendor, member) {
      const revision = givenOf(vendor) ? 0 : (await savedOf(vendor))?.revision
      const open = revision === undefined ? null : await opened(vendor, revision)
      if (!open) return { ok: false, why: { of: 'not-open' } }
      const account = await accountOf(vendor, member)
      if (account === null) return { ok: false, why: { of: 'not-linked' } }
      const id = ids.next('card')
      await bot.test({ id, vendor, account, member })
      return { ok: true, value: await stateOf(id, vendor, clock.now()) }
    },

    async testOf(vendor, test, member) {
      const kept = await conversation.card(test)
      if (kept?.subject !== testOf(test).subject || kept.onlyFor !== member.id) return null
      return kept.chat.startsWith(`${vendor}:`) ? stateOf(test, vendor, kept.createdAt) : null
    },
  }
}

/** A connection that was never tried looks like one that was stopped. */
function isSettled({ adapter }: OpenChat): boolean {
  return !['connecting', 'stopped'].includes(adapter.connection().is)
}

/** Vendors that can be told to call us. */
const CALLING: ReadonlySet<Vendor> = new Set(['feishu', 'dingtalk', 'wecom', 'slack'])

function callbackOf(vendor: Vendor, { publicUrl }: Ours) {
  const path = `/chat/${vendor}`
  return { path, url: publicUrl === null ? null : `${publicUrl}${path}` }
}

/** Among the fields that are kept, and none of a guide. */
const MATCH = 'matchPeople'

function revealed({ fields }: GivenChat): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.reveal()]))
}

/** Only what the guide names. */
function merged(vendor: Vendor, entered: Entered, before: ChatSetup['fields']): Record<string, string> {
  const pairs = GUIDES[vendor].fields.flatMap(({ name, secret }) => {
    const given = entered[name]?.trim() ?? null
    const value = secret && given === '' ? before[name] : given
    return value ? [[name, value] as const] : []
  })
  return Object.fromEntries(pairs)
}

export function testView(
  about: Pick<ChatTest, 'id' | 'sentAt' | 'hasButton'>,
  delivery: Pick<Delivery, 'state' | 'shown' | 'tries' | 'error' | 'postedAt'> | null,
  tap: Pick<Tap, 'member' | 'at'> | null,
): ChatTest {
  const shown = delivery?.shown ?? 0
  const arrived = shown > 0 ? 'arrived' : 'on-its-way'
  return {
    ...about,
    delivery: {
      is: shown === 0 && delivery?.state === 'dead' ? 'refused' : arrived,
      tries: delivery?.tries ?? 0,
      said: delivery?.error ?? null,
      at: delivery?.postedAt ?? null,
    },
    pressed: tap && { by: tap.member, at: tap.at },
    changed: shown > 1,
  }
}
