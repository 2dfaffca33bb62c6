import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answered } from './app.ts'
import { exampleJar, type Person, type RealApp, startRealApp } from './real-app.ts'

/** REST on the whole server: real rules, real stores, a simulated Flink. */
let world: RealApp
let digest = ''
beforeAll(async () => {
  world = await startRealApp()
  const jar = await exampleJar()
  const upload = await world.as('lin').post('/artifacts?name=counter.jar', jar, JAR)
  digest = upload.body.digest
  await create('orders', 'session-a')
  await create('payments', 'session-b')
}, 120_000)
afterAll(async () => {
  expect(world.faults).toEqual([])
  await world.close()
})

const JAR = { 'content-type': 'application/java-archive' }

function create(name: string, cluster: string, who: Person = 'lin'): Promise<Answered> {
  return world.as(who).post('/jobs', {
    name,
    team: 'data',
    cluster,
    kind: 'jar',
    note: 'for tests',
    release: { program: { is: 'jar', digest, args: ['--db-password', 'hunter2'] }, parallelism: 1 },
  })
}

/** Asks for an operation and waits for its end. */
async function done(answer: Answered): Promise<Answered> {
  expect(answer.status, answer.text).toBe(202)
  return world.as('lin').get(`/operations/${answer.body.id}?wait=20s`)
}

describe('artifacts', () => {
  it('are taken as bytes and known by their digest', async () => {
    const jar = await exampleJar()
    const sha256 = createHash('sha256').update(jar).digest('hex')

    const answer = await world.as('lin').post(`/artifacts?name=again.jar&sha256=${sha256}`, jar, JAR)

    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({ digest: sha256, size: jar.length, entryClass: expect.any(String) })
  })

  it.each([
    ['what is no jar', 'name=x.jar', 'not a jar', JAR, 400, 'not-a-jar'],
    [
      'another digest than announced',
      `name=x.jar&sha256=${'0'.repeat(64)}`,
      'bytes',
      JAR,
      400,
      'digest-differs',
    ],
    ['a name with a path', 'name=../x.jar', 'bytes', JAR, 400, 'not-valid'],
    ['no name', '', 'bytes', JAR, 400, 'not-valid'],
    ['another type', 'name=x.jar', 'bytes', { 'content-type': 'text/plain' }, 415, 'wrong-type'],
  ])('are refused with %s', async (_, query, body, headers, status, kind) => {
    const answer = await world.as('lin').post(`/artifacts?${query}`, Buffer.from(body), headers)

    expect([answer.status, answer.body.type]).toEqual([status, `urn:sluice:problem:${kind}`])
  })
})

