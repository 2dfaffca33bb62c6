import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMetrics } from '../../src/metrics.ts'
import { startApp, type TestApp, visitor } from './app.ts'

let app: TestApp
let directory = ''
const metrics = createMetrics({ processMetrics: false })
let databaseIs: 'ok' | 'down' = 'ok'
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-page-'))
  mkdirSync(join(directory, 'assets'))
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>page</title>')
  writeFileSync(join(directory, 'assets', 'app-3f2a.js'), 'start()')
  app = await startApp({
    webDirectory: directory,
    metrics,
    readiness: {
      database: async () => {
        if (databaseIs === 'down') throw new Error('gone')
      },
      queue: async () => {},
    },
  })
})
afterAll(async () => {
  await app.close()
  rmSync(directory, { recursive: true })
})

const HTML = { accept: 'text/html' }
const outside = () => visitor(app.url, {})

describe('the page', () => {
  it('is served at every address a person may have open, and never kept', async () => {
    for (const path of ['/', '/jobs/orders', '/sign-in?code=abc']) {
      const answer = await outside().get(app.url + path, HTML)
      expect([answer.status, answer.text]).toEqual([200, '<!doctype html><title>page</title>'])
      expect(answer.headers['cache-control']).toBe('no-cache')
    }
  })

  it('has files that are kept for ever, because their names change with them', async () => {
    const answer = await outside().get(`${app.url}/assets/app-3f2a.js`)

    expect(answer.text).toBe('start()')
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  it('is not given where a file, an API route or another method was asked for', async () => {
    const answers = [
      await outside().get(`${app.url}/assets/gone.js`, HTML),
      await outside().get(`${app.url}/api/v1/nothing`, HTML),
      await outside().get(`${app.url}/jobs`, { accept: 'application/json' }),
      await outside().post(`${app.url}/jobs`, {}),
      await outside().get(`${app.url}/..%2f..%2fetc%2fpasswd`, HTML),
    ]

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 200])
    expect(answers[4]?.text).toContain('<title>page</title>')
  })

  it('says how to build it when it is not built', async () => {
    const bare = await startApp()

    const answer = await visitor(bare.url, {}).get(`${bare.url}/`, HTML)

    expect([answer.status, answer.body.type]).toEqual([404, 'urn:sluice:problem:no-page-built'])
    await bare.close()
  })

  it('may run no script but its own', async () => {
    const { headers } = await outside().get(`${app.url}/`, HTML)

    expect(headers['content-security-policy']).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';manifest-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none'",
    )
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['x-powered-by']).toBeUndefined()
  })
})

describe('an address', () => {
  it('that is not ours is refused: a stranger’s name may have been pointed at us', async () => {
    const answer = await outside().get(`${app.url}/api/v1/chats`, { host: 'evil.example' })

    expect([answer.status, answer.body.type]).toEqual([421, 'urn:sluice:problem:other-host'])
    expect((await outside().get(`${app.url}/metrics`, { host: 'evil.example' })).status).toBe(421)
  })

  it('is not asked of who looks after us', async () => {
    expect((await outside().get(`${app.url}/health`, { host: 'sluice.internal.example' })).status).toBe(200)
    expect((await outside().get(`${app.url}/ready`, { host: 'sluice.internal.example' })).status).toBe(200)
  })
})

describe('a request id', () => {
  it('is made, or taken when it is well-formed, and is on the answer and the problem', async () => {
    const made = await outside().get(`${app.url}/api/v1/me`)
    const taken = await outside().get(`${app.url}/api/v1/me`, { 'x-request-id': 'trace-0123456789' })
    const bad = await outside().get(`${app.url}/api/v1/me`, { 'x-request-id': 'a b<script>' })

    expect(made.headers['x-request-id']).toMatch(/^req_[0-9a-z]{12}$/)
    expect(made.body.requestId).toBe(made.headers['x-request-id'])
    expect(taken.body.requestId).toBe('trace-0123456789')
    expect(bad.headers['x-request-id']).toMatch(/^req_/)
  })
})

