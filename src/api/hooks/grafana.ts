import { z } from 'zod'
import type { GivenAlert } from '../../platform/platform.ts'
import { BELIEVED_MS, because, hookLabels, type ReadHook } from './hook-body.ts'

/**
 * What a webhook contact point of Grafana sends, which is Alertmanager's payload with links into Grafana:
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */
const alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: hookLabels,
  annotations: hookLabels.default({}),
  startsAt: z.iso.datetime({ offset: true }).optional(),
  endsAt: z.iso.datetime({ offset: true }).optional(),
  generatorURL: z.string().max(10_000).default(''),
  panelURL: z.string().max(10_000).optional(),
  dashboardURL: z.string().max(10_000).optional(),
  valueString: z.string().max(10_000).optional(),
})

const payload = z.object({ alerts: z.array(alert).max(5_000) })

export function readGrafana(body: unknown, now: number): ReadHook {
  const read = payload.safeParse(body)
  if (!read.success) return { ok: false, because: because(read.error) }
  return { ok: true, alerts: read.data.alerts.map((each) => given(each, now)) }
}

function given(each: z.output<typeof alert>, now: number): GivenAlert {
  const link = each.panelURL || each.dashboardURL
  const annotations = {
    ...each.annotations,
    ...(link && { dashboard: link }),
    ...(each.valueString && { value: each.valueString }),
  }
  const startsAt = timeOf(each.startsAt)
  // Its firing alerts carry Go's zero time as their end.
  const over = Math.max(timeOf(each.endsAt) ?? now, startsAt ?? 0)
  return {
    ...{ labels: each.labels, annotations, startsAt, generatorUrl: each.generatorURL },
    endsAt: each.status === 'resolved' ? Math.min(over, now) : now + BELIEVED_MS,
  }
}

function timeOf(text: string | undefined): number | null {
  const at = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(at) || at <= 0 ? null : at
}
