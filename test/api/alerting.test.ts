import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { type RealApp, startRealApp } from './real-app.ts'

let real: RealApp
let token: string

beforeAll(async () => {
  real = await startRealApp()
  const made = await real.as('root').post('/alert-sources', { name: 'prometheus', heartbeatSeconds: 600 })
  token = (made.body as { token: string }).token
})
afterAll(async () => {
  expect(real.faults).toEqual([])
  await real.close()
})

interface Incident {
  id: string
  state: string
  tier: string
  generation: number
  subject: { is: string; name: string }
  acked: { by: string; onCall: boolean } | null
  alerts: { firing: number }
}

async function tell(alerts: object, more: { path?: string; token?: string } = {}) {
  return fetch(`${real.url}/api/v2${more.path ?? '/alerts'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${more.token ?? token}` },
    body: JSON.stringify(alerts),
  })
}

/** The incident that shows these alerts, once its group was looked at. */
async function incidentOf(name: string, state = 'open'): Promise<Incident> {
  let found: Incident | undefined
  const look = async () => {
    const { body } = await real.as('root').get(`/incidents?state=${state}&limit=200`)
    found = (body as { items: Incident[] }).items.find(({ subject }) => subject.name === name)
    return found !== undefined
  }
  await until(look, { within: 20_000, what: `an incident ${name} that is ${state}` })
  if (!found) throw new Error('It was found a moment ago.')
  return found
}

const SCHEDULE = {
  team: 'data',
  zone: 'America/Chicago',
  layers: [
    {
      priority: 1,
      rotation: {
        ...{ unit: 'day', every: 1, starts: '2025-03-01T02:30', until: null, weekdays: null },
        participants: [['lin'], ['kai', 'mei']],
      },
    },
  ],
}

describe('schedules', () => {
  it('are put whole, read as they were put, and say who is on call', async () => {
    const put = await real.as('mei').put('/oncall/schedules/data-primary', SCHEDULE)
    const got = await real.as('kai').get('/oncall/schedules/data-primary')
    const shifts = await real
      .as('kai')
      .get('/oncall/schedules/data-primary/shifts?from=2025-03-08T06:00:00Z&to=2025-03-10T12:00:00Z')
    const now = await real.as('kai').get('/oncall/now?team=data')

    expect([put.status, got.status]).toEqual([200, 200])
    expect(got.body).toMatchObject(SCHEDULE)
    // The night in which half past two is skipped.
    expect(shifts.body).toEqual([
      {
        from: '2025-03-08T06:00:00.000Z',
        to: '2025-03-08T08:30:00.000Z',
        members: ['lin'],
        source: 'layer 1',
      },
      {
        from: '2025-03-08T08:30:00.000Z',
        to: '2025-03-09T08:00:00.000Z',
        members: ['kai', 'mei'],
        source: 'layer 1',
      },
      {
        from: '2025-03-09T08:00:00.000Z',
        to: '2025-03-10T07:30:00.000Z',
        members: ['lin'],
        source: 'layer 1',
      },
      {
        from: '2025-03-10T07:30:00.000Z',
        to: '2025-03-10T12:00:00.000Z',
        members: ['kai', 'mei'],
        source: 'layer 1',
      },
    ])
    expect(now.body).toMatchObject([{ schedule: 'data-primary', team: 'data', source: 'layer 1' }])
  })

  it('take overrides, and give them back', async () => {
    const span = { from: '2030-01-01T00:00:00Z', to: '2030-01-02T00:00:00Z' }
    const made = await real
      .as('lin')
      .post('/oncall/schedules/data-primary/overrides', { kind: 'replace', ...span, member: 'mei' })
    const during = await real
      .as('lin')
      .get(`/oncall/schedules/data-primary/shifts?from=${span.from}&to=${span.to}`)
    const dropped = await real
      .as('lin')
      .delete(`/oncall/schedules/data-primary/overrides/${(made.body as { id: string }).id}`)
    const after = await real
      .as('lin')
      .get(`/oncall/schedules/data-primary/shifts?from=${span.from}&to=${span.to}`)

    expect([made.status, dropped.status]).toEqual([201, 204])
    expect(during.body).toMatchObject([{ members: ['mei'], source: 'override' }])
    expect((after.body as object[]).length).toBeGreaterThan(1)
  })

  it.each([
    [
      'a member who is not there',
      {
        ...SCHEDULE,
        layers: [{ priority: 1, rotation: { ...SCHEDULE.layers[0]?.rotation, participants: [['nobody']] } }],
      },
      404,
    ],
    ['a zone that is none', { ...SCHEDULE, zone: 'Mars/Base' }, 400],
    ['a field that is not known', { ...SCHEDULE, laiers: [] }, 400],
    [
      'a day that does not exist',
      {
        ...SCHEDULE,
        layers: [{ priority: 1, rotation: { ...SCHEDULE.layers[0]?.rotation, starts: '2025-02-30T10:00' } }],
      },
      400,
    ],
  ])('refuse %s', async (_says, body, status) => {
    expect((await real.as('mei').put('/oncall/schedules/other', body)).status).toBe(status)
    expect((await real.as('mei').get('/oncall/schedules/other')).status).toBe(404)
  })

  it('are a lead’s to make, and nobody’s of another team', async () => {
    expect((await real.as('lin').put('/oncall/schedules/mine', SCHEDULE)).status).toBe(403)
    expect(
      (
        await real.as('ada').post('/oncall/schedules/data-primary/overrides', {
          kind: 'add',
          from: '2030-01-01T00:00:00Z',
          to: '2030-01-02T00:00:00Z',
          member: 'ada',
        })
      ).status,
    ).toBe(403)
  })
})

