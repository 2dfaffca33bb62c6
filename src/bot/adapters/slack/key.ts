import { z } from 'zod'

/** The name under which our key of a message travels with it. */
export const CARD_EVENT = 'sluice_card'
export const URGE_EVENT = 'sluice_urge'

const METADATA = z.object({
  event_type: z.literal(CARD_EVENT),
  event_payload: z.object({ key: z.string().min(1).max(60) }),
})

export function metadataOf(key: string) {
  return { event_type: CARD_EVENT, event_payload: { key } }
}

/** The key of a message of ours; null for anything else. */
export function keyOf(metadata: unknown): string | null {
  const read = METADATA.safeParse(metadata)
  return read.success ? read.data.event_payload.key : null
}
