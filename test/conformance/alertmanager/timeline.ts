import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * One recorded story of alerts, told to anything that speaks Alertmanager's API v2, and what its webhooks get. Expected
 * values are those of a real Alertmanager.
 */

export interface Told {
  path: string
  groupKey: string
  status: string
  /** `id` labels of the alerts, with `!` for a resolved one. */
  alerts: string[]
}

export interface Listener {
  url: string
  told: Told[]
  close(): Promise<void>
}

/** Takes webhooks of version 4. */
export async function listen(): Promise<Listener> {
  const told: Told[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      told.push(toldOf(request.url ?? '', body))
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, told, close: () => closed(server) }
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

interface Webhook {
  version: string
  status: string
  groupKey: string
  alerts: { status: string; labels: Record<string, string> }[]
}

function toldOf(path: string, body: string): Told {
  const { version, status, groupKey, alerts } = JSON.parse(body) as Webhook
  if (version !== '4') throw new Error(`A webhook of version ${version} came.`)
  const ids = alerts.map((each) => `${each.labels.id}${each.status === 'resolved' ? '!' : ''}`)
  return { path, groupKey, status, alerts: ids.toSorted() }
}

/** With waits of a second and an interval of three, so that all of it takes some fifteen seconds. */
export function configuration(url: string): string {
  const receivers = ['default', 'critical', 'team-a', 'team-a-night', 'dev', 'muted', 'daily', 'each']
  return `
route:
  receiver: default
  group_by: [alertname, job]
  group_wait: 1s
  group_interval: 3s
  repeat_interval: 1h
  routes:
    - matchers: [severity="critical"]
      receiver: critical
      continue: true
    - matchers: [team=~"a|alpha", env!="dev"]
      receiver: team-a
      routes:
        - matchers: [shift="night"]
          receiver: team-a-night
          group_by: [shift]
    - matchers: [env="dev"]
      receiver: dev
    - matchers: [kind="muted"]
      receiver: muted
      mute_time_intervals: [always]
    - matchers: [kind="daily"]
      receiver: daily
      active_time_intervals: [never]
    - matchers: [kind="each"]
      receiver: each
      group_by: ['...']
inhibit_rules:
  - source_matchers: [alertname="ClusterDown"]
    target_matchers: [severity="warning"]
    equal: [cluster]
mute_time_intervals:
  - name: always
    time_intervals: [{ years: ['2020:2100'] }]
time_intervals:
  - name: never
    time_intervals: [{ years: ['2001'] }]
receivers:
${receivers.map((name) => `  - name: ${name}\n    webhook_configs: [{ url: '${url}/${name}' }]`).join('\n')}
`
}

const labels = (id: string, more: Record<string, string>) => ({ id, alertname: 'X', job: 'j1', ...more })

/** In the order in which they are told; `resolved` ends two of them after the first telling. */
export const ALERTS: readonly Record<string, string>[] = [
  labels('1', {}),
  labels('2', { severity: 'critical' }),
  labels('3', { severity: 'critical', team: 'a', env: 'prod' }),
  labels('4', { team: 'a' }),
  labels('5', { team: 'ab' }),
  labels('6', { team: 'alpha', shift: 'night' }),
  labels('7', { team: 'a', env: 'dev' }),
  labels('8', { kind: 'muted' }),
  labels('9', { kind: 'daily' }),
  labels('10', { kind: 'each' }),
  labels('11', { kind: 'each' }),
  { id: '12', alertname: 'ClusterDown', cluster: 'c9', job: 'j9' },
  { id: '13', alertname: 'Slow', cluster: 'c9', severity: 'warning', job: 'j9' },
  { id: '14', alertname: 'Slow', cluster: 'c8', severity: 'warning', job: 'j8' },
  { id: '15', alertname: 'Slow', severity: 'warning', job: 'j7' },
  { id: '16', alertname: 'NoJob' },
  { id: '17', alertname: 'Silenced', job: 'j1' },
]
export const ENDING = ['1', '10']
/** Told later: it joins a group that was told before. */
export const LATE: Record<string, string> = labels('18', { severity: 'critical' })

export const SILENCE = { name: 'alertname', value: 'Silenced', isRegex: false, isEqual: true }

/** As they came, but in an order of their own: groups are told side by side. */
export function sorted(told: readonly Told[]): readonly Told[] {
  const key = ({ path, groupKey, status, alerts }: Told) => [path, groupKey, status, ...alerts].join(' ')
  return told.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

const X = '{alertname="X", job="j1"}'

/** What a real Alertmanager 0.25 told its webhooks. */
export const EXPECTED: readonly Told[] = sorted([
  { path: '/default', groupKey: `{}:${X}`, status: 'firing', alerts: ['1', '5'] },
  { path: '/critical', groupKey: `{}/{severity="critical"}:${X}`, status: 'firing', alerts: ['2', '3'] },
  { path: '/team-a', groupKey: `{}/{env!="dev",team=~"a|alpha"}:${X}`, status: 'firing', alerts: ['3', '4'] },
  {
    ...{ path: '/team-a-night', groupKey: '{}/{env!="dev",team=~"a|alpha"}/{shift="night"}:{shift="night"}' },
    ...{ status: 'firing', alerts: ['6'] },
  },
  { path: '/dev', groupKey: `{}/{env="dev"}:${X}`, status: 'firing', alerts: ['7'] },
  ...['10', '11'].map((id) => ({
    ...{ path: '/each', groupKey: `{}/{kind="each"}:{alertname="X", id="${id}", job="j1", kind="each"}` },
    ...{ status: 'firing', alerts: [id] },
  })),
  { path: '/default', groupKey: '{}:{alertname="ClusterDown", job="j9"}', status: 'firing', alerts: ['12'] },
  { path: '/default', groupKey: '{}:{alertname="Slow", job="j8"}', status: 'firing', alerts: ['14'] },
  { path: '/default', groupKey: '{}:{alertname="Slow", job="j7"}', status: 'firing', alerts: ['15'] },
  { path: '/default', groupKey: '{}:{alertname="NoJob"}', status: 'firing', alerts: ['16'] },
  // Three seconds later.
  { path: '/default', groupKey: `{}:${X}`, status: 'firing', alerts: ['1!', '5'] },
  {
    ...{ path: '/each', groupKey: '{}/{kind="each"}:{alertname="X", id="10", job="j1", kind="each"}' },
    ...{ status: 'resolved', alerts: ['10!'] },
  },
  {
    path: '/critical',
    groupKey: `{}/{severity="critical"}:${X}`,
    status: 'firing',
    alerts: ['18', '2', '3'],
  },
])