describe('alerts from outside', () => {
  const text = `
route: { receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 1s }
receivers: [{ name: team, sluice_configs: [{ chats: team }] }]
sluice: { tiers: [{ tier: P1, matchers: [severity="critical"] }, { tier: P2, matchers: [] }] }`

  beforeAll(async () => {
    expect((await real.as('root').put('/routes', { text })).status).toBe(200)
  })

  it('become an incident of their team, which is taken, noted and over', async () => {
    const labels = { alertname: 'KafkaSlow', team: 'data', severity: 'critical' }
    expect((await tell([{ labels, annotations: { summary: 'Kafka is slow' } }])).status).toBe(200)
    const opened = await incidentOf('Kafka is slow')
    const other = await real.as('ada').get(`/incidents/${opened.id}`)
    const stale = await real.as('lin').post(`/incidents/${opened.id}/acknowledge`, { generation: 7 })
    const acked = await real.as('mei').post(`/incidents/${opened.id}/ack`, {})
    const noted = await real.as('lin').post(`/incidents/${opened.id}/note`, { text: 'the broker was moved' })
    await tell([{ labels, endsAt: new Date(Date.now() - 1_000).toISOString() }])
    const over = await incidentOf('Kafka is slow', 'resolved')
    const late = await real.as('lin').post(`/incidents/${opened.id}/ack`, {})
    const timeline = await real.as('lin').get(`/incidents/${opened.id}`)

    expect(opened).toMatchObject({ tier: 'P1', state: 'triggered', alerts: { firing: 1 } })
    expect([other.status, stale.status, acked.status, noted.status, late.status]).toEqual([
      404, 409, 200, 200, 409,
    ])
    expect(acked.body).toMatchObject({ state: 'acknowledged', acked: { by: 'Mei' } })
    expect(over.id).toBe(opened.id)
    const { events } = timeline.body as { events: { kind: string }[] }
    expect(events.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['triggered', 'acknowledged', 'note', 'resolved']),
    )
  })

  it('are taken as far as they are sound, and the rest is named', async () => {
    const answer = await tell([
      { labels: { alertname: 'Sound' } },
      { labels: {} },
      { labels: { 'bad-name': 'x' } },
    ])

    expect(answer.status).toBe(400)
    expect(await answer.json()).toBe(
      'at least one label pair required; invalid label set: invalid name "bad-name"',
    )
    expect((await incidentOf('Sound')).state).toBe('triggered')
  })

  it.each([
    ['no list', { labels: {} }],
    ['a time that is none', [{ labels: { a: 'b' }, startsAt: 'yesterday' }]],
    [
      'an end before the beginning',
      [{ labels: { a: 'b' }, startsAt: '2026-01-02T00:00:00Z', endsAt: '2026-01-01T00:00:00Z' }],
    ],
    ['a label that is no text', [{ labels: { a: 1 } }]],
  ])('%s is refused', async (_says, body) => {
    expect((await tell(body)).status).toBe(400)
  })

  it('are told by a source, and by nobody else', async () => {
    expect((await tell([{ labels: { a: 'b' } }], { token: 'slu_wrong' })).status).toBe(401)
    expect((await real.as('root').post(`${real.url}/api/v2/alerts`, [{ labels: { a: 'b' } }])).status).toBe(
      403,
    )
    expect((await fetch(`${real.url}/api/v2/alerts`)).status).toBe(401)
  })

  it('a source that was taken back is believed no more', async () => {
    const made = await real.as('root').post('/alert-sources', { name: 'old' })
    const old = (made.body as { token: string }).token
    await real.as('root').delete('/alert-sources/old')

    expect((await tell([{ labels: { a: 'b' } }], { token: old })).status).toBe(401)
  })

  it('are seen by their team, and by everybody where they are no team’s', async () => {
    await tell([{ labels: { alertname: 'OfData', team: 'data' } }, { labels: { alertname: 'OfNobody' } }])
    const names = async (who: 'lin' | 'ada') =>
      ((await real.as(who).get(`${real.url}/api/v2/alerts`)).body as { labels: { alertname: string } }[]).map(
        ({ labels }) => labels.alertname,
      )

    expect(await names('lin')).toEqual(expect.arrayContaining(['OfData', 'OfNobody']))
    expect(await names('ada')).not.toContain('OfData')
    expect(await names('ada')).toContain('OfNobody')
  })

  it('explain where they would go', async () => {
    const { body } = await real
      .as('kai')
      .post('/routes/explain', { labels: { severity: 'critical', team: 'data' }, at: '2025-03-09T09:00:00Z' })

    expect(body).toMatchObject({
      ...{ tier: 'P1', onCall: ['Lin'], silencedBy: [], inhibitedBy: [] },
      routes: [{ receiver: 'team', groupKey: '{}:{}', waitMs: 0, mutedBy: [] }],
    })
  })

  it('a routing that cannot be read is refused with its line, and changes nothing', async () => {
    const before = await real.as('root').get('/routes')
    const refused = await real
      .as('root')
      .put('/routes', { text: 'route:\n  receiver: x\n  group_wait: soon\nreceivers: [{ name: x }]' })

    expect(refused.status).toBe(400)
    expect((refused.body as { detail: string }).detail).toContain('line 3: route.group_wait')
    expect((await real.as('root').get('/routes')).body).toEqual(before.body)
    expect((await real.as('mei').put('/routes', { text })).status).toBe(403)
  })
})

