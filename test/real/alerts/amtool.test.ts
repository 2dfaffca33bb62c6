import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseRouting } from '../../../src/platform/alerts/routing/config.ts'
import { createRouting } from '../../../src/platform/alerts/routing/current.ts'
import { type RealApp, startRealApp } from '../../api/real-app.ts'
import { ALERTS, configuration } from '../../conformance/alertmanager/timeline.ts'
import { rootToken } from '../../support/root-token.ts'

let real: RealApp
let home: string
let source: string
let member: string

beforeAll(async () => {
  real = await startRealApp()
  home = mkdtempSync(join(tmpdir(), 'amtool-'))
  const made = await real.as('root').post('/alert-sources', { name: 'amtool' })
  source = (made.body as { token: string }).token
  member = await rootToken(real.app.core)
})
afterAll(async () => {
  await real?.close()
  if (home) rmSync(home, { recursive: true, force: true })
})

/** As Debian ships it, unchanged; the token travels as the password in the address. */
async function amtool(token: string, ...words: string[]): Promise<string> {
  const address = real.url.replace('http://', `http://sluice:${token}@`)
  // Of its own home, so that nobody's settings get in.
  const env = { ...process.env, HOME: home }
  return (await promisify(execFile)('amtool', [`--alertmanager.url=${address}`, ...words], { env })).stdout
}

it('tells, lists, silences and ends a silence', async () => {
  await amtool(
    source,
    'alert',
    'add',
    'alertname=KafkaSlow',
    'env=prod',
    'severity=warning',
    '--annotation=summary=slow',
  )
  const listed = JSON.parse(await amtool(member, 'alert', 'query', '-o', 'json', 'env=prod')) as {
    labels: object
  }[]
  const id = (
    await amtool(
      member,
      'silence',
      'add',
      'alertname=KafkaSlow',
      '--duration=1h',
      '--comment=upgrade',
      '--author=lin',
    )
  ).trim()
  const silenced = JSON.parse(await amtool(member, 'silence', 'query', '-o', 'json')) as {
    id: string
    comment: string
  }[]
  const left = JSON.parse(await amtool(member, 'alert', 'query', '-o', 'json')) as object[]
  const hidden = JSON.parse(await amtool(member, 'alert', 'query', '--silenced', '-o', 'json')) as object[]
  await amtool(member, 'silence', 'expire', id)
  const after = JSON.parse(await amtool(member, 'alert', 'query', '-o', 'json')) as object[]

  expect(listed).toMatchObject([{ labels: { alertname: 'KafkaSlow', env: 'prod', severity: 'warning' } }])
  expect(silenced).toMatchObject([{ id, comment: 'upgrade', createdBy: 'lin' }])
  expect([left.length, hidden.length, after.length]).toEqual([0, 1, 1])
})

it('shows the configuration that holds', async () => {
  expect(await amtool(member, 'config', 'show')).toContain('receiver: team')
})

it('is refused without a token, and a source may not silence', async () => {
  await expect(amtool('wrong', 'alert', 'query')).rejects.toThrow()
  await expect(
    amtool(source, 'silence', 'add', 'alertname=X', '--duration=1h', '--comment=c'),
  ).rejects.toThrow()
})

it('routes each alert to the receivers that amtool itself names', () => {
  const text = configuration('http://127.0.0.1:9')
  const file = join(home, 'am.yml')
  writeFileSync(file, text)
  const parsed = parseRouting(text)
  if (!parsed.ok) throw new Error('The configuration cannot be read.')
  const routing = createRouting(parsed.value, { revision: 1, text })

  for (const labels of ALERTS) {
    const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
    const said = execFileSync('amtool', ['config', 'routes', 'test', `--config.file=${file}`, ...pairs], {
      encoding: 'utf8',
    })

    expect([pairs, routing.routesOf(labels).map(({ receiver }) => receiver.name)]).toEqual([
      pairs,
      said.trim().split(','),
    ])
  }
})