describe('jobs', () => {
  it('are made with a first release, and shown with everything about them', async () => {
    const made = await create('orders-2', 'session-a')

    expect(made.status).toBe(201)
    expect(made.headers.location).toBe('/api/v1/jobs/orders-2')
    const shown = await world.as('mei').get('/jobs/orders-2')
    expect(shown.body).toMatchObject({
      job: { name: 'orders-2', team: { name: 'data' }, environment: 'preprod', state: { is: 'new' } },
      cluster: { name: 'session-a', reach: { is: expect.any(String) } },
      detail: null,
      operation: null,
      incident: null,
    })
  })

  it('are made once per name', async () => {
    const answer = await create('orders', 'session-a')

    expect([answer.status, answer.body.type]).toEqual([409, 'urn:sluice:problem:name-taken'])
  })

  it('are refused with a field that is wrong, and nothing is made', async () => {
    const draft = { name: 'half', team: 'data', cluster: 'session-a', kind: 'jar' }
    const wrong = [
      { ...draft, release: { parallelism: 0 } },
      { ...draft, release: { program: { is: 'jar', digest: 'short' } } },
      { ...draft, release: { program: { is: 'elf' } } },
      { ...draft, kind: 'python', release: {} },
      { ...draft, restartPolicy: { is: 'on-failure' }, release: {} },
      draft,
    ]

    const answers = await Promise.all(wrong.map((body) => world.as('lin').post('/jobs', body)))

    expect(answers.map(({ status }) => status)).toEqual(wrong.map(() => 400))
    expect((await world.as('lin').get('/jobs/half')).status).toBe(404)
  })

  it('say what is missing: team, cluster, program, artifact', async () => {
    const lin = world.as('lin')
    const draft = { name: 'half', team: 'data', cluster: 'session-a', kind: 'jar', release: {} }
    const unknown = { program: { is: 'jar', digest: '0'.repeat(64) } }

    const answers = await Promise.all([
      lin.post('/jobs', { ...draft, team: 'dta' }),
      lin.post('/jobs', { ...draft, cluster: 'session-x' }),
      lin.post('/jobs', draft),
      lin.post('/jobs', { ...draft, release: unknown }),
    ])

    expect(answers.map(({ status, body }) => [status, body.reason ?? body.type])).toEqual([
      [404, 'urn:sluice:problem:not-found'],
      [404, 'urn:sluice:problem:not-found'],
      [409, 'no-program'],
      [409, 'unknown-artifact'],
    ])
  })

  it('list with filters, counts and pages, each only what the caller may see', async () => {
    const lin = world.as('lin')

    const first = await lin.get('/jobs?limit=1')
    const second = await lin.get(`/jobs?limit=1&cursor=${first.body.next}`)
    const prod = await lin.get('/jobs?environment=prod')
    const like = await lin.get('/jobs?like=pay')
    const ada = await world.as('ada').get('/jobs')

    expect(first.body.items).toHaveLength(1)
    expect(second.body.items[0].name).not.toBe(first.body.items[0].name)
    expect(prod.body.items.map(({ name }: { name: string }) => name)).toEqual(['payments'])
    expect(like.body.items.map(({ name }: { name: string }) => name)).toEqual(['payments'])
    expect(ada.body.items).toEqual([])
  })

  it.each([
    'cursor=bm9wZQ.nope',
    'cursor=x',
    'limit=0',
    'state=flying',
    'archived=maybe',
    'teem=data',
  ])('cannot be listed with ?%s', async (query) => {
    expect((await world.as('lin').get(`/jobs?${query}`)).status).toBe(400)
  })

  it('do not exist for who may not see them, and are near for who may', async () => {
    const hidden = await world.as('ada').get('/jobs/orders')
    const missing = await world.as('ada').get('/jobs/oders')
    const near = await world.as('lin').get('/jobs/oders')

    expect([hidden.status, missing.status, near.status]).toEqual([404, 404, 404])
    expect(missing.body.near).toBeUndefined()
    expect(near.body.near).toContain('orders')
    expect(near.body.detail).toContain('Did you mean')
    expect(hidden.body.detail).toBe('There is no job "orders".')
  })

  it('name who may do what the caller may not', async () => {
    const answer = await world.as('lin').post('/clusters', {
      name: 'mine',
      address: 'http://127.0.0.1:1',
      environment: 'prod',
    })

    expect(answer.status).toBe(403)
    expect(answer.body).toMatchObject({
      type: 'urn:sluice:problem:not-allowed',
      detail: 'This is for admins. Root can.',
    })
    expect(answer.body.whoCan).toEqual([{ name: 'root', displayName: 'Root' }])
  })

  it('have releases that count, differ, and do not show secrets', async () => {
    const lin = world.as('lin')
    await create('counted', 'session-a')

    const second = await lin.post('/jobs/counted/releases', { parallelism: 2, note: 'twice as wide' })
    const all = await lin.get('/jobs/counted/releases')
    const diff = await lin.get('/jobs/counted/diff?from=1&to=2')

    expect([second.status, second.body.number, second.headers.location]).toEqual([
      201,
      2,
      '/api/v1/jobs/counted/releases/2',
    ])
    expect(all.body.items.map(({ number }: { number: number }) => number)).toEqual([2, 1])
    expect(all.text).not.toContain('hunter2')
    expect(diff.body.changes).toEqual([{ field: 'parallelism', key: null, before: '1', after: '2' }])
    expect((await lin.get('/jobs/counted/releases/1')).body.parallelism).toBe(1)
    expect((await lin.get('/jobs/counted/releases/3')).status).toBe(404)
    expect((await lin.get('/jobs/counted/diff?from=1&to=9')).status).toBe(404)
    expect((await lin.get('/jobs/counted/releases/0')).status).toBe(400)
  })

  it('get a restart policy, and are archived when they do not run', async () => {
    const lin = world.as('mei')
    await create('short-lived', 'session-a')
    const policy = { is: 'on-failure', limit: 3, windowMs: 600_000, backoffMs: 1000, backoffCapMs: 60_000 }

    const set = await lin.put('/jobs/short-lived/restart-policy', policy)
    const archived = await lin.post('/jobs/short-lived/archive')

    expect(set.body.restartPolicy).toEqual(policy)
    expect(archived.status, archived.text).toBe(200)
    expect(archived.body.archivedAt).toEqual(expect.stringMatching(/Z$/))
    expect((await lin.get('/jobs?archived=true')).body.items).toHaveLength(1)
  })
})

