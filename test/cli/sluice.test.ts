import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readServerFile } from '../../src/cli/server-file.file.ts'
import { packageVersion } from '../../src/package.file.ts'
import { kill } from '../support/child.ts'
import { embeddedDatabaseIn } from '../support/database.ts'
import { type Command, type Ended, startSluice } from '../support/sluice-command.ts'
import { until } from '../support/until.ts'

const root = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** One home for all, with a database in it: making one takes seconds. */
const home = join(root, 'home')
beforeAll(() => embeddedDatabaseIn(join(home, 'database')))

// Each command is a process of its own, and some open a database.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

function start(argv: readonly string[], environment: Record<string, string> = {}): Command {
  return startSluice(argv, { SLUICE_HOME: home, PORT: '0', ...environment }, root)
}

function sluice(argv: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  return start(argv, environment).ended
}

describe('sluice', () => {
  it('tells its version and its help, with exit code 0', async () => {
    const [version, help] = await Promise.all([sluice(['--version']), sluice(['flink', 'install', '--help'])])

    expect(version).toEqual({ code: 0, out: `${packageVersion()}\n`, err: '' })
    expect(help).toMatchObject({ code: 0, err: '' })
    expect(help.out).toContain('Usage: sluice flink install [version] [options]')
  })

  it('refuses wrong usage with exit code 2, in the language of the terminal', async () => {
    const [english, chinese] = await Promise.all([
      sluice(['flink', 'instal']),
      sluice(['flink', 'instal'], { LANG: 'zh_CN.UTF-8' }),
    ])

    expect(english).toEqual({
      code: 2,
      out: '',
      err: 'I don\'t know "flink instal". Did you mean flink install?\n',
    })
    expect(chinese).toMatchObject({ code: 2, err: '没有“flink instal”这个命令。是不是 flink install？\n' })
  })

  it('names all settings that are wrong, with exit code 3, in the language of the terminal', async () => {
    const broken = { PORT: 'http', LOG_LEVEL: 'loud' }
    const [english, chinese] = await Promise.all([
      sluice(['start'], broken),
      sluice(['start'], { ...broken, LANG: 'zh_CN.UTF-8' }),
    ])

    expect(english).toEqual({
      code: 3,
      out: '',
      err: [
        '2 settings need attention:',
        "  - PORT 'http' is not a port (0 to 65535; 0 takes a free one)",
        "  - LOG_LEVEL 'loud' is not one of debug, info, warn, error",
        '',
      ].join('\n'),
    })
    expect(chinese).toEqual({
      code: 3,
      out: '',
      err: [
        '2 项设置需要处理：',
        '  - PORT 的值“http”不是端口（0 到 65535，0 表示任选空闲端口）',
        '  - LOG_LEVEL 的值“loud”不可用，可选 debug、info、warn、error',
        '',
      ].join('\n'),
    })
  })

  it('says how to start a server when none answers, with exit code 4', async () => {
    const file = { url: 'http://127.0.0.1:1', pid: process.pid, token: 'x' }
    const other = mkdtempSync(join(root, 'other-'))
    writeFileSync(join(other, 'server.json'), JSON.stringify(file))

    const [none, gone] = await Promise.all([
      sluice(['say', '/job list']),
      sluice(['say', '/job list'], { SLUICE_HOME: other }),
    ])

    expect(none).toMatchObject({ code: 4, out: '' })
    expect(none.err).toContain('Start one: sluice start')
    expect(gone.code).toBe(4)
  })

  it('tells of a database that does not answer in one sentence', async () => {
    const { code, err } = await sluice(['migrate'], {
      DATABASE_URL: 'postgres://sluice:hidden@127.0.0.1:1/sluice',
      SLUICE_SECRET: 'x'.repeat(32),
    })

    expect(code).toBe(1)
    expect(err).toBe(
      'The database at 127.0.0.1:1 does not answer. Check DATABASE_URL, and that PostgreSQL runs.\n',
    )
  })
})

