import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { randomIds } from '../src/lib/ids.ts'
import { loadSettings, withSecret } from '../src/settings.file.ts'
import { type Environment, parseSettings, SettingsError } from '../src/settings.ts'
import type { Sentence } from '../src/settings-texts.ts'

const SECRET = 'x'.repeat(32)

function parse(environment: Environment, yaml?: string) {
  return parseSettings({
    environment,
    file: yaml === undefined ? null : { name: 'sluice.yaml', text: yaml },
    cwd: '/srv/sluice',
  })
}

function problemsOf(environment: Environment, yaml?: string): readonly Sentence[] {
  return thrownBy(() => parse(environment, yaml))
}

function thrownBy(read: () => unknown): readonly Sentence[] {
  try {
    read()
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
      alertRoutes: null,
      heartbeatUrl: null,
      flappingTurns: null,
      flinkHome: null,
      javaHome: null,
      pipIndexUrl: null,
      searchPath: '',
      color: true,
      chats: { given: [], matchPeople: new Set() },
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
    [{ LANGUAGE: 'zh-Hans-CN' }, { language: 'zh' }],
    [{ LANGUAGE: 'en_US.UTF-8' }, { language: 'en' }],
    [{ LANGUAGE: 'en@quot:de' }, { language: 'en' }],
    [{ WATCH_INTERVAL: '1m30s' }, { watchIntervalMs: 90_000 }],
    [{ ALERT_FLAPPING: '6' }, { flappingTurns: 6 }],
    [{ ALERT_FLAPPING: 'never' }, { flappingTurns: Number.POSITIVE_INFINITY }],
    [{ NO_COLOR: '1' }, { color: false }],
    [{ NO_COLOR: '' }, { color: true }],
    [{ PORT: '  8081 ' }, { port: 8081 }],
    [{ PORT: '' }, { port: 8080 }],
  ])('reads %j', (environment, expected) => {
    expect(parse(environment)).toMatchObject(expected)
  })

  it.each([
    'de',
    'de_DE:de',
    'de_DE.UTF-8@euro',
    'fr:en',
    'sr-Latn-RS',
    'es_419',
    'ast_ES.UTF-8',
    'C',
    'C.UTF-8',
    'POSIX',
  ])('take LANGUAGE %j as a machine’s own, and speak English', (LANGUAGE) => {
    expect(parse({ LANGUAGE }).language).toBe('en')
    expect(parse({ LANGUAGE }, 'language: zh').language).toBe('zh')
  })

  it.each<[Environment, string, string]>([
    [
      { PORT: '70000' },
      "PORT '70000' is not a port (0 to 65535; 0 takes a free one)",
      'PORT 的值“70000”不是端口（0 到 65535，0 表示任选空闲端口）',
    ],
    [
      { ALERT_FLAPPING: '1' },
      "ALERT_FLAPPING '1' is not how often within an hour (2 to 9999), nor never",
      'ALERT_FLAPPING 的值“1”不是一小时内的变化次数（2 到 9999），也不是 never',
    ],
    [
      { PORT: 'http' },
      "PORT 'http' is not a port (0 to 65535; 0 takes a free one)",
      'PORT 的值“http”不是端口（0 到 65535，0 表示任选空闲端口）',
    ],
    [
      { HOST: 'localhost:8080' },
      "HOST 'localhost:8080' is not a host name or address (the port is PORT)",
      'HOST 的值“localhost:8080”不是主机名或地址（端口用 PORT 设置）',
    ],
    [
      { PUBLIC_URL: 'sluice.example.com' },
      "PUBLIC_URL 'sluice.example.com' is not an address such as https://sluice.example.com",
      'PUBLIC_URL 的值“sluice.example.com”不是完整的地址，应类似 https://sluice.example.com',
    ],
    [
      { PUBLIC_URL: 'ftp://x' },
      "PUBLIC_URL 'ftp://x' must begin with http:// or https://",
      'PUBLIC_URL 的值“ftp://x”必须以 http:// 或 https:// 开头',
    ],
    [
      { PUBLIC_URL: 'https://x/sluice' },
      "PUBLIC_URL 'https://x/sluice' must not have a path: Sluice is served at /",
      'PUBLIC_URL 的值“https://x/sluice”不能带路径：Sluice 只在根路径 / 提供服务',
    ],
    [
      { LOG_LEVEL: 'loud' },
      "LOG_LEVEL 'loud' is not one of debug, info, warn, error",
      'LOG_LEVEL 的值“loud”不可用，可选 debug、info、warn、error',
    ],
    [
      { LANGUAGE: 'english' },
      "LANGUAGE 'english' is not a language Sluice speaks (zh or en)",
      'LANGUAGE 的值“english”不是 Sluice 支持的语言（zh 或 en）',
    ],
    [
      { LANGUAGE: 'de_DE:not a locale' },
      "LANGUAGE 'de_DE:not a locale' is not a language Sluice speaks (zh or en)",
      'LANGUAGE 的值“de_DE:not a locale”不是 Sluice 支持的语言（zh 或 en）',
    ],
    [
      { LANGUAGE: ':' },
      "LANGUAGE ':' is not a language Sluice speaks (zh or en)",
      'LANGUAGE 的值“:”不是 Sluice 支持的语言（zh 或 en）',
    ],
    [
      { WATCH_INTERVAL: '5' },
      "WATCH_INTERVAL '5' is not a duration such as 5s or 1m",
      'WATCH_INTERVAL 的值“5”不是时长，应类似 5s 或 1m',
    ],
    [
      { WATCH_INTERVAL: '10ms' },
      "WATCH_INTERVAL '10ms' is not between 500ms and 10m",
      'WATCH_INTERVAL 的值“10ms”不在 500ms 到 10m 之间',
    ],
    [
      { DATABASE_URL: 'mysql://u:hunter2@h/d', SLUICE_SECRET: SECRET },
      'DATABASE_URL is not a PostgreSQL address (postgres://… or postgresql://…)',
      'DATABASE_URL 不是 PostgreSQL 地址（postgres://… 或 postgresql://…）',
    ],
    [
      { REDIS_URL: 'http://u:hunter2@h' },
      'REDIS_URL is not a Redis address (redis://… or rediss://…)',
      'REDIS_URL 不是 Redis 地址（redis://… 或 rediss://…）',
    ],
    [
      { PIP_INDEX_URL: 'hunter2' },
      'PIP_INDEX_URL is not an address (http://… or https://… or file://…)',
      'PIP_INDEX_URL 不是有效的地址（http://… 或 https://… 或 file://…）',
    ],
    [
      { SLUICE_SECRET: 'hunter2' },
      'SLUICE_SECRET has 7 characters, and needs 32 or more (openssl rand -hex 32)',
      'SLUICE_SECRET 只有 7 个字符，至少需要 32 个（openssl rand -hex 32）',
    ],
    [
      { DATABASE_URL: 'postgres://u:hunter2@h/d' },
      'SLUICE_SECRET is missing: with DATABASE_URL it is yours to make and keep (openssl rand -hex 32)',
      '缺少 SLUICE_SECRET：使用 DATABASE_URL 时需要自行生成并保管（openssl rand -hex 32）',
    ],
  ])('say in both languages what is wrong with %j', (environment, en, zh) => {
    expect(problemsOf(environment)).toEqual([{ en, zh }])
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
    [
      'prot: 1',
      "sluice.yaml line 1: 'prot' is not a setting, did you mean 'port'?",
      'sluice.yaml 第 1 行：没有“prot”这项设置，是不是“port”？',
    ],
    [
      'port: 8080\n\ndatabase-url: x',
      "sluice.yaml line 3: 'database-url' is not a setting, did you mean 'database_url'?",
      'sluice.yaml 第 3 行：没有“database-url”这项设置，是不是“database_url”？',
    ],
    [
      'SLUICE_HOME: /x',
      "sluice.yaml line 1: 'SLUICE_HOME' is not a setting, did you mean 'home'?",
      'sluice.yaml 第 1 行：没有“SLUICE_HOME”这项设置，是不是“home”？',
    ],
    [
      'something_else: 1',
      "sluice.yaml line 1: 'something_else' is not a setting",
      'sluice.yaml 第 1 行：没有“something_else”这项设置',
    ],
    [
      'port: [1, 2]',
      "sluice.yaml line 1: 'port' takes one value, not a list",
      'sluice.yaml 第 1 行：port 只能写一个值，不能是列表',
    ],
    [
      'port: eighty',
      "sluice.yaml line 1: 'port' 'eighty' is not a port (0 to 65535; 0 takes a free one)",
      'sluice.yaml 第 1 行：port 的值“eighty”不是端口（0 到 65535，0 表示任选空闲端口）',
    ],
    [
      'language: de_DE',
      "sluice.yaml line 1: 'language' 'de_DE' is not a language Sluice speaks (zh or en)",
      'sluice.yaml 第 1 行：language 的值“de_DE”不是 Sluice 支持的语言（zh 或 en）',
    ],
    [
      'secret: hunter2',
      "sluice.yaml line 1: 'secret' has 7 characters, and needs 32 or more (openssl rand -hex 32)",
      'sluice.yaml 第 1 行：secret 只有 7 个字符，至少需要 32 个（openssl rand -hex 32）',
    ],
    [
      '- port',
      "sluice.yaml is not a list of settings: write 'port: 8080', one per line",
      'sluice.yaml 不是设置列表：每行写一项，例如 port: 8080',
    ],
    [
      'host: "::1"\nport: "8080',
      'sluice.yaml is not YAML: Missing closing "quote at line 2, column 12',
      'sluice.yaml 不是有效的 YAML，第 2 行第 12 列：Missing closing "quote',
    ],
  ])('%j: says in both languages where and what', (yaml, en, zh) => {
    expect(problemsOf({}, yaml)).toEqual([{ en, zh }])
  })

  it('never repeats a secret, even one that is not YAML', () => {
    const [problem] = problemsOf({}, 'secret: |hunter2')

    expect(problem?.en).toContain(
      'sluice.yaml is not YAML: Block scalar header includes extra characters at line 1',
    )
    expect(JSON.stringify(problem)).not.toContain('hunter2')
  })

  it('may not ask for a language that is none of ours, even where the machine has one', () => {
    expect(problemsOf({ LANGUAGE: 'de_DE:de' }, 'language: fr')).toHaveLength(1)
    expect(problemsOf({ LANGUAGE: 'en' }, 'language: fr')).toEqual([])
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
    expect(
      thrownBy(() => loadSettings({ environment: { SLUICE_CONFIG: 'gone.yaml' }, cwd: directory })),
    ).toEqual([
      {
        en: "SLUICE_CONFIG 'gone.yaml' is not a file that can be read",
        zh: 'SLUICE_CONFIG 指向的“gone.yaml”不存在或无法读取',
      },
    ])
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

  it('a kept secret that was cut short is not used', () => {
    const settings = loadSettings({ environment: { SLUICE_HOME: directory }, cwd: directory })
    const path = join(directory, 'secret')
    writeFileSync(path, 'short')

    expect(thrownBy(() => withSecret(settings, randomIds))).toEqual([
      {
        en: `${path} holds no secret: delete it to have a new one made (open buttons become stale)`,
        zh: `${path} 中没有可用的密钥：删除该文件，启动时会重新生成（已发出的按钮会失效）`,
      },
    ])
  })

  it('a given secret is not written anywhere', () => {
    const settings = loadSettings({ environment: { SLUICE_SECRET: SECRET }, cwd: directory })

    expect(withSecret(settings, randomIds).secret.reveal()).toBe(SECRET)
    expect(() => statSync(join(directory, '.sluice'))).toThrow()
  })
})