describe('operations', () => {
  it('are taken on at once, and waited for', async () => {
    const asked = await world.as('lin').post('/jobs/orders/operations', { verb: 'start' })

    expect(asked.headers.location).toBe(`/api/v1/operations/${asked.body.id}`)
    expect(asked.body).toMatchObject({
      job: { name: 'orders' },
      order: { verb: 'start', from: { is: 'latest' } },
    })
    const ended = await done(asked)
    expect(ended.body).toMatchObject({ state: 'done', outcome: { is: 'running', release: 1 } })

    const savepoint = await done(await world.as('lin').post('/jobs/orders/operations', { verb: 'savepoint' }))
    expect(savepoint.body.outcome.is).toBe('savepoint-taken')
    expect((await world.as('lin').get('/jobs/orders/savepoints')).body.items).toHaveLength(1)
    expect((await world.as('lin').get('/jobs/orders/attempts')).body.items[0]).toMatchObject({
      state: 'live',
    })
    expect((await world.as('lin').get('/jobs/orders/causes')).body).toEqual([])
    expect((await world.as('lin').get('/jobs/orders/logs?lines=5')).status).toBe(200)
    expect((await world.as('lin').post('/jobs/orders/check')).body.is).toBe('good')
  })

  it('that make no sense are refused with the reason, and nothing changes', async () => {
    const answer = await world.as('lin').post('/jobs/orders/operations', { verb: 'restart', release: 7 })

    expect([answer.status, answer.body.reason]).toEqual([409, 'unknown-release'])
    expect(answer.body.detail).toBe('orders has no release 7; the newest is 1.')
  })

  it('asked for twice at once are one', async () => {
    const lin = world.as('lin')

    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => lin.post('/jobs/orders/operations', { verb: 'savepoint' })),
    )

    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    await done(answers[0] as Answered)
  })

  it.each([
    [{ verb: 'fly' }],
    [{}],
    [{ verb: 'scale' }],
    [{ verb: 'scale', parallelism: 0 }],
    [{ verb: 'start', to: 3 }],
    [{ verb: 'stop', how: 'gently' }],
    [{ verb: 'adopt', flinkJobId: 'xyz' }],
    [{ verb: 'rollback', from: { is: 'savepoint' } }],
  ])('cannot be %j', async (body) => {
    expect((await world.as('lin').post('/jobs/orders/operations', body)).status).toBe(400)
  })

  it('in prod wait for a second person, who is not the one who asked', async () => {
    const asked = await world
      .as('mei')
      .post('/jobs/payments/operations', { verb: 'start', reason: 'first run' })
    const path = `/operations/${asked.body.id}`

    expect(asked.body).toMatchObject({
      state: 'waiting-approval',
      approval: { state: 'open' },
      reason: 'first run',
    })
    expect((await world.as('mei').post(`${path}/approve`)).body.type).toBe('urn:sluice:problem:own-request')
    expect((await world.as('lin').post(`${path}/approve`)).body.type).toBe('urn:sluice:problem:not-allowed')
    expect((await world.as('ada').post(`${path}/approve`)).status).toBe(404)
    expect((await world.as('ada').get(path)).status).toBe(404)

    const approved = await world.as('kai').post(`${path}/approve`, { note: 'go' })
    expect(approved.status, approved.text).toBe(200)
    expect((await world.as('kai').post(`${path}/reject`)).body.type).toBe('urn:sluice:problem:decided')
    expect((await done({ ...asked })).body.outcome.is).toBe('running')
  })

  it('are rejected, or cancelled while that is possible', async () => {
    const first = await world.as('mei').post('/jobs/payments/operations', { verb: 'stop' })
    const rejected = await world.as('kai').post(`/operations/${first.body.id}/reject`, { note: 'not now' })
    const second = await world.as('mei').post('/jobs/payments/operations', { verb: 'stop' })
    const cancelled = await world.as('mei').post(`/operations/${second.body.id}/cancel`)
    const again = await world.as('mei').post(`/operations/${second.body.id}/cancel`)

    expect(rejected.body).toMatchObject({
      state: 'refused',
      approval: { state: 'rejected', note: 'not now' },
    })
    expect(cancelled.body.state).toBe('cancelled')
    expect(again.body.type).toBe('urn:sluice:problem:operation-over')
  })

  it('list by job and state', async () => {
    const all = await world.as('lin').get('/operations?job=payments')
    const open = await world.as('lin').get('/operations?open=true')
    const first = await world.as('lin').get('/operations?limit=1')

    expect(all.body.items.map(({ order }: { order: { verb: string } }) => order.verb)).toEqual([
      'stop',
      'stop',
      'start',
    ])
    expect(open.body.items).toEqual([])
    expect(
      (await world.as('lin').get(`/operations?limit=1&cursor=${first.body.next}`)).body.items,
    ).toHaveLength(1)
    expect(
      (await world.as('lin').get(`/operations?job=payments&limit=1&cursor=${first.body.next}`)).status,
    ).toBe(400)
    expect((await world.as('ada').get('/operations?job=payments')).status).toBe(404)
  })

  it('unknown are not found', async () => {
    const lin = world.as('lin')
    const answers = await Promise.all([
      lin.get('/operations/op_000000000000'),
      lin.post('/operations/op_000000000000/approve'),
      lin.post('/operations/op_000000000000/reject'),
      lin.post('/operations/op_000000000000/cancel'),
      lin.get('/operations/op_000000000000?wait=forever'),
    ])

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 400])
  })
})

