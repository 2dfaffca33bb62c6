import type { Instant } from '../../lib/clock.ts'
import type { Alert } from './alert.ts'
import { type Labels, sortedNames } from './labels.ts'

type ToldAlert = Pick<
  Alert,
  'labels' | 'annotations' | 'startsAt' | 'endedAt' | 'state' | 'generatorUrl' | 'fingerprint'
>

export interface WebhookDraft {
  receiver: string
  groupKey: string
  groupLabels: Labels
  alerts: readonly ToldAlert[]
  externalUrl: string
  /** 0: all of them. */
  maxAlerts: number
}

/** What programs behind Alertmanager's webhooks read: version 4, fields in its order. */
export function webhookBody({
  receiver,
  groupKey,
  groupLabels,
  alerts,
  externalUrl,
  maxAlerts,
}: WebhookDraft) {
  const shown = maxAlerts > 0 ? alerts.slice(0, maxAlerts) : alerts
  return {
    receiver,
    status: statusOf(alerts),
    alerts: shown.map(alertBody),
    groupLabels,
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    externalURL: externalUrl,
    version: '4',
    groupKey,
    truncatedAlerts: alerts.length - shown.length,
  }
}

/** As long as one fires. */
function statusOf(alerts: readonly ToldAlert[]): 'firing' | 'resolved' {
  return alerts.some(({ state }) => state === 'firing') ? 'firing' : 'resolved'
}

/** Go's zero time: while it fires nobody knows when it ends. */
const NEVER = '0001-01-01T00:00:00Z'

function alertBody({ labels, annotations, startsAt, endedAt, state, generatorUrl, fingerprint }: ToldAlert) {
  return {
    status: state === 'firing' ? 'firing' : 'resolved',
    labels: sorted(labels),
    annotations: sorted(annotations),
    startsAt: timeText(startsAt),
    endsAt: endedAt === null ? NEVER : timeText(endedAt),
    generatorURL: generatorUrl,
    fingerprint,
  }
}

function timeText(at: Instant): string {
  return new Date(at).toISOString()
}

function common(all: readonly Labels[]): Labels {
  const [first, ...others] = all
  if (!first) return {}
  const names = sortedNames(first).filter((name) => others.every((each) => each[name] === first[name]))
  return Object.fromEntries(names.map((name) => [name, first[name] ?? '']))
}

function sorted(labels: Labels): Labels {
  return Object.fromEntries(sortedNames(labels).map((name) => [name, labels[name] ?? '']))
}
