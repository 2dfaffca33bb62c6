import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findJava } from '../../../src/platform/flink/find-java.cli.ts'
import { readFlinkHome } from '../../../src/platform/flink/flink-home.file.ts'
import { explainHomeProblem } from '../../../src/platform/flink/home-problems.ts'
import { javaMajor } from '../../../src/platform/flink/java.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-home-'))
})

afterEach(() => rm(root, { recursive: true, force: true }))

async function put(path: string, text = '', mode = 0o644): Promise<void> {
  const full = join(root, path)
  await mkdir(dirname(full), { recursive: true })
  await writeFile(full, text)
  await chmod(full, mode)
}

async function aHome(dist = 'flink-dist-1.20.3.jar', at = 'flink'): Promise<string> {
  await put(`${at}/lib/${dist}`)
  await put(`${at}/lib/flink-csv-1.20.3.jar`)
  await put(`${at}/bin/config.sh`)
  await put(`${at}/conf/config.yaml`)
  for (const script of ['flink', 'flink-daemon.sh', 'jobmanager.sh', 'taskmanager.sh']) {
    await put(`${at}/bin/${script}`, '#!/bin/sh\n', 0o755)
  }
  return join(root, at)
}

describe('a Flink home', () => {
  it.each([
    ['flink-dist-1.20.3.jar', '1.20.3', null],
    ['flink-dist_2.12-1.14.0-csa1.7.0.0.jar', '1.14.0-csa1.7.0.0', 'csa1.7.0.0'],
    ['flink-dist_2.11-1.14.6.jar', '1.14.6', null],
    ['flink-dist-2.3.0.jar', '2.3.0', null],
  ])('with %s is version %s', async (dist, text, vendor) => {
    const home = await aHome(dist)

    expect(await readFlinkHome(home)).toMatchObject({
      ok: true,
      home: { path: home, version: { text, vendor } },
    })
  })

  it('may keep its conf elsewhere, behind a link or named apart', async () => {
    const home = await aHome()
    await rm(join(home, 'conf'), { recursive: true })
    await put('etc/flink-conf.yaml')
    expect(await readFlinkHome(home)).toMatchObject({ ok: true, home: { confDir: null } })
    expect(await readFlinkHome(home, join(root, 'etc'))).toMatchObject({
      home: { confDir: join(root, 'etc') },
    })

    await symlink(join(root, 'etc'), join(home, 'conf'))

    expect(await readFlinkHome(home)).toMatchObject({ ok: true, home: { confDir: join(root, 'etc') } })
  })

  it.each<[string, (home: string) => Promise<unknown>, string]>([
    ['is not there', (home) => rm(home, { recursive: true }), 'not-there'],
    ['has no lib', (home) => rm(join(home, 'lib'), { recursive: true }), 'no-lib'],
    ['has no dist jar', (home) => rm(join(home, 'lib/flink-dist-1.20.3.jar')), 'no-dist'],
    ['has two dist jars', () => put('flink/lib/flink-dist-1.19.1.jar'), 'several-dists'],
    ['lacks a script', (home) => rm(join(home, 'bin/taskmanager.sh')), 'no-script'],
    ['has a script that cannot be run', (home) => chmod(join(home, 'bin/flink'), 0o644), 'not-executable'],
  ])('that %s is refused', async (_what, spoil, why) => {
    const home = await aHome()
    await spoil(home)

    const verdict = await readFlinkHome(home)

    expect(verdict).toMatchObject({ ok: false, problem: { why } })
    if (verdict.ok) return
    expect(explainHomeProblem(verdict.problem, 'en')).toContain('flink')
    expect(explainHomeProblem(verdict.problem, 'zh')).toMatch(/[一-龥]/)
  })

  it('whose dist jar tells no version is refused', async () => {
    expect(await readFlinkHome(await aHome('flink-dist-latest.jar'))).toMatchObject({
      problem: { why: 'unknown-version' },
    })
  })

  it('whose path has a space is refused, for Flink’s scripts break on it', async () => {
    expect(await readFlinkHome(await aHome(undefined, 'my flink'))).toMatchObject({
      problem: { why: 'space-in-path' },
    })
  })

  it('whose named conf dir holds no config is refused', async () => {
    expect(await readFlinkHome(await aHome(), root)).toMatchObject({
      problem: { why: 'no-conf', file: root },
    })
  })
})

describe('finding Java', () => {
  async function aJava(at: string, release: string | null, says = ''): Promise<string> {
    await put(`${at}/bin/java`, `#!/bin/sh\necho '${says}' >&2\n`, 0o755)
    if (release !== null) await put(`${at}/release`, `JAVA_VERSION="${release}"\nOS_NAME="Linux"\n`)
    return join(root, at)
  }

  it('takes the given home first, by its release file', async () => {
    const javaHome = await aJava('jdk-11', '11.0.22')
    const other = await aJava('jdk-17', '17.0.15')

    const found = await findJava({ javaHome, searchPath: join(other, 'bin'), from: 8, to: 17 })

    expect(found).toEqual({ ok: true, java: { home: javaHome, major: 11, text: '11.0.22' } })
  })

  it('follows the link on the search path when the given one is unsuitable', async () => {
    const javaHome = await aJava('jdk-25', '25')
    const wanted = await aJava('jdk-17', '17.0.15')
    await mkdir(join(root, 'bin'))
    await symlink(join(wanted, 'bin/java'), join(root, 'bin/java'))

    const found = await findJava({ javaHome, searchPath: `/nowhere:${join(root, 'bin')}`, from: 11, to: 23 })

    expect(found).toMatchObject({ ok: true, java: { home: wanted, major: 17 } })
  })

  it('asks Java itself when there is no release file', async () => {
    const javaHome = await aJava('jre', null, 'openjdk version "1.8.0_392"')

    expect(await findJava({ javaHome, searchPath: '', from: 8, to: 17 })).toMatchObject({
      ok: true,
      java: { major: 8 },
    })
  })

  it('says which ones were found when none is suitable, and when there is none at all', async () => {
    const javaHome = await aJava('jdk-25', '25.0.1')

    expect(await findJava({ javaHome, searchPath: '', from: 8, to: 23 })).toMatchObject({
      ok: false,
      why: 'unsuitable',
      found: [{ major: 25 }],
    })
    expect(await findJava({ javaHome: null, searchPath: root, from: 8, to: 23 })).toEqual({
      ok: false,
      why: 'none',
    })
  })

  it.each([
    ['1.8.0_392', 8],
    ['11.0.22', 11],
    ['17', 17],
    ['25-ea', 25],
    ['x', null],
  ])('reads %s as %s', (text, major) => {
    expect(javaMajor(text)).toBe(major)
  })
})
