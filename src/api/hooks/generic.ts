import { z } from 'zod'
import { parseDuration } from '../../lib/duration.ts'
import { STORABLE } from '../../lib/storable.ts'
import type { GivenAlert } from '../../platform/platform.ts'
import { BELIEVED_MS, because, hookLabels, type ReadHook } from './hook-body.ts'

const text = (most: number) => z.string().min(1).max(most).regex(STORABLE)

const alert = z.strictObject({
  /** What it is called; with the labels it is what the alert is known by. */
  name: text(200),
  status: z.enum(['firing', 'resolved']).default('firing'),
  severity: z.enum(['critical', 'warning', 'info']).optional(),
  labels: hookLabels.default({}),
  summary: text(1_000).optional(),
  description: text(10_000).optional(),
  url: z.url().max(2_000).optional(),
  /** Not told again within this, it is no longer believed. */
  expires: z
    .string()
    .refine((given) => parseDuration(given) !== null, 'a duration such as 10m')
    .optional(),
})

const body = z.union([
  alert,
  z.array(alert).max(5_000),
  z.strictObject({ alerts: z.array(alert).max(5_000) }),
])

/** One alert, a list of them, or `{"alerts": […]}`. */
export function readGeneric(given: unknown, now: number): ReadHook {
  const read = body.safeParse(given)
  if (!read.success) return { ok: false, because: because(plainest(given)) }
  const alerts = 'alerts' in read.data ? read.data.alerts : Array.isArray(read.data) ? read.data : [read.data]
  return { ok: true, alerts: alerts.map((each) => toGiven(each, now)) }
}

/** What is wrong with the form that was meant, instead of with each of three. */
function plainest(given: unknown): z.ZodError {
  const list = Array.isArray(given) ? given : (given as { alerts?: unknown } | null)?.alerts
  const read = list === undefined ? alert.safeParse(given) : z.array(alert).max(5_000).safeParse(list)
  return read.error ?? new z.ZodError([])
}

function toGiven(each: z.output<typeof alert>, now: number): GivenAlert {
  const { name, severity, labels, summary, description, expires, url } = each
  const believed = expires === undefined ? BELIEVED_MS : (parseDuration(expires) ?? BELIEVED_MS)
  return {
    // A graver word about the same thing is the same alert; and who tells the end need not repeat how bad it was.
    identity: { ...labels, alertname: name },
    labels: { ...labels, alertname: name, ...(severity && { severity }) },
    annotations: { ...(summary && { summary }), ...(description && { description }) },
    startsAt: null,
    endsAt: each.status === 'resolved' ? now : now + believed,
    generatorUrl: url ?? '',
  }
}
