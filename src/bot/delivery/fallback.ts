import type { Platform } from '../../platform/platform.ts'
import { VENDORS, type Vendor } from '../adapters/adapter.ts'
import { isTest } from '../cards/test-card.ts'
import type { Chat, Conversation } from '../conversation.ts'
import type { Delivery, NewDelivery } from './delivery.ts'
import { receiverText } from './delivery.ts'
import type { Outbox } from './outbox.ts'

/** Another way to the people whom a card did not reach. */
export type Way = Pick<NewDelivery, 'vendor' | 'receiver'> & { chat: string }

export interface Ways {
  delivery: Delivery
  /** Where it belongs; null: gone. */
  from: Chat | null
  /** Shown to one person alone: no other chat may have it. */
  onlyFor: string | null
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
  const all = [...ofThePerson(ways), ...ofTheTeam(ways), ...byEmail(ways)]
  return all.find((way) => ways.open.has(way.vendor) && !ways.tried.has(placeOf(way))) ?? null
}

export function placeOf({ vendor, receiver }: Pick<NewDelivery, 'vendor' | 'receiver'>): string {
  return `${vendor} ${receiverText(receiver)}`
}

function ofThePerson({ accounts, delivery, from }: Ways): Way[] {
  return accounts.flatMap(({ vendor, externalId }) => {
    // Their own chat with us at the same vendor too, unless that is where it did not arrive.
    const isThere = vendor === delivery.vendor && from?.direct === true
    return isVendor(vendor) && vendor !== 'email' && !isThere
      ? [personal(vendor, externalId, delivery.chat)]
      : []
  })
}

function ofTheTeam({ chats, from, onlyFor }: Ways): Way[] {
  // What was said between one person and us is nobody else's.
  if (!from || from.direct || onlyFor !== null) return []
  return chats
    .filter((chat) => chat.id !== from.id && isAsGood(chat, from))
    .flatMap(({ id, vendor }) =>
      isVendor(vendor)
        ? [{ vendor, chat: id, receiver: { is: 'chat', id: id.slice(vendor.length + 1) } } as const]
        : [],
    )
}

/** Another chat of the same team, for all environments that the card may be about. */
function isAsGood({ direct, leftAt, teamId, environments }: Chat, from: Chat): boolean {
  if (direct || leftAt !== null || teamId !== from.teamId) return false
  if (environments.length === 0) return true
  return from.environments.length > 0 && from.environments.every((one) => environments.includes(one))
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
    const way = await wayFor(delivery, dependencies)
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

async function wayFor(
  delivery: Delivery,
  { outbox, conversation, access, open }: FallbackDependencies,
): Promise<Way | null> {
  const card = await conversation.card(delivery.cardId)
  // Whether a test arrives where it was sent is what it tells.
  if (!card || isTest(card)) return null
  const deliveries = await outbox.ofCard(delivery.cardId)
  // Whoever took another way died before it was noted.
  if (deliveries.some(({ insteadOf }) => insteadOf === delivery.id)) return null
  const [from, chats, reach] = await Promise.all([
    conversation.chatById(delivery.chat),
    conversation.chats(),
    delivery.memberId === null ? null : access.reachOf(delivery.memberId),
  ])
  return anotherWay({
    ...{ delivery, from, chats, onlyFor: card.onlyFor, open: open() },
    accounts: reach?.accounts ?? [],
    email: reach?.email ?? null,
    tried: new Set(deliveries.map(placeOf)),
  })
}