describe('clusters and Flink versions', () => {
  it('are added, shown and removed by admins', async () => {
    const root = world.as('root')
    const draft = { name: 'spare', address: world.spareAddress, environment: 'preprod' }

    const added = await root.post('/clusters', draft)
    expect(added.status, added.text).toBe(201)
    expect((await root.post('/clusters', draft)).status).toBe(409)
    expect((await world.as('lin').get('/clusters')).body).toHaveLength(3)
    expect((await world.as('lin').get('/clusters/spare')).body.environment).toBe('preprod')
    expect((await root.get('/clusters/spar')).body.near).toContain('spare')
    expect((await root.post('/clusters/spare/scale', { taskManagers: 3 })).body.type).toBe(
      'urn:sluice:problem:not-managed',
    )
    expect((await root.delete('/clusters/spare')).status).toBe(200)
    expect((await root.delete('/clusters/spare')).status).toBe(404)
    expect((await root.delete('/clusters/session-a')).body.type).toBe('urn:sluice:problem:has-jobs')
  })

  it('are refused when they do not answer or make no sense', async () => {
    const root = world.as('root')
    const draft = { name: 'other', address: 'http://127.0.0.1:1', environment: 'preprod' }

    const answers = [
      await root.post('/clusters', draft),
      await root.post('/clusters', { ...draft, address: 'not an address' }),
      await root.post('/clusters', { ...draft, environment: 'moon' }),
    ]

    expect(answers.map(({ body }) => body.type)).toEqual([
      'urn:sluice:problem:no-answer',
      'urn:sluice:problem:bad-address',
      'urn:sluice:problem:not-found',
    ])
  })

  it('show jobs that are not ours', async () => {
    const answer = await world.as('lin').get('/clusters/session-a/strangers?team=data')

    expect([answer.status, answer.body]).toEqual([200, []])
    expect((await world.as('ada').get('/clusters/session-a/strangers?team=data')).status).toBe(403)
  })

  it('of Flink name what is wrong with a home', async () => {
    const root = world.as('root')

    expect((await root.get('/flink-versions')).body).toEqual([])
    expect((await root.post('/flink-versions', { name: 'f', home: '/nowhere' })).body.type).toBe(
      'urn:sluice:problem:bad-home',
    )
    expect((await root.delete('/flink-versions/f')).status).toBe(404)
    expect((await world.as('lin').post('/flink-versions', { name: 'f', home: '/nowhere' })).status).toBe(403)
  })
})

