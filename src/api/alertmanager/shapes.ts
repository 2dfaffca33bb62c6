import { createHash } from 'node:crypto'
import type { GettableAlert, GettableGroup, GettableSilence, Matcher } from '../../platform/platform.ts'

/** As Alertmanager's API v2 writes them. */

export function alertShape(alert: GettableAlert) {
  return {
    annotations: alert.annotations,
    endsAt: timeText(alert.endsAt),
    fingerprint: alert.fingerprint,
    receivers: alert.receivers.map((name) => ({ name })),
    startsAt: timeText(alert.startsAt),
    status: alert.status,
    updatedAt: timeText(alert.updatedAt),
    generatorURL: alert.generatorUrl,
    labels: alert.labels,
  }
}

export function groupShape({ labels, receiver, alerts }: GettableGroup) {
  return { alerts: alerts.map(alertShape), labels, receiver: { name: receiver } }
}

export function silenceShape(silence: GettableSilence) {
  return {
    id: silence.id,
    status: { state: silence.state },
    updatedAt: timeText(silence.updatedAt),
    comment: silence.comment,
    createdBy: silence.createdBy,
    endsAt: timeText(silence.endsAt),
    matchers: silence.matchers.map(matcherShape),
    startsAt: timeText(silence.startsAt),
  }
}

function matcherShape({ name, op, value }: Matcher) {
  return { isEqual: op === '=' || op === '=~', isRegex: op === '=~' || op === '!~', name, value }
}

/** One that is alone in its cluster: what others would be told by gossip, the database tells our replicas. */
export function statusShape(about: { version: string; startedAt: number; config: string }) {
  const revision = createHash('sha256').update(about.config).digest('hex').slice(0, 12)
  const versionInfo = {
    branch: '',
    buildDate: '',
    buildUser: '',
    goVersion: '',
    revision,
    version: about.version,
  }
  return {
    cluster: { name: 'sluice', peers: [], status: 'ready' },
    config: { original: masked(about.config) },
    uptime: timeText(about.startedAt),
    versionInfo,
  }
}

/** As Alertmanager hides them: passwords, tokens, and addresses that may hold either. */
function masked(config: string): string {
  return config
    .replace(/^(\s*-?\s*(?:password|credentials|bearer_token)\s*:).*$/gm, '$1 <secret>')
    .replace(/^(\s*-?\s*url\s*:).*$/gm, '$1 <secret>')
}

function timeText(at: number): string {
  return new Date(at).toISOString()
}