describe('sluice doctor', () => {
  it('fails each setting that is wrong, in both languages', async () => {
    const broken = { DATABASE_URL: 'mysql://x', SLUICE_SECRET: 'short' }
    const [english, chinese] = await Promise.all([
      sluice(['doctor'], broken),
      sluice(['doctor'], { ...broken, LANG: 'zh_CN.UTF-8' }),
    ])

    expect(english).toMatchObject({ code: 1, err: '' })
    expect(english.out).toMatch(
      /^fail {2}settings: DATABASE_URL .*\nfail {2}settings: SLUICE_SECRET .*\n2 failing/,
    )
    expect(chinese.code).toBe(1)
    expect(chinese.out).toMatch(
      /^异常 {2}设置：DATABASE_URL 不是 PostgreSQL 地址.*\n异常 {2}设置：SLUICE_SECRET 只有 5 个字符/,
    )
  })

  it('warns in one line that nothing uses the Redis of REDIS_URL', async () => {
    const set = { REDIS_URL: 'redis://:hunter2@127.0.0.1:1', SLUICE_HOME: join(root, 'later') }
    const [english, chinese, unset] = await Promise.all([
      sluice(['doctor'], set),
      sluice(['doctor'], { ...set, LANG: 'zh_CN.UTF-8' }),
      sluice(['doctor'], { SLUICE_HOME: join(root, 'later') }),
    ])

    expect(english.code).toBe(unset.code)
    expect(english.out.match(/^.*redis.*$/gim)).toEqual([
      'warn  REDIS_URL: is set, but nothing uses Redis yet; several replicas need only PostgreSQL → leave it out',
    ])
    expect(chinese.out.match(/^.*redis.*$/gim)).toEqual([
      '注意  REDIS_URL：已设置，但 Sluice 目前不使用 Redis；多个副本通过 PostgreSQL 协调 → 去掉这项设置',
    ])
    expect(unset.out).not.toMatch(/redis_url/i)
  })

  it('fails a Flink home that is none, and makes nothing', async () => {
    const elsewhere = join(root, 'not-made')

    const { code, out } = await sluice(['doctor'], {
      SLUICE_HOME: elsewhere,
      FLINK_HOME: join(root, 'no-flink'),
    })

    expect(code).toBe(1)
    expect(out).toMatch(/^fail {2}Flink FLINK_HOME: .*no-flink is no directory\. → set FLINK_HOME right$/m)
    expect(out).toMatch(/^ok {4}database: embedded, made at the first start$/m)
    expect(existsSync(elsewhere)).toBe(false)
  })
})

describe('sluice and a database of its own', () => {
  it('adds a member and makes them a token while no server runs', async () => {
    const added = await sluice(['member', 'add', 'lin', '--display-name', 'Lin', '--admin'])
    const token = await sluice([
      'token',
      'create',
      'ci',
      '--member',
      'lin',
      '--verb',
      'job:view',
      '--days',
      '3',
    ])

    expect(added).toMatchObject({ code: 0 })
    expect(added.out).toMatch(/^http:\/\/127\.0\.0\.1:0\/sign-in\?code=\S+\n$/)
    expect(token.code).toBe(0)
    expect(token.out).toMatch(/^slu_\S+\n$/)
    expect(token.err).toContain('of lin')
  })

  it('finds the schema current', async () => {
    expect(await sluice(['migrate'])).toEqual({ code: 0, out: '', err: 'The database is up to date.\n' })
  })
})

describe('a running server', () => {
  let server: Command
  let url = ''

  beforeAll(async () => {
    server = start(['start'])
    await until(() => server.child.exitCode !== null || server.said().out.includes('listens on'), {
      within: 60_000,
      what: 'a server that listens',
    })
    url = (await readServerFile(home))?.url ?? ''
  })
  afterAll(() => kill(server.child))

  it('says in one line where it listens, and opens a chat', async () => {
    expect(server.said().out).toContain(`listens on ${url}`)
    expect(server.said().out.split('\n')).toHaveLength(2)
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  it('answers what is said to it', async () => {
    const [help, nowhere] = await Promise.all([
      sluice(['say', '/help']),
      sluice(['say', '/help', '--chat', 'nowhere']),
    ])

    expect(help).toMatchObject({ code: 0, err: '' })
    expect(help.out).toContain('/job')
    expect(nowhere).toMatchObject({ code: 1, out: '' })
  })

  it('adds members who can sign in, and makes tokens that outlive its own', async () => {
    const added = await sluice(['member', 'add', 'wang', '--display-name', 'Wang'])
    const code = new URL(added.out.trim()).searchParams.get('code')
    const signedIn = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
    const token = await sluice(['token', 'create', 'ci', '--days', '30'])
    const me = await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${token.out.trim()}` } })

    expect(signedIn.status).toBe(200)
    expect(await me.json()).toMatchObject({ name: 'local', isAdmin: true })
  })

  it('keeps a JAR and tells its digest', async () => {
    const jar = join(import.meta.dirname, '../../examples/counter-job.jar')
    const [kept, missing] = await Promise.all([
      sluice(['artifact', 'upload', jar]),
      sluice(['artifact', 'upload', 'no.jar']),
    ])

    expect(kept).toMatchObject({ code: 0 })
    expect(kept.out).toMatch(/^[0-9a-f]{64}\n$/)
    expect(missing.code).toBe(1)
  })

  it('is not started twice, and its database not opened beside it', async () => {
    const [second, migration] = await Promise.all([sluice(['start']), sluice(['migrate'])])

    expect(second).toMatchObject({ code: 4, out: '' })
    expect(second.err).toContain(`running already: ${url}`)
    expect(migration.code).toBe(4)
    expect(migration.err).toContain('is using the embedded database')
  })

  it('says that a port is taken', async () => {
    const { code, err } = await sluice(['start'], {
      SLUICE_HOME: join(root, 'taken'),
      PORT: new URL(url).port,
    })

    expect(code).toBe(1)
    expect(err).toContain('is taken by another program')
  })

  it('stops at SIGTERM with exit code 0, and takes server.json along', async () => {
    server.child.kill('SIGTERM')

    expect(await server.ended).toMatchObject({ code: 0 })
    expect(await readServerFile(home)).toBeNull()
    expect((await sluice(['say', '/help'])).code).toBe(4)
  })
})
