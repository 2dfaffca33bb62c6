import { describe, expect, it } from 'vitest'
import { reasonToTell, type Telling } from '../../src/platform/alerts/grouping.ts'
import { parseRouting } from '../../src/platform/alerts/routing/config.ts'
import { createRouting } from '../../src/platform/alerts/routing/current.ts'
import { explainRoutes } from '../../src/platform/alerts/routing/explain.ts'
import { defaultRouting } from '../../src/platform/alerts/routing/routing-holder.ts'

function routed(text: string) {
  const parsed = parseRouting(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return createRouting(parsed.value, { revision: 1, text })
}

const TREE = routed(`
route:
  receiver: root
  group_by: [alertname]
  group_wait: 10s
  routes:
    - matchers: [team=a]
      receiver: a
      group_wait: 0s
      group_by: ['...']
      routes:
        - matchers: [severity=critical]
          receiver: a-critical
          continue: true
        - matchers: [severity=~"critical|warning"]
          repeat_interval: 1d
    - match: { team: b }
      match_re: { severity: 'c.*' }
      receiver: b
      continue: true
    - matchers: ['team=~"b|c"']
      receiver: bc
      group_interval: 1h30m
receivers: [{ name: root }, { name: a }, { name: a-critical }, { name: b }, { name: bc }]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [cluster, job]
  - source_match: { alertname: Both }
    target_match_re: { alertname: 'Bo.*' }
`)

describe('routes', () => {
  it.each<[Record<string, string>, string]>([
    [{}, 'root'],
    [{ team: 'x' }, 'root'],
    [{ team: 'a' }, 'a'],
    [{ team: 'a', severity: 'critical' }, 'a-critical a'],
    [{ team: 'a', severity: 'warning' }, 'a'],
    [{ team: 'b' }, 'bc'],
    [{ team: 'b', severity: 'critical' }, 'b bc'],
    [{ team: 'b', severity: 'warning' }, 'bc'],
    [{ team: 'c', severity: 'critical' }, 'bc'],
    [{ team: 'bc' }, 'root'],
  ])('%j is taken by %s', (labels, receivers) => {
    expect(
      TREE.routesOf(labels)
        .map(({ receiver }) => receiver.name)
        .join(' '),
    ).toBe(receivers)
  })

  it('inherit what they do not say', () => {
    const [critical, warning] = TREE.routesOf({ team: 'a', severity: 'critical' })
    const [bc] = TREE.routesOf({ team: 'c' })

    expect(critical?.times).toEqual({ wait: 0, interval: 300_000, repeat: 14_400_000 })
    expect(warning?.times.repeat).toBe(86_400_000)
    expect(bc?.times).toEqual({ wait: 10_000, interval: 5_400_000, repeat: 14_400_000 })
    expect(warning?.keyOf({ team: 'a', severity: 'warning' })).toBe(
      '{}/{team="a"}/{severity=~"critical|warning"}:{severity="warning", team="a"}',
    )
  })

  it('explain themselves', () => {
    const { nodes, routes } = explainRoutes(TREE, { team: 'a', severity: 'warning' }, 0)

    expect(nodes.map(({ id, matches, taken }) => [id, matches, taken])).toEqual([
      ['0', true, false],
      ['0.0', true, false],
      ['0.0.0', false, false],
      ['0.0.1', true, true],
    ])
    expect(routes).toMatchObject([
      { id: '0.0.1', receiver: 'a', waitMs: 0, repeatMs: 86_400_000, mutedBy: [] },
    ])
  })

  it('give nobody’s alerts to a receiver that is nobody, and to the team where its kinds are not spoken', () => {
    const routing = routed(`
route: { receiver: slack }
receivers: [{ name: slack, slack_configs: [{ channel: '#x' }] }, { name: nobody }]`)

    expect(routing.receiver('slack')).toMatchObject({ showsCards: true, toTeam: true })
    expect(routing.receiver('nobody')).toMatchObject({ showsCards: false })
  })
})

describe('inhibition', () => {
  const critical = { fingerprint: 'c', labels: { severity: 'critical', cluster: 'c1', job: 'j' } }

  it.each<[string, Record<string, string>, readonly string[]]>([
    ['equal labels', { severity: 'warning', cluster: 'c1', job: 'j' }, ['c']],
    ['another cluster', { severity: 'warning', cluster: 'c2', job: 'j' }, []],
    ['a label that only one has', { severity: 'warning', cluster: 'c1' }, []],
    ['what is no target', { severity: 'info', cluster: 'c1', job: 'j' }, []],
  ])('%s', (_says, labels, by) => {
    expect(TREE.inhibitedBy(labels, [critical])).toEqual(by)
  })

  it('two that lack a label have it alike', () => {
    expect(
      TREE.inhibitedBy({ severity: 'warning' }, [{ fingerprint: 'c', labels: { severity: 'critical' } }]),
    ).toEqual(['c'])
  })

  it('one that is source and target does not hold itself or its like back', () => {
    const both = { fingerprint: 'b', labels: { alertname: 'Both' } }

    expect(TREE.inhibitedBy({ alertname: 'Both' }, [both])).toEqual([])
    expect(TREE.inhibitedBy({ alertname: 'Bob' }, [both])).toEqual(['b'])
  })
})

describe('whether a receiver is told', () => {
  const last: Telling = { firing: ['a', 'b'], resolved: [], at: 0 }
  const H = 3_600_000

  it.each<[string, Telling | null, string[], string[], number, boolean, string | null]>([
    ['the first time', null, ['a'], [], 0, true, 'first'],
    ['an end of what was never told', null, [], ['a'], 0, true, null],
    ['nothing new', last, ['a', 'b'], [], H, true, null],
    ['fewer, of which the end is not there', last, ['a'], [], H, true, null],
    ['one more', last, ['a', 'b', 'c'], [], H, true, 'new-alerts'],
    ['another one', last, ['c'], ['a', 'b'], H, true, 'new-alerts'],
    ['one is over', last, ['a'], ['b'], H, true, 'some-resolved'],
    ['one is over, for who does not want to know', last, ['a'], ['b'], H, false, null],
    ['one is over that was told as over', { ...last, resolved: ['b'] }, ['a'], ['b'], H, true, null],
    ['all are over', last, [], ['a', 'b'], H, true, 'all-resolved'],
    ['all are over, told before', { ...last, firing: [] }, [], ['a', 'b'], H, true, null],
    ['after the repeat interval', last, ['a', 'b'], [], 4 * H + 1, true, 'repeat'],
    ['exactly at the repeat interval', last, ['a', 'b'], [], 4 * H, true, null],
  ])('%s', (_says, telling, firing, resolved, now, sendResolved, reason) => {
    expect(reasonToTell(telling, { firing, resolved }, { now, repeat: 4 * H, sendResolved })).toBe(reason)
  })
})

describe('a configuration is refused where Alertmanager refuses it, with its line', () => {
  const base = 'route: { receiver: x }\nreceivers: [{ name: x }]\n'

  it.each([
    ['receivers: [{ name: x }]', 'no route'],
    ['route: {}\nreceivers: [{ name: x }]', 'needs a receiver'],
    ['route: { receiver: y }\nreceivers: [{ name: x }]', 'no receiver "y"'],
    ['route: { receiver: x, matchers: [a=b] }\nreceivers: [{ name: x }]', 'has no matchers'],
    ['route: { receiver: x, routes: [{ recevier: x }] }\nreceivers: [{ name: x }]', 'no field "recevier"'],
    ['route: { receiver: x, group_wait: 30 seconds }\nreceivers: [{ name: x }]', 'not a duration'],
    ['route: { receiver: x, group_interval: 0s }\nreceivers: [{ name: x }]', 'cannot be zero'],
    ["route: { receiver: x, group_by: ['...', a] }\nreceivers: [{ name: x }]", 'stands alone'],
    ['route: { receiver: x, group_by: [a, a] }\nreceivers: [{ name: x }]', 'twice'],
    [
      'route: { receiver: x, routes: [{ matchers: [\'a=~"("\'] }] }\nreceivers: [{ name: x }]',
      'regular expression',
    ],
    [
      'route: { receiver: x, routes: [{ mute_time_intervals: [z] }] }\nreceivers: [{ name: x }]',
      'no time interval "z"',
    ],
    ['route: { receiver: x }\nreceivers: [{ name: x }, { name: x }]', 'twice'],
    ['route: { receiver: x }\nreceivers: [{ name: x, webhook_configs: [{}] }]', 'needs a url'],
    [
      "route: { receiver: x }\nreceivers: [{ name: x, webhook_configs: [{ url: 'ftp://x' }] }]",
      'not an http address',
    ],
    [
      `${base}time_intervals: [{ name: t, time_intervals: [{ times: [{ start_time: '9:00', end_time: '10:00' }] }] }]`,
      'not a time',
    ],
    [`${base}time_intervals: [{ name: t, time_intervals: [{ location: 'Mars/Base' }] }]`, 'not a zone'],
    [
      `${base}time_intervals: [{ name: t, time_intervals: [{ weekdays: ['friday:monday'] }] }]`,
      'ends before',
    ],
    [`${base}sluice: { tiers: [{ tier: P9, matchers: [] }] }`, 'P0, P1, P2, P3'],
    ['route: [', ''],
  ])('%s', (text, because) => {
    const parsed = parseRouting(text)

    expect(parsed.ok).toBe(false)
    if (parsed.ok) return
    expect(parsed.problems.map((each) => each.because).join('; ')).toContain(because)
    expect(parsed.problems.every(({ line }) => line === null || line >= 1)).toBe(true)
  })

  it('what it does not speak is named and taken', () => {
    const parsed = parseRouting(
      `${base}templates: ['*.tmpl']\nglobal: { smtp_smarthost: 'x:25', resolve_timeout: 1m }\n`.replace(
        '[{ name: x }]',
        '[{ name: x, pagerduty_configs: [{ service_key: k }] }]',
      ),
    )

    expect(parsed).toMatchObject({
      ...{ ok: true, value: { resolveTimeout: 60_000 } },
      notes: [
        { of: 'unsupported-receiver', receiver: 'x', kind: 'pagerduty_configs', line: 2 },
        { of: 'templates-ignored' },
      ],
    })
  })
})

describe('what holds where nobody has set anything', () => {
  const routing = defaultRouting()
  const own = (alertname: string, more: Record<string, string> = {}) => ({
    ...{
      alertname,
      env: 'prod',
      team: 'data',
      cluster: 'c',
      job: 'orders',
      severity: 'critical',
      importance: 'normal',
    },
    ...{ source: 'sluice', ...more },
  })

  it.each([
    [own('JobFailed'), 'P1'],
    [own('JobFailed', { importance: 'critical' }), 'P0'],
    [own('JobFailed', { importance: 'minor' }), 'P2'],
    [own('JobFailed', { env: 'preprod' }), 'P2'],
    [own('Lag', { severity: 'warning' }), 'P2'],
    [own('CheckpointLarge', { severity: 'info' }), 'P3'],
    [{ alertname: 'NodeDown', severity: 'critical' }, 'P1'],
    [{ alertname: 'NodeDown' }, 'P2'],
    [{ alertname: 'NodeDown', severity: 'page', env: 'dev' }, 'P0'],
  ])('%j is %s', (labels, tier) => {
    expect(routing.tierOf(labels)).toBe(tier)
  })

  it('what Sluice finds is told at once, one job by itself', () => {
    const [route] = routing.routesOf(own('JobFailed'))

    expect(route?.times.wait).toBe(0)
    expect(route?.groupOf(own('JobFailed'))).toMatchObject({ job: 'orders', alertname: 'JobFailed' })
  })

  it('a silent cluster holds its jobs back, and a failed job its own slowness', () => {
    const silent = {
      fingerprint: 's',
      labels: { alertname: 'ClusterSilent', env: 'prod', cluster: 'c', source: 'sluice' },
    }
    const failed = { fingerprint: 'f', labels: own('JobFailed') }

    expect(routing.inhibitedBy(own('JobLost'), [silent])).toEqual(['s'])
    expect(routing.inhibitedBy(own('Lag'), [failed])).toEqual(['f'])
    expect(routing.inhibitedBy(own('Lag', { job: 'other' }), [failed])).toEqual([])
  })
})
