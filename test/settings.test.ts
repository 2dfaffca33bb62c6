import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { randomIds } from '../src/lib/ids.ts'
import { loadSettings, withSecret } from '../src/settings.file.ts'
import { type Environment, parseSettings, SettingsError } from '../src/settings.ts'

const SECRET = 'x'.repeat(32)

function parse(environment: Environment, yaml?: string) {
  return parseSettings({
    environment,
    file: yaml === undefined ? null : { name: 'sluice.yaml', text: yaml },
    cwd: '/srv/sluice',
  })
}

function problemsOf(environment: Environment, yaml?: string): readonly string[] {
  try {
    parse(environment, yaml)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
  return []
}

describe('settings', () => {
  it('are complete without any', () => {
    expect(parse({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      home: '/srv/sluice/.sluice',
      database: { is: 'embedded', directory: '/srv/sluice/.sluice/database' },
      redisUrl: null,
      publicUrl: null,
      secret: null,
      logLevel: 'info',
      language: 'zh',
      watchIntervalMs: 5000,
      flinkHome: null,
      javaHome: null,
      pipIndexUrl: null,
      searchPath: '',
      color: true,
    })
  })

  it('cannot be changed', () => {
    const settings = parse({})

    expect(() => Object.assign(settings, { port: 1 })).toThrow(TypeError)
  })

  it.each([
    [{ PORT: '9000' }, { port: 9000 }],
    [{ PORT: '0' }, { port: 0 }],
    [{ HOST: '0.0.0.0' }, { host: '0.0.0.0' }],
    [{ HOST: '::1' }, { host: '::1' }],
    [{ SLUICE_HOME: '/var/lib/sluice' }, { home: '/var/lib/sluice' }],
    [{ SLUICE_HOME: 'data' }, { home: '/srv/sluice/data' }],
    [{ PUBLIC_URL: 'https://sluice.example.com/' }, { publicUrl: 'https://sluice.example.com' }],
    [{ LOG_LEVEL: 'DEBUG' }, { logLevel: 'debug' }],
    [{ LANGUAGE: 'en' }, { language: 'en' }],
    [{ LANGUAGE: 'zh_CN:en' }, { language: 'zh' }],
    [{ WATCH_INTERVAL: '1m30s' }, { watchIntervalMs: 90_000 }],
    [{ NO_COLOR: '1' }, { color: false }],
    [{ NO_COLOR: '' }, { color: true }],
    [{ PORT: '  8081 ' }, { port: 8081 }],
    [{ PORT: '' }, { port: 8080 }],
  ])('reads %j', (environment, expected) => {
    expect(parse(environment)).toMatchObject(expected)
  })

  it.each([
    [{ PORT: '70000' }, "PORT '70000' is not a port (0 to 65535; 0 takes a free one)"],
    [{ PORT: 'http' }, "PORT 'http' is not a port (0 to 65535; 0 takes a free one)"],
    [{ HOST: 'localhost:8080' }, "HOST 'localhost:8080' is not a host name or address (the port is PORT)"],
    [
      { PUBLIC_URL: 'sluice.example.com' },
      "PUBLIC_URL 'sluice.example.com' is not an address such as https://sluice.example.com",
    ],
    [{ PUBLIC_URL: 'ftp://x' }, "PUBLIC_URL 'ftp://x' must begin with http:// or https://"],
    [
      { PUBLIC_URL: 'https://x/sluice' },
      "PUBLIC_URL 'https://x/sluice' must not have a path: Sluice is served at /",
    ],
    [{ LOG_LEVEL: 'loud' }, "LOG_LEVEL 'loud' is not one of debug, info, warn, error"],
    [{ LANGUAGE: 'fr' }, "LANGUAGE 'fr' is not a language Sluice speaks (zh or en)"],
    [{ WATCH_INTERVAL: '5' }, "WATCH_INTERVAL '5' is not a duration such as 5s or 1m"],
    [{ WATCH_INTERVAL: '10ms' }, "WATCH_INTERVAL '10ms' is not between 500ms and 10m"],
    [
      { DATABASE_URL: 'mysql://u:hunter2@h/d', SLUICE_SECRET: SECRET },
      'DATABASE_URL is not a PostgreSQL address (postgres://… or postgresql://…)',
    ],
    [
      { SLUICE_SECRET: 'hunter2' },
      'SLUICE_SECRET has 7 characters, and needs 32 or more (openssl rand -hex 32)',
    ],
    [
      { DATABASE_URL: 'postgres://u:hunter2@h/d' },
      'SLUICE_SECRET is missing: with DATABASE_URL it is yours to make and keep (openssl rand -hex 32)',
    ],
  ])('says what is wrong with %j', (environment, problem) => {
    expect(problemsOf(environment)).toEqual([problem])
  })

  it('tell everything that is wrong at once', () => {
    expect(() => parse({ PORT: 'x', LOG_LEVEL: 'y', WATCH_INTERVAL: 'z' })).toThrow(
      "3 settings need attention: PORT 'x' is not a port (0 to 65535; 0 takes a free one); LOG_LEVEL 'y' is not one of debug, info, warn, error; WATCH_INTERVAL 'z' is not a duration such as 5s or 1m.",
    )
  })

  it('never show a secret, whoever prints them', () => {
    const settings = parse({ DATABASE_URL: 'postgres://u:hunter2@h/d', SLUICE_SECRET: `${SECRET}hunter2` })

    expect(`${JSON.stringify(settings)} ${inspect(settings, { depth: 9 })} ${settings.secret}`).not.toContain(
      'hunter2',
    )
    expect(settings.database.is === 'server' && settings.database.url.reveal()).toBe(
      'postgres://u:hunter2@h/d',
    )
  })
})

describe('sluice.yaml', () => {
  it('has the same names in lower case, and the environment wins', () => {
    const settings = parse({ PORT: '9001' }, 'port: 9000\nhome: /data\nlanguage: en\npublic_url:\n')

    expect(settings).toMatchObject({ port: 9001, home: '/data', language: 'en', publicUrl: null })
  })

  it.each([
    ['prot: 1', "sluice.yaml line 1: 'prot' is not a setting, did you mean 'port'?"],
    [
      'port: 8080\n\ndatabase-url: x',
      "sluice.yaml line 3: 'database-url' is not a setting, did you mean 'database_url'?",
    ],
    ['SLUICE_HOME: /x', "sluice.yaml line 1: 'SLUICE_HOME' is not a setting, did you mean 'home'?"],
    ['something_else: 1', "sluice.yaml line 1: 'something_else' is not a setting"],
    ['port: [1, 2]', "sluice.yaml line 1: 'port' takes one value, not a list"],
    ['port: eighty', "sluice.yaml line 1: 'port' 'eighty' is not a port (0 to 65535; 0 takes a free one)"],
    ['- port', "sluice.yaml is not a list of settings: write 'port: 8080', one per line"],
  ])('%j: says where and what', (yaml, problem) => {
    expect(problemsOf({}, yaml)).toEqual([problem])
  })

  it('says where it is not YAML', () => {
    expect(problemsOf({}, 'port: "8080')[0]).toMatch(/^sluice\.yaml is not YAML: .*line 1/)
  })

  it('never repeats a secret that is wrong', () => {
    expect(problemsOf({}, 'secret: hunter2').join()).not.toContain('hunter2')
  })
})

describe('on disk', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-settings-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  it('sluice.yaml is read from where we are, or from where SLUICE_CONFIG says', () => {
    writeFileSync(join(directory, 'sluice.yaml'), 'port: 9100')
    writeFileSync(join(directory, 'other.yaml'), 'port: 9200')

    expect(loadSettings({ environment: {}, cwd: directory }).port).toBe(9100)
    expect(loadSettings({ environment: { SLUICE_CONFIG: 'other.yaml' }, cwd: directory }).port).toBe(9200)
    expect(() => loadSettings({ environment: { SLUICE_CONFIG: 'gone.yaml' }, cwd: directory })).toThrow(
      "SLUICE_CONFIG 'gone.yaml' is not a file that can be read",
    )
  })

  it('a secret is made once, kept for its owner alone, and found again', () => {
    const settings = loadSettings({ environment: {}, cwd: directory })

    const first = withSecret(settings, randomIds)
    const second = withSecret(settings, randomIds)

    const path = join(directory, '.sluice', 'secret')
    expect(first.secret.reveal()).toBe(second.secret.reveal())
    expect(readFileSync(path, 'utf8').trim()).toBe(first.secret.reveal())
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('a given secret is not written anywhere', () => {
    const settings = loadSettings({ environment: { SLUICE_SECRET: SECRET }, cwd: directory })

    expect(withSecret(settings, randomIds).secret.reveal()).toBe(SECRET)
    expect(() => statSync(join(directory, '.sluice'))).toThrow()
  })
})