describe('a route', () => {
  it('says which methods it has', async () => {
    const answer = await outside().put(`${app.url}/api/v1/say`, {})

    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST'])
  })

  it('wants a token that it knows', async () => {
    const answer = await outside().get(`${app.url}/api/v1/me`, { authorization: 'Bearer slu_unknown' })

    expect([answer.status, answer.body.type]).toEqual([401, 'urn:sluice:problem:bad-token'])
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    for (const authorization of ['Bearer', 'Basic bGluOng=', 'Bearer a b']) {
      expect((await outside().get(`${app.url}/api/v1/me`, { authorization })).status).toBe(401)
    }
  })

  it('that breaks says so without details, and the log has them with the id', async () => {
    const lin = await app.token('lin')

    // The core of this server is not there.
    const answer = await lin.get('/jobs')

    expect(answer.status).toBe(500)
    expect(answer.body).toMatchObject({
      type: 'urn:sluice:problem:our-fault',
      detail: 'Something broke on our side. The request id finds it in the log.',
    })
    expect(answer.text).not.toMatch(/TypeError|undefined| at /)
    expect(app.faults.at(-1)).toBeInstanceOf(TypeError)
  })

  it('that cannot be decoded is the caller’s mistake', async () => {
    const lin = await app.token('lin')

    expect((await lin.get('/jobs/%E0%A4%A')).status).toBe(400)
  })
})

describe('health and readiness', () => {
  it('are told apart: alive without a database, but not ready', async () => {
    expect((await outside().get(`${app.url}/ready`)).body).toEqual({
      ready: true,
      stopping: false,
      database: 'ok',
      queue: 'ok',
    })

    databaseIs = 'down'
    const [health, ready] = [
      await outside().get(`${app.url}/health`),
      await outside().get(`${app.url}/ready`),
    ]
    databaseIs = 'ok'

    expect([health.status, health.body]).toEqual([200, { status: 'ok' }])
    expect([ready.status, ready.body.database]).toEqual([503, 'down'])
  })
})

describe('metrics', () => {
  it('count answers by declared route, so that names do not become labels', async () => {
    const lin = await app.token('lin')
    await lin.get('/cards/card_1')
    await lin.get('/cards/card_2')
    metrics.commandAnswered({ command: 'job list', outcome: 'answered', seconds: 0.02 })
    metrics.operationEnded({ verb: 'restart', outcome: 'running', seconds: 41 })
    metrics.clusterPolled({ cluster: 'session-a', reached: true, seconds: 0.01 })
    metrics.clusterRequested({ cluster: 'session-a' })
    metrics.queueFrom(async () => [{ kind: 'show', waiting: 3, running: 1, oldestMs: 1500 }])

    const { text, headers } = await outside().get(`${app.url}/metrics`)

    expect(headers['content-type']).toContain('text/plain')
    expect(text).toContain(
      'sluice_http_seconds_count{route="/api/v1/cards/{id}",method="GET",status="404"} 2',
    )
    expect(text).toContain('sluice_command_seconds_count{command="job list",outcome="answered"} 1')
    expect(text).toContain('sluice_operation_seconds_count{verb="restart",outcome="running"} 1')
    expect(text).toContain('sluice_cluster_poll_seconds_count{cluster="session-a",reached="true"} 1')
    expect(text).toContain('sluice_cluster_requests_total{cluster="session-a"} 1')
    expect(text).toContain('sluice_queue_depth{kind="show",state="waiting"} 3')
    expect(text).toContain('sluice_queue_oldest_seconds{kind="show"} 1.5')
    expect(text).not.toContain('card_1')
  })

  it('stay readable when the queue cannot be asked', async () => {
    metrics.queueFrom(() => Promise.reject(new Error('gone')))

    expect((await outside().get(`${app.url}/metrics`)).status).toBe(200)
  })
})

describe('stopping', () => {
  it('takes nothing new and ends what is idle', async () => {
    const other = await startApp()
    const idle = connect(other.port, '127.0.0.1')
    const ended = new Promise((resolve) => idle.once('close', resolve))
    await new Promise((resolve) => idle.once('connect', resolve))

    await other.close()
    await ended

    await expect(visitor(other.url, {}).get(`${other.url}/health`)).rejects.toThrow()
  })

  it('listens on a port that is free, and says when it is not', async () => {
    const settings = { host: '127.0.0.1', port: app.port, publicUrl: null, language: 'en' as const, home: '' }
    const { Secret } = await import('../../src/lib/secret.ts')

    await expect(
      startApp({ settings: { ...settings, secret: new Secret('x'.repeat(32)) } }),
    ).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })
})
