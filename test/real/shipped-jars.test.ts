import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { splitStatements } from '../../src/platform/sql/split-statements.ts'
import { realFlinkHome } from './flink-home.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const RUNNER = join(ROOT, 'runner/sluice-sql-runner.jar')

it('are what their sources give, byte for byte', async () => {
  const env = { ...process.env, FLINK_HOME: await realFlinkHome() }

  const said = execFileSync('node', ['scripts/build-jars.mjs', '--check'], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  })

  expect(said.match(/as its source says/g)).toHaveLength(2)
})

it('split a script into the same statements inside Flink as we do outside', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-split-'))
  const scripts = fc.sample(script, 5000)

  const inFlink = await splitInJava(dir, scripts)

  await rm(dir, { recursive: true })
  expect(inFlink).toEqual(scripts.map(described))
})

const script = fc
  .array(
    fc.constantFrom(
      ...[
        ';',
        "'",
        '`',
        '"',
        '--',
        '/*',
        '/*+',
        '*/',
        '\n',
        '\r\n',
        ' ',
        ' INSERT INTO t ',
        ' EXECUTE ',
        ' BEGIN ',
      ],
      ...[
        ' STATEMENT SET ',
        ' END ',
        ' CASE ',
        ' SELECT ',
        '(',
        ')',
        '表',
        ' SET ',
        '=',
        ' CREATE TABLE t ',
        ' AS ',
      ],
      ...[' REPLACE ', ' OR ', 'reset', '\u00a0', '\u3000', '\u0001', '\v', 'ı', '😀'],
    ),
    { maxLength: 25 },
  )
  .map((parts) => parts.join(''))

function described(text: string): string {
  const statements = splitStatements(text).statements
  return statements.map((one) => `${one.kind.toUpperCase()}:${base64(one.text)}`).join(' ')
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

// In the runner's package, to see its splitter; a script per line, in base64.
const HARNESS = `package sluice;
import java.io.*; import java.util.*; import static java.nio.charset.StandardCharsets.UTF_8;
public class Harness {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      StringJoiner out = new StringJoiner(" ");
      for (SqlRunner.Statement s : SqlRunner.Splitter.split(new String(Base64.getDecoder().decode(line), UTF_8)))
        out.add(s.kind() + ":" + Base64.getEncoder().encodeToString(s.text.getBytes(UTF_8)));
      System.out.println(out);
    }
  }
}`

async function splitInJava(dir: string, scripts: readonly string[]): Promise<string[]> {
  await writeFile(join(dir, 'Harness.java'), HARNESS)
  execFileSync('javac', ['-cp', RUNNER, '-d', dir, join(dir, 'Harness.java')])
  const input = scripts.map((text) => `${base64(text)}\n`).join('')
  const out = execFileSync('java', ['-cp', `${RUNNER}:${dir}`, 'sluice.Harness'], {
    input,
    encoding: 'utf8',
    maxBuffer: 1e9,
  })
  return out.split('\n').slice(0, -1)
}
