import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { startRealApp } from '../../api/real-app.ts'
import {
  ALERTS,
  configuration,
  ENDING,
  EXPECTED,
  LATE,
  type Listener,
  listen,
  SILENCE,
  sorted,
  type Told,
} from '../../conformance/alertmanager/timeline.ts'
import { freePort } from '../../support/postgres.ts'
import { rootToken } from '../../support/root-token.ts'
import { until } from '../../support/until.ts'

interface Target {
  url: string
  /** For alerts, and for silences. */
  headers: { alerts: Record<string, string>; silences: Record<string, string> }
}

const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

it('a real Alertmanager tells the recorded story as it is written down', async () => {
  const listener = await listened()
  const target = await alertmanager(configuration(listener.url))

  expect(await story(target, listener)).toEqual(EXPECTED)
})

it('Sluice tells it the same', async () => {
  const listener = await listened()
  const target = await sluice(configuration(listener.url))

  expect(await story(target, listener)).toEqual(EXPECTED)
})

async function listened(): Promise<Listener> {
  const listener = await listen()
  closing.push(listener.close)
  return listener
}

async function story({ url, headers }: Target, { told }: Listener): Promise<readonly Told[]> {
  const post = async (path: string, body: unknown, of: keyof Target['headers']) => {
    const answer = await fetch(`${url}/api/v2${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers[of] },
      body: JSON.stringify(body),
    })
    expect([path, answer.status]).toEqual([path, 200])
  }
  const from = new Date()
  const silence = {
    ...{ matchers: [SILENCE], startsAt: from.toISOString(), comment: 'a test', createdBy: 'test' },
    endsAt: new Date(from.getTime() + 3_600_000).toISOString(),
  }
  await post('/silences', silence, 'silences')
  await post(
    '/alerts',
    ALERTS.map((labels) => ({ labels })),
    'alerts',
  )
  const first = EXPECTED.filter(
    ({ alerts }) => !alerts.some((id) => id.endsWith('!') || id === LATE.id),
  ).length
  await until(() => told.length >= first, { within: 20_000, what: 'everything is told once' })
  const ended = ALERTS.filter(({ id = '' }) => ENDING.includes(id))
  await post(
    '/alerts',
    ended.map((labels) => ({ labels, endsAt: new Date().toISOString() })),
    'alerts',
  )
  await post('/alerts', [{ labels: LATE }], 'alerts')
  await until(() => told.length >= EXPECTED.length, { within: 20_000, what: 'what changed is told' })
  // What should not come would have come by the next beat.
  await new Promise((resolve) => setTimeout(resolve, 4_000))
  return sorted(told)
}

async function alertmanager(config: string): Promise<Target> {
  const directory = mkdtempSync(join(tmpdir(), 'alertmanager-'))
  closing.push(() => rmSync(directory, { recursive: true, force: true }))
  writeFileSync(join(directory, 'am.yml'), config)
  const port = await freePort()
  const child = spawn(
    'prometheus-alertmanager',
    [
      ...[`--config.file=${join(directory, 'am.yml')}`, `--storage.path=${directory}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address=', '--log.level=warn'],
    ],
    { stdio: 'ignore' },
  )
  closing.push(() => ended(child))
  const url = `http://127.0.0.1:${port}`
  const ready = () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  await until(ready, { within: 20_000, what: 'Alertmanager is ready' })
  return { url, headers: { alerts: {}, silences: {} } }
}

function ended(child: ChildProcess): Promise<void> {
  child.kill()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}

async function sluice(config: string): Promise<Target> {
  const real = await startRealApp()
  closing.push(() => real.close())
  const root = real.as('root')
  expect((await root.put('/routes', { text: config })).status).toBe(200)
  const source = await root.post('/alert-sources', { name: 'prometheus' })
  expect(source.status).toBe(201)
  const { token } = source.body as { token: string }
  const member = await rootToken(real.app.core)
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })
  return { url: real.url, headers: { alerts: bearer(token), silences: bearer(member) } }
}
