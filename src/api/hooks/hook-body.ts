import { z } from 'zod'
import { STORABLE } from '../../lib/storable.ts'
import type { GivenAlert } from '../../platform/platform.ts'

/** What a body says, or why it cannot be read, in one sentence for a developer. */
export type ReadHook = { ok: true; alerts: readonly GivenAlert[] } | { ok: false; because: string }

/** A webhook tells a thing once and not again every minute: it is believed this long without another word. */
export const BELIEVED_MS = 24 * 3_600_000

const value = z.string().max(10_000).regex(STORABLE)

export const hookLabels = z
  .record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,199}$/), value)
  .refine((labels) => Object.keys(labels).length <= 100, 'at most 100 labels')

/** The first problem, with its place: `alerts.0.labels: …`. */
export function because(error: z.ZodError): string {
  const [issue] = error.issues
  return `${issue?.path.join('.') || 'The body'}: ${issue?.message ?? 'cannot be read'}`
}