async function hook(path: string, body: unknown, secret = token) {
  return fetch(`${real.url}/api/hooks${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify(body),
  })
}

describe('webhooks of other programs', () => {
  it('take what Grafana sends, with its links, until it says that it is over', async () => {
    const alert = {
      ...{ status: 'firing', labels: { alertname: 'GrafanaLag', team: 'data', severity: 'critical' } },
      ...{ annotations: { summary: 'lag is high' }, startsAt: '2026-01-01T00:00:00Z' },
      ...{
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://grafana/a',
        dashboardURL: 'http://grafana/d/1',
      },
    }
    const answer = await hook('/grafana', {
      receiver: 'sluice',
      status: 'firing',
      alerts: [alert],
      version: '1',
    })
    expect([answer.status, await answer.json()]).toEqual([200, { taken: 1 }])
    const open = await incidentOf('lag is high')
    expect(open).toMatchObject({ annotations: { dashboard: 'http://grafana/d/1' } })

    const over = { ...alert, status: 'resolved', endsAt: new Date().toISOString() }
    await hook('/grafana', { alerts: [over] })

    expect(await incidentOf('lag is high', 'resolved')).toMatchObject({ id: open.id })
  })

  it('take one alert in a few words; its end need not repeat how bad it was', async () => {
    const said = {
      name: 'DiskFull',
      severity: 'critical',
      labels: { host: 'a' },
      summary: 'disk of a is full',
    }
    expect((await hook('/generic', said)).status).toBe(200)
    await incidentOf('disk of a is full')

    await hook('/generic', [{ name: 'DiskFull', labels: { host: 'a' }, status: 'resolved' }])

    expect(
      await incidentOf('disk of a is full', 'resolved').catch(() => incidentOf('DiskFull', 'resolved')),
    ).toBeDefined()
  })

  it.each([
    ['/generic', { nam: 'x' }, 400, /name/],
    ['/generic', [{ name: 'x', expires: 'soon' }], 400, /0\.expires: .*a duration such as 10m/],
    ['/generic', { name: 'x', labels: { 'a-b': 'c' } }, 400, /labels/],
    ['/grafana', { hello: 1 }, 400, /alerts/],
    ['/nothing', {}, 404, /nothing at this path/],
  ])('say what is wrong: %s %j', async (path, body, status, words) => {
    const answer = await hook(path, body)

    expect(answer.status).toBe(status)
    expect(JSON.stringify(await answer.json())).toMatch(words)
  })

  it('need the token of a source, and a beat needs no more', async () => {
    expect((await hook('/generic', { name: 'x' }, 'wrong')).status).toBe(401)
    expect((await hook('/beat', {}, 'wrong')).status).toBe(401)
    expect((await hook('/beat', {})).status).toBe(204)
  })
})

describe('rules over samples', () => {
  const rule = {
    ...{ name: 'checkpoint-slow', scope: { team: 'data' } },
    when: { is: 'above', metric: 'checkpoint_duration', limit: 120_000, for: 0 },
  }

  it('are set for a team by who manages its alerts, and taken back', async () => {
    const refused = await real.as('ada').put('/alert-rules', rule)
    const put = await real.as('mei').put('/alert-rules', rule)
    const all = await real.as('root').get('/alert-rules')
    const gone = await real.as('mei').delete('/alert-rules/checkpoint-slow?team=data')
    const again = await real.as('mei').delete('/alert-rules/checkpoint-slow?team=data')

    expect([refused.status, put.status, gone.status, again.status]).toEqual([403, 200, 204, 404])
    expect(put.body).toMatchObject({ severity: 'warning', updatedBy: 'Mei', unit: 'ms' })
    const named = (all.body as { name: string; id: string | null }[]).filter(({ name }) => name === rule.name)
    expect(named.map(({ id }) => id)).toEqual([null, 'checkpoint-slow{team="data"}'])
  })

  it('are refused where there is no such team, and beyond one’s own', async () => {
    expect((await real.as('root').put('/alert-rules', { ...rule, scope: { team: 'nobody' } })).status).toBe(
      404,
    )
    expect((await real.as('mei').put('/alert-rules', { ...rule, scope: {} })).status).toBe(403)
    const wrong = await real.as('mei').put('/alert-rules', { ...rule, when: { is: 'above', metric: 'mood' } })
    expect(wrong.status).toBe(400)
  })
})

describe('maintenance windows', () => {
  const window = {
    ...{ team: 'data', matchers: 'job=~"dm-.*"', zone: 'Asia/Shanghai', comment: 'compaction' },
    times: { weekdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', minutes: 1440 },
  }

  it('silence what they name, as one’s own team’s, from when they are on', async () => {
    const put = await real.as('mei').put('/maintenance-windows/nightly', window)
    expect(put.status).toBe(200)
    expect(put.body).toMatchObject({ matchers: 'job=~"dm-.*",team="data"', createdBy: 'Mei' })

    const silences = async () => {
      const answer = await fetch(`${real.url}/api/v2/silences`, {
        headers: { authorization: `Bearer ${token}` },
      })
      return (await answer.json()) as { comment: string; status: { state: string } }[]
    }
    await until(async () => (await silences()).some(({ comment }) => comment === 'compaction'), {
      ...{ within: 20_000, what: 'a silence of the window' },
    })
    const [silence] = (await silences()).filter(({ comment }) => comment === 'compaction')
    expect(silence?.status.state).toBe('active')
  })

  it('are refused for other teams and for everything, and say what is wrong', async () => {
    const refused = await real.as('mei').put('/maintenance-windows/x', { ...window, team: 'ads' })
    const everything = await real
      .as('root')
      .put('/maintenance-windows/x', { ...window, team: null, matchers: 'a=~".*"' })
    const nowhere = await real.as('mei').put('/maintenance-windows/x', { ...window, zone: 'Mars' })

    expect([refused.status, everything.status, nowhere.status]).toEqual([403, 400, 400])
    expect((await real.as('mei').delete('/maintenance-windows/nightly')).status).toBe(204)
    expect((await real.as('mei').delete('/maintenance-windows/nightly')).status).toBe(404)
  })
})

describe('calendars', () => {
  const calendar = (summary: string) =>
    [
      ...[
        'BEGIN:VCALENDAR',
        'VERSION:2.0',
        'PRODID:-//t//EN',
        'BEGIN:VEVENT',
        'UID:1',
        'DTSTAMP:20261101T000000Z',
      ],
      ...[
        `DTSTART:${compact(3_600_000)}`,
        `DTEND:${compact(7_200_000)}`,
        `SUMMARY:${summary}`,
        'END:VEVENT',
        'END:VCALENDAR',
        '',
      ],
    ].join('\r\n')
  const compact = (ahead: number) =>
    `${new Date(Date.now() + ahead).toISOString().slice(0, 16).replace(/[-:]/g, '')}00Z`

  it('bring shifts in, in the place of those they brought before', async () => {
    const path = '/oncall/schedules/data-primary/calendar'
    const wrong = await real.as('mei').put(path, { text: calendar('nobody-we-know') })
    const first = await real.as('mei').put(path, { text: calendar('mei') })
    const second = await real.as('mei').put(path, { text: calendar('kai, mei') })
    const at = new Date(Date.now() + 5_400_000).toISOString()
    const now = await real.as('mei').get(`/oncall/now?team=data&at=${at}`)

    expect([wrong.status, first.status, second.status]).toEqual([404, 200, 200])
    expect((now.body as { members: { name: string }[] }[])[0]?.members.map(({ name }) => name)).toEqual([
      'kai',
      'mei',
    ])
    expect((await real.as('mei').put(path, { text: 'hello' })).status).toBeGreaterThanOrEqual(400)
    expect((await real.as('ada').put(path, { text: calendar('mei') })).status).toBe(403)
  })

  it('are subscribed to by an address that holds a key of one schedule alone', async () => {
    const { body } = await real.as('mei').get('/oncall/schedules/data-primary/calendar')
    const { path } = body as { path: string }

    const answer = await fetch(`${real.url}${path}`)
    const other = await fetch(`${real.url}${path.replace('data-primary', 'other')}`)
    const keyless = await fetch(`${real.url}/calendars/data-primary.ics`)

    expect(answer.headers.get('content-type')).toMatch(/^text\/calendar/)
    expect(await answer.text()).toMatch(/BEGIN:VEVENT[\s\S]*SUMMARY:kai\\, mei/)
    expect([other.status, keyless.status]).toEqual([404, 404])
    expect(real.logged()).not.toContain(new URL(path, real.url).searchParams.get('key'))
  })
})

describe('summaries', () => {
  it('are made when somebody asks, of teams they may look at', async () => {
    const made = await real.as('lin').post('/digests/data', { days: 7 })

    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ team: 'data', kind: 'asked', facts: { onCall: { isPlanned: true } } })
    expect((await real.as('lin').post('/digests/ads', {})).status).toBe(403)
    expect((await real.as('lin').get('/digests/data/2020-01-01')).status).toBe(404)
  })

  it('have their hour, set by who manages the team', async () => {
    expect((await real.as('lin').put('/digests/data', { at: '08:30' })).status).toBe(403)
    const set = await real.as('root').put('/digests/data', { at: '08:30' })
    expect(set).toMatchObject({ status: 200, body: { at: '08:30' } })
    expect((await real.as('root').put('/digests/data', { at: '8.30' })).status).toBe(400)
  })
})

describe('what people do with an incident over REST', () => {
  it('opens it by hand, gives it a tier and a person, merges it, and writes its postmortem', async () => {
    const draft = (title: string) => ({ title, tier: 'P3', team: 'data' })
    const a = (await real.as('mei').post('/incidents', draft('a by hand'))).body as Incident
    const b = (await real.as('mei').post('/incidents', draft('b by hand'))).body as Incident

    const tier = await real.as('mei').post(`/incidents/${a.id}/tier`, { tier: 'P2' })
    const given = await real.as('mei').post(`/incidents/${a.id}/assign`, { member: 'lin' })
    const merged = await real.as('mei').post(`/incidents/${b.id}/merge`, { into: a.id })
    const { body } = await real.as('lin').get(`/incidents/${a.id}/postmortem`)

    expect([tier.status, given.status, merged.status]).toEqual([200, 200, 200])
    expect(tier.body).toMatchObject({ tier: 'P2' })
    expect(given.body).toMatchObject({ assignee: 'Lin' })
    expect(merged.body).toMatchObject({ state: 'resolved', mergedInto: a.id })
    expect((body as { markdown: string }).markdown).toMatch(
      /^# Postmortem: P2 · a by hand\n[\s\S]*\| Mei \| tier P2 \|/,
    )
    expect((await real.as('ada').post('/incidents', draft('c'))).status).toBe(403)
  })
})
