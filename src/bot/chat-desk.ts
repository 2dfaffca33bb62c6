import type { Page, PageAsk } from '../platform/platform.ts'
import type { Connection, Directory, Vendor } from './adapters/adapter.ts'
import type { Delivery } from './delivery/delivery.ts'

/** What commands may ask about vendors' chats and about what goes out to them. */
export interface ChatDesk {
  /** How people reach our page; null: nobody told us. */
  publicUrl: string | null
  /** Those that are set up, and whether they hear. */
  vendors(): readonly { vendor: Vendor; connection: Connection }[]
  deliveries(ask: PageAsk & { state: 'dead' | 'open' }): Promise<Page<Delivery>>
  depth(): Promise<readonly { vendor: string; waiting: number; dead: number; oldestMs: number | null }[]>
  retry(id: string): Promise<'waiting' | 'unknown' | 'not-dead'>
  /** Null: not set up, or nobody may read its people. */
  people(vendor: Vendor): Directory | null
}

/** Where no vendor is set up. */
export const NO_CHATS: ChatDesk = {
  publicUrl: null,
  vendors: () => [],
  deliveries: async () => ({ items: [], next: null }),
  depth: async () => [],
  retry: async () => 'unknown',
  people: () => null,
}