describe('people', () => {
  it('see who they are', async () => {
    expect((await world.as('lin').get('/me')).body).toMatchObject({
      name: 'lin',
      teams: [{ team: 'data', role: 'developer' }],
      token: { verbs: [], teams: [], environments: [] },
    })
  })

  it('are added, given roles and disabled', async () => {
    const root = world.as('root')

    const added = await root.post('/members', { name: 'zoe', displayName: 'Zoe', email: 'zoe@example.com' })
    expect(added.status, added.text).toBe(201)
    expect((await root.post('/members', { name: 'zoe', displayName: 'Zoe' })).status).toBe(409)
    expect((await root.put('/teams/ads/members/zoe', { role: 'viewer' })).body.members).toContainEqual(
      expect.objectContaining({ name: 'zoe', role: 'viewer' }),
    )
    expect((await root.put('/teams/ads/members/zoe', { role: 'pilot' })).status).toBe(404)
    expect((await root.put('/teams/ads/members/nobody', { role: 'viewer' })).status).toBe(404)
    expect((await root.put('/teams/moon/members/zoe', { role: 'viewer' })).status).toBe(404)
    expect((await world.as('mei').put('/teams/ads/members/zoe', { role: null })).status).toBe(403)
    expect((await root.put('/members/zoe', { disabled: true })).body.disabled).toBe(true)
    expect((await root.put('/members/root', { disabled: true })).status).toBe(409)
    expect((await root.put('/members/nobody', { disabled: true })).status).toBe(404)
    expect((await world.as('lin').get('/members?like=zo')).body.items).toHaveLength(1)
    expect((await world.as('lin').post('/members', { name: 'x', displayName: 'X' })).status).toBe(403)
  })

  it('are in teams, with roles, in environments', async () => {
    const root = world.as('root')

    expect((await root.post('/teams', { name: 'risk', title: 'Risk', zone: 'Europe/Berlin' })).status).toBe(
      201,
    )
    expect((await root.post('/teams', { name: 'risk', title: 'Risk' })).status).toBe(409)
    expect((await root.post('/teams', { name: 'moon', title: 'Moon', zone: 'Moon/Crater' })).status).toBe(400)
    expect((await world.as('lin').post('/teams', { name: 'x', title: 'X' })).status).toBe(403)
    expect((await world.as('lin').get('/teams')).body.map(({ name }: { name: string }) => name)).toContain(
      'risk',
    )
    expect((await world.as('lin').get('/roles')).body.map(({ name }: { name: string }) => name)).toContain(
      'viewer',
    )
    const role = {
      name: 'watcher',
      title: { zh: '观察', en: 'Watcher' },
      permissions: ['job:view', 'job:logs'],
    }
    expect((await root.post('/roles', role)).status).toBe(201)
    expect(
      (await root.post('/roles', { ...role, name: 'w2', permissions: ['member:manage'] })).body.type,
    ).toBe('urn:sluice:problem:not-grantable')
    const environment = { title: { zh: '测试', en: 'Test' }, approvals: ['job:stop'], expiresMin: 5 }
    expect((await root.put('/environments/test', environment)).body).toEqual({ name: 'test', ...environment })
    expect(
      (await world.as('lin').get('/environments')).body.map(({ name }: { name: string }) => name),
    ).toContain('test')
  })

  it('make tokens that are shown once, narrow, and end when revoked', async () => {
    const lin = world.as('lin')

    const made = await lin.post('/tokens', { name: 'ci', verbs: ['job:view'], teams: ['data'], days: 7 })
    const narrow = { authorization: `Bearer ${made.body.secret}` }

    expect(made.status, made.text).toBe(201)
    expect((await lin.get('/me', narrow)).body.token).toMatchObject({ verbs: ['job:view'], teams: ['data'] })
    expect((await lin.get('/jobs/orders', narrow)).status).toBe(200)
    expect((await lin.post('/jobs/orders/operations', { verb: 'savepoint' }, narrow)).body.detail).toBe(
      'This token does not reach job:savepoint here.',
    )
    expect((await lin.get('/tokens')).text).not.toContain(made.body.secret)
    expect((await world.as('ada').delete(`/tokens/${made.body.token.id}`)).status).toBe(404)
    expect((await lin.delete(`/tokens/${made.body.token.id}`)).body.revokedAt).toEqual(expect.any(String))
    expect((await lin.get('/me', narrow)).body.type).toBe('urn:sluice:problem:bad-token')
    expect((await lin.post('/tokens', { name: 'x', teams: ['moon'], days: 1 })).status).toBe(404)
    expect((await lin.post('/tokens', { name: 'x', verbs: ['member:manage'], days: 1 })).status).toBe(403)
    expect((await lin.post('/tokens', { name: 'x', days: 0 })).status).toBe(400)
  })

  it('link chat accounts by a code', async () => {
    expect((await world.as('lin').post('/me/link-code')).body).toEqual({
      code: expect.any(String),
      expiresAt: expect.stringMatching(/Z$/),
    })
  })
})

