import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleJar, type Person, type RealApp, startRealApp } from '../../api/real-app.ts'

/**
 * The API keeps its word under a fuzzer that knows its description: no answer is our fault, every answer is one that
 * the description names, in the form that it names. Schemathesis comes from the Python package index, into a virtual
 * environment of its own.
 */
const run = promisify(execFile)
const VENV = resolve(import.meta.dirname, '../../../.sluice-test/venv')
const CONFIG = join(import.meta.dirname, 'schemathesis.toml')
const VERSION = '4.32.5'

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'allow_header_conformance',
]

let world: RealApp
beforeAll(async () => {
  await installed()
  world = await startRealApp()
  await something()
}, 300_000)
afterAll(async () => {
  await world.close()
})

describe('the API under a fuzzer', () => {
  it.each<[Person, number]>([
    ['root', 12],
    ['lin', 4],
  ])(
    'keeps its word to %s',
    async (person, examples) => {
      const report = await fuzz(person, examples)

      expect(foundIn(report.output)).toBe('')
      expect(report.output).toContain('No issues found')
      expect(report.exitCode).toBe(0)
      expect(world.faults).toEqual([])
    },
    600_000,
  )
})

/** Jobs, releases, a savepoint and an operation: so that some guesses of the fuzzer hit something. */
async function something(): Promise<void> {
  const lin = world.as('lin')
  const jar = { 'content-type': 'application/java-archive' }
  const upload = await lin.post('/artifacts?name=counter.jar', await exampleJar(), jar)
  const program = { is: 'jar', digest: upload.body.digest }
  const draft = { team: 'data', cluster: 'session-a', kind: 'jar', release: { program, parallelism: 1 } }
  expect((await lin.post('/jobs', { ...draft, name: 'orders' })).status).toBe(201)
  const started = await lin.post('/jobs/orders/operations', { verb: 'start' })
  await lin.get(`/operations/${started.body.id}?wait=20s`)
}

async function fuzz(person: Person, examples: number): Promise<{ output: string; exitCode: number }> {
  const token = world.as(person).headers.authorization ?? ''
  const options = [
    await description(),
    `--url=${world.url}`,
    `--checks=${CHECKS.join(',')}`,
    '--phases=coverage,fuzzing',
    `--max-examples=${examples}`,
    '--mode=all',
    '--continue-on-failure',
    '--suppress-health-check=all',
    '--request-timeout=90',
    '--seed=1',
    '--warnings=off',
    '--no-color',
    '--header',
    `Authorization: ${token}`,
    // It would switch off who it speaks as.
    '--exclude-path=/api/v1/members/{name}',
  ]
  try {
    const { stdout } = await run(
      join(VENV, 'bin/schemathesis'),
      ['--config-file', CONFIG, 'run', ...options],
      {
        maxBuffer: 64_000_000,
      },
    )
    return { output: stdout, exitCode: 0 }
  } catch (error) {
    const { stdout = '', code = 1 } = error as { stdout?: string; code?: number }
    return { output: stdout, exitCode: Number(code) }
  }
}

/** What it complains of, with the way to do it again; nothing, in health. */
function foundIn(output: string): string {
  const [, found = ''] = /=+ (?:FAILURES|ERRORS) =+\n([\s\S]*?)=+ SUMMARY =+/.exec(output) ?? []
  return found
}

/** As served, without Idempotency-Key: guessed keys are short and meet, and then most writes would be refused for that. */
async function description(): Promise<string> {
  const { body } = await world.as('root').get(`${world.url}/api/openapi.json`)
  for (const methods of Object.values<Methods>(body.paths)) {
    for (const operation of Object.values(methods)) {
      operation.parameters = operation.parameters.filter(({ name }) => name !== 'Idempotency-Key')
    }
  }
  await mkdir(VENV, { recursive: true })
  const path = join(VENV, 'openapi.json')
  await writeFile(path, JSON.stringify(body))
  return path
}

type Methods = Record<string, { parameters: { name: string }[] }>

async function installed(): Promise<void> {
  if (!existsSync(join(VENV, 'bin/pip'))) await run('python3', ['-m', 'venv', VENV])
  await run(join(VENV, 'bin/pip'), ['install', '--quiet', `schemathesis==${VERSION}`])
}
