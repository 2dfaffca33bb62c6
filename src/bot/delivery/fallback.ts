import type { Platform } from '../../platform/platform.ts'
import { VENDORS, type Vendor } from '../adapters/adapter.ts'
import { isTest } from '../cards/test-card.ts'
import type { Chat, Conversation, KeptCard } from '../conversation.ts'
import type { Delivery, NewDelivery } from './delivery.ts'
import { receiverText } from './delivery.ts'
import type { Outbox } from './outbox.ts'

/** Another way to the people whom a card did not reach. */
export type Way = Pick<NewDelivery, 'vendor' | 'receiver'> & { chat: string }

export interface Ways {
  delivery: Delivery
  /** Shown to one person alone: no other chat may have it. */
  isPrivate: boolean
  /** The chat's team; null: everybody's. */
  teamId: string | null
  /** Accounts of who it is for. */
  accounts: readonly { vendor: string; externalId: string }[]
  email: string | null
  chats: readonly Chat[]
  /** Vendors that are set up. */
  open: ReadonlySet<Vendor>
  /** Where it went already, arrived or not. */
  tried: ReadonlySet<string>
}

/** The same person elsewhere, then the team's other chats, then e-mail. Null: there is no other way. */
export function anotherWay(ways: Ways): Way | null {
  const all = [...ofThePerson(ways), ...(ways.isPrivate ? [] : ofTheTeam(ways)), ...byEmail(ways)]
  return all.find((way) => ways.open.has(way.vendor) && !ways.tried.has(placeOf(way))) ?? null
}

export function placeOf({ vendor, receiver }: Pick<NewDelivery, 'vendor' | 'receiver'>): string {
  return `${vendor} ${receiverText(receiver)}`
}

function ofThePerson({ accounts, delivery }: Ways): Way[] {
  const chats = accounts.filter(({ vendor }) => vendor !== 'email')
  // Their own chat with us at the same vendor too, when it was a group that could not be reached.
  return chats.flatMap(({ vendor, externalId }) =>
    isVendor(vendor) ? [personal(vendor, externalId, delivery.chat)] : [],
  )
}

function ofTheTeam({ chats, teamId, delivery }: Ways): Way[] {
  const own = chats.filter((chat) => !chat.direct && chat.leftAt === null && chat.id !== delivery.chat)
  const theirs = own.filter((chat) => chat.teamId === teamId)
  return theirs.flatMap(({ id, vendor }) =>
    isVendor(vendor)
      ? [{ vendor, chat: id, receiver: { is: 'chat', id: id.slice(vendor.length + 1) } } as const]
      : [],
  )
}

function byEmail({ email, accounts, delivery }: Ways): Way[] {
  const address = accounts.find(({ vendor }) => vendor === 'email')?.externalId ?? email
  return address === null ? [] : [personal('email', address, delivery.chat)]
}

function personal(vendor: Vendor, id: string, chat: string): Way {
  return { vendor, chat, receiver: { is: 'person', id } }
}

function isVendor(vendor: string): vendor is Vendor {
  return VENDORS.some((one) => one === vendor)
}

export interface FallbackDependencies {
  outbox: Pick<Outbox, 'overdue' | 'add' | 'wentElsewhere' | 'ofCard'>
  conversation: Pick<Conversation, 'card' | 'chatById' | 'chats'>
  access: Pick<Platform['access'], 'reachOf'>
  open(): ReadonlySet<Vendor>
  now(): number
  nextId(): string
}

const BATCH = 50

/** Looks for what did not arrive in time and takes another way. Answers how many it took. */
export async function takeOtherWays(dependencies: FallbackDependencies): Promise<number> {
  const { outbox, now, nextId } = dependencies
  let taken = 0
  for (const delivery of await outbox.overdue(now(), BATCH)) {
    const card = await dependencies.conversation.card(delivery.cardId)
    const way = card && !isTest(card) && anotherWay(await waysOf(delivery, card, dependencies))
    if (way) {
      if (await outbox.add(delivery.cardId, way.chat, draftOf(delivery, way, nextId()), now())) taken++
    }
    await outbox.wentElsewhere(delivery.id)
  }
  return taken
}

/** What called somebody calls them there as well. */
function draftOf(
  { id: insteadOf, memberId, instead, urgent, ring }: Delivery,
  way: Way,
  id: string,
): NewDelivery {
  const people = way.receiver.is === 'person' ? [way.receiver.id] : []
  return {
    ...{ id, vendor: way.vendor, receiver: way.receiver, memberId, insteadOf },
    urgency: urgent ? 'urgent' : 'ordinary',
    mention: urgent ? people : [],
    ...(instead !== null && { instead }),
    ...(ring !== null && people.length > 0 && { ring: { means: ring.means, text: ring.text, people } }),
  }
}

async function waysOf(
  delivery: Delivery,
  card: KeptCard,
  { outbox, conversation, access, open }: FallbackDependencies,
): Promise<Ways> {
  const [deliveries, chat, chats, reach] = await Promise.all([
    outbox.ofCard(delivery.cardId),
    conversation.chatById(delivery.chat),
    conversation.chats(),
    delivery.memberId === null ? null : access.reachOf(delivery.memberId),
  ])
  return {
    delivery,
    isPrivate: card.onlyFor !== null,
    teamId: chat?.teamId ?? null,
    accounts: reach?.accounts ?? [],
    email: reach?.email ?? null,
    chats,
    open: open(),
    tried: new Set(deliveries.map(placeOf)),
  }
}
