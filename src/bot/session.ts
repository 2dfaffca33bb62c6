import type { Card } from './cards/card.ts'
import type { Turn } from './commands/command.ts'
import type { Asker } from './identity.ts'
import type { Voice } from './texts/voice.ts'

/** What one message or tap is worked with. */
export interface Session {
  turn: Turn
  asker: Asker
}

/** What came of it, for metrics. */
export type Outcome = 'answered' | 'denied' | 'not-understood' | 'fault'

/** A card to be kept, and the subject it shows. */
export interface KeepDraft {
  id: string
  chat: string
  subject: string | null
  subjectVersion: number
  voice: Voice
  card: Card
  onlyFor: string | null
}
