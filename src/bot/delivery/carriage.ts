import type { Ids } from '../../lib/ids.ts'
import type { Seal } from '../../lib/seal.ts'
import type { AccountRef, Platform } from '../../platform/platform.ts'
import { type UrgentMeans, VENDORS, type Vendor } from '../adapters/adapter.ts'
import type { Card } from '../cards/card.ts'
import type { Chat } from '../conversation.ts'
import type { NewDelivery, Urgency } from './delivery.ts'

/** How a card that is kept gets to people: which deliveries come with it. Our own page needs none. */
export interface Carriage {
  of(parcel: Parcel): Promise<readonly NewDelivery[]>
  /** To a person by the best way there is, whatever chat the card is kept in. Empty: there is none. */
  toPerson(call: Call): Promise<readonly NewDelivery[]>
}

export interface Parcel {
  chat: Chat
  /** The one member who may see it. */
  onlyFor: string | null
  /** Whose answer it is. */
  memberId: string | null
  /** By which account they asked: where they spoke they are answered. */
  account: AccountRef | null
  /** Shown once instead of the kept card. */
  once: Card | null
}

export interface Call {
  memberId: string
  /** Where it is asked for: the same vendor is tried first. */
  from: Chat
  urgency: Urgency
  ring: { means: UrgentMeans; text: string } | null
}

export interface CarriageDependencies {
  access: Pick<Platform['access'], 'reachOf'>
  /** Vendors that are set up, the preferred ones first. */
  open(): readonly Vendor[]
  seal: Seal
  ids: Ids
}

export function createCarriage({ access, open, seal, ids }: CarriageDependencies): Carriage {
  return {
    async of({ chat, onlyFor, memberId, account: asked, once }) {
      const vendor = vendorOf(chat)
      if (!vendor) return []
      const base = {
        ...{ id: ids.next('dlv'), vendor, memberId, urgency: 'ordinary' as const },
        ...(once !== null && { instead: seal.close(JSON.stringify(once)) }),
      }
      if (onlyFor === null || chat.direct) {
        return [{ ...base, receiver: { is: 'chat', id: chat.id.slice(vendor.length + 1) } }]
      }
      const accounts = asked ? [asked] : ((await access.reachOf(onlyFor))?.accounts ?? [])
      const account = accounts.find((each) => each.vendor === vendor)
      return account ? [{ ...base, receiver: { is: 'person', id: account.externalId } }] : []
    },
    async toPerson({ memberId, from, urgency, ring }) {
      const reach = await access.reachOf(memberId)
      const accounts = [
        ...(reach?.accounts ?? []),
        ...(reach?.email ? [{ vendor: 'email', externalId: reach.email }] : []),
      ]
      const vendors = [vendorOf(from), ...open()]
      const [best] = vendors.flatMap((vendor) => accounts.filter((account) => account.vendor === vendor))
      const vendor = open().find((one) => one === best?.vendor)
      if (!best || !vendor) return []
      const { externalId: id } = best
      return [
        {
          id: ids.next('dlv'),
          vendor,
          memberId,
          urgency,
          receiver: { is: 'person', id },
          mention: [id],
          ...(ring && { ring: { ...ring, people: [id] } }),
        },
      ]
    },
  }
}

export function vendorOf({ vendor }: Pick<Chat, 'vendor'>): Vendor | null {
  return VENDORS.find((one) => one === vendor) ?? null
}

/** Where there is our own page alone. */
export const NO_CARRIAGE: Carriage = { of: async () => [], toPerson: async () => [] }
