import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, it } from 'vitest'
import { startRealApp } from '../../api/real-app.ts'
import { freePort } from '../../support/postgres.ts'
import { until } from '../../support/until.ts'

const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

const RULES = `groups:
  - name: test
    interval: 1s
    rules:
      - alert: AlwaysWrong
        expr: vector(1)
        labels: { severity: warning, team: data }
        annotations: { summary: it is always wrong }
`

const missing = spawnSync('prometheus', ['--version']).error ? 'apt-get install prometheus' : null

it.skipIf(missing !== null)(
  `a real Prometheus tells its alerts, unchanged${missing ? ` (skipped: ${missing})` : ''}`,
  async () => {
    const real = await startRealApp()
    closing.push(() => real.close())
    const source = await real.as('root').post('/alert-sources', { name: 'prometheus' })
    const { token } = source.body as { token: string }
    await prometheus(new URL(real.url).host, token)

    await until(async () => (await summaries()).includes('it is always wrong'), {
      ...{ within: 50_000, what: 'an incident of what Prometheus tells' },
    })

    async function summaries(): Promise<string[]> {
      const { body } = await real.as('lin').get('/incidents')
      return body.items.map(({ subject }: { subject: { name: string } }) => subject.name)
    }
  },
)

async function prometheus(target: string, token: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'prometheus-'))
  closing.push(() => rmSync(directory, { recursive: true, force: true }))
  writeFileSync(join(directory, 'rules.yml'), RULES)
  writeFileSync(
    join(directory, 'prometheus.yml'),
    `global: { evaluation_interval: 1s }
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - authorization: { credentials: ${token} }
      static_configs: [{ targets: ['${target}'] }]
`,
  )
  const child = spawn(
    'prometheus',
    [
      ...[
        `--config.file=${join(directory, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
      ],
      ...[`--web.listen-address=127.0.0.1:${await freePort()}`, '--log.level=error'],
      // What it tells before it has found whom to tell is dropped; the next time would be a minute later.
      '--rules.alert.resend-delay=1s',
    ],
    { stdio: 'ignore' },
  )
  closing.push(() => ended(child))
}

function ended(child: ChildProcess): Promise<void> {
  child.kill()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}