describe('audit, incidents and work', () => {
  it('tell who did what, newest first, as far as the caller may see', async () => {
    const lin = await world.as('lin').get('/audit?job=orders&limit=2')

    expect(lin.body.items).toHaveLength(2)
    expect(lin.body.items[0]).toMatchObject({
      subject: expect.stringContaining('orders'),
      at: expect.stringMatching(/Z$/),
    })
    expect(
      (await world.as('lin').get(`/audit?job=orders&limit=2&cursor=${lin.body.next}`)).body.items,
    ).toHaveLength(2)
    expect(
      (await world.as('root').get('/audit?member=lin&verb=job:create')).body.items.length,
    ).toBeGreaterThan(0)
    expect((await world.as('ada').get('/audit?job=orders')).status).toBe(404)
    expect((await world.as('ada').get('/audit')).text).not.toContain('orders')
  })

  it('are empty in health', async () => {
    expect((await world.as('lin').get('/incidents')).body).toEqual({ items: [], next: null })
    expect((await world.as('lin').post('/incidents/inc_0/acknowledge', { generation: 1 })).status).toBe(404)
    expect((await world.as('lin').post('/incidents/inc_0/acknowledge', {})).status).toBe(400)
  })

  it('of the queue is for admins', async () => {
    const root = world.as('root')

    expect((await root.get('/work')).status).toBe(200)
    expect((await root.get('/work/dead')).body).toEqual({ items: [], next: null })
    expect((await root.post('/work/dead/nothing/replay')).status).toBe(404)
    for (const path of ['/work', '/work/dead']) expect((await world.as('lin').get(path)).status).toBe(403)
    expect((await world.as('lin').post('/work/dead/nothing/replay')).status).toBe(403)
  })
})

describe('the chat path', () => {
  it('answers a command with a card whose buttons can be pressed', async () => {
    const lin = world.as('lin')

    const said = await lin.post('/say', { text: '/job show orders', chat: 'ops' })
    expect(said.body.cards[0].text).toContain('orders')
    const [button] = said.body.cards[0].buttons
    const pressed = await lin.post('/press', { press: button.press })

    expect(pressed.status, pressed.text).toBe(200)
    expect((await lin.get(`/cards/${said.body.cards[0].id}`)).body.id).toBe(said.body.cards[0].id)
    expect((await lin.get('/complete?text=/job%20sh&at=7')).body.items.length).toBeGreaterThan(0)
  })
})
