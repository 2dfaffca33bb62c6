import { WEB } from './adapters/web/abilities.ts'
import type { Abilities } from './cards/abilities.ts'
import { type ChatDesk, NO_CHATS } from './chat-desk.ts'
import { type Carriage, NO_CARRIAGE } from './delivery/carriage.ts'
import type { KeptPresses } from './delivery/kept-presses.ts'

/** What vendors' chats add to the conversation. */
export interface Outside {
  abilitiesOf(vendor: string): Abilities
  carriage: Carriage
  presses: Pick<KeptPresses, 'byId'>
  desk: ChatDesk
}

/** Our own page alone. */
export const NOTHING_OUTSIDE: Outside = {
  abilitiesOf: () => WEB,
  carriage: NO_CARRIAGE,
  presses: { byId: async () => null },
  desk: NO_CHATS,
}
