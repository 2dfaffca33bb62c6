import { resolve } from 'node:path'
import { distance } from 'fastest-levenshtein'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { parseDuration } from './lib/duration.ts'
import { Secret } from './lib/secret.ts'

/** Everything that is decided outside: environment variables and sluice.yaml. */
export interface Settings {
  readonly host: string
  readonly port: number
  /** Where Sluice keeps what is its own; absolute. */
  readonly home: string
  readonly database: { is: 'embedded'; directory: string } | { is: 'server'; url: Secret }
  readonly redisUrl: Secret | null
  /** How people reach us when that is not http://host:port; without a trailing slash. */
  readonly publicUrl: string | null
  /** Null: to be made and kept in `home`; only with the embedded database. */
  readonly secret: Secret | null
  readonly logLevel: LogLevel
  readonly language: 'zh' | 'en'
  readonly watchIntervalMs: number
  readonly flinkHome: string | null
  readonly javaHome: string | null
  /** The package index that Flink is taken from; null: as the user's pip is set up. */
  readonly pipIndexUrl: string | null
  readonly color: boolean
  /** Where programs such as Java are looked for, as in PATH. */
  readonly searchPath: string
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Settings with the secret that buttons, cursors and kept answers are protected with. */
export type ReadySettings = Omit<Settings, 'secret'> & { readonly secret: Secret }

export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(
      `${problems.length === 1 ? '1 setting needs' : `${problems.length} settings need`} attention: ${problems.join('; ')}.`,
    )
    this.problems = problems
  }
}

export type Environment = Readonly<Record<string, string | undefined>>

export interface SettingsSource {
  environment: Environment
  /** The text of the settings file and what to call it; null: there is none. */
  file: { name: string; text: string } | null
  /** What relative directories start from. */
  cwd: string
}

/** By environment variable. In sluice.yaml the same names are in lower case and without SLUICE_. */
const NAMES = [
  'HOST',
  'PORT',
  'SLUICE_HOME',
  'DATABASE_URL',
  'REDIS_URL',
  'PUBLIC_URL',
  'SLUICE_SECRET',
  'LOG_LEVEL',
  'LANGUAGE',
  'WATCH_INTERVAL',
  'FLINK_HOME',
  'JAVA_HOME',
  'PIP_INDEX_URL',
  'NO_COLOR',
] as const
type Name = (typeof NAMES)[number]

/** Their values are never repeated to anybody. */
const SECRET_NAMES: ReadonlySet<Name> = new Set([
  'DATABASE_URL',
  'REDIS_URL',
  'SLUICE_SECRET',
  'PIP_INDEX_URL',
])

const SECRET_LENGTH = 32
const SHORTEST_INTERVAL = 500
const LONGEST_INTERVAL = 10 * 60_000

/** The only place that reads the environment. */
export function processEnvironment(): Environment {
  return process.env
}

/** Throws a SettingsError that names everything that is wrong, not just the first. */
export function parseSettings({ environment, file, cwd }: SettingsSource): Settings {
  const problems: string[] = []
  const fromFile = file ? readFile(file, problems) : new Map<Name, Given>()
  const read = reader(environment, fromFile, problems)

  const home = resolve(cwd, read('SLUICE_HOME', (text) => text) ?? '.sluice')
  const databaseUrl = read('DATABASE_URL', urlOf(['postgres:', 'postgresql:'], 'a PostgreSQL address'))
  const secret = read('SLUICE_SECRET', secretText)
  if (databaseUrl && !secret && !given('SLUICE_SECRET', environment, fromFile)) {
    problems.push(
      'SLUICE_SECRET is missing: with DATABASE_URL it is yours to make and keep (openssl rand -hex 32)',
    )
  }
  const settings: Settings = {
    host: read('HOST', hostText) ?? '127.0.0.1',
    port: read('PORT', portNumber) ?? 8080,
    home,
    database: databaseUrl
      ? { is: 'server', url: new Secret(databaseUrl) }
      : { is: 'embedded', directory: resolve(home, 'database') },
    redisUrl: hidden(read('REDIS_URL', urlOf(['redis:', 'rediss:'], 'a Redis address'))),
    publicUrl: read('PUBLIC_URL', publicUrl),
    secret: hidden(secret),
    logLevel: read('LOG_LEVEL', oneOf(['debug', 'info', 'warn', 'error'])) ?? 'info',
    language: read('LANGUAGE', ourLanguage) ?? 'zh',
    watchIntervalMs: read('WATCH_INTERVAL', interval) ?? 5000,
    flinkHome: read('FLINK_HOME', (text) => resolve(cwd, text)),
    javaHome: read('JAVA_HOME', (text) => resolve(cwd, text)),
    pipIndexUrl: read('PIP_INDEX_URL', urlOf(['http:', 'https:', 'file:'], 'an address')),
    // https://no-color.org: any text but an empty one switches colour off.
    color: read('NO_COLOR', (text) => text) === null,
    searchPath: environment.PATH ?? '',
  }
  if (problems.length > 0) throw new SettingsError(problems)
  return Object.freeze(settings)
}

interface Given {
  text: string
  where: string
}

type Parse<T> = (text: string) => T | Wrong

class Wrong {
  readonly because: string
  constructor(because: string) {
    this.because = because
  }
}

/** Reads one setting: the environment wins over the file, an empty text counts as absent. */
function reader(environment: Environment, file: ReadonlyMap<Name, Given>, problems: string[]) {
  return <T>(name: Name, parse: Parse<T>): T | null => {
    const found = given(name, environment, file)
    if (!found) return null
    const parsed = parse(found.text)
    if (!(parsed instanceof Wrong)) return parsed
    const shown = SECRET_NAMES.has(name) ? '' : ` '${found.text}'`
    problems.push(`${found.where}${shown} ${parsed.because}`)
    return null
  }
}

function given(name: Name, environment: Environment, file: ReadonlyMap<Name, Given>): Given | null {
  const text = environment[name]?.trim()
  if (text) return { text, where: name }
  return file.get(name) ?? null
}

function readFile(
  { name: fileName, text }: { name: string; text: string },
  problems: string[],
): Map<Name, Given> {
  const found = new Map<Name, Given>()
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [error] = document.errors
  if (error) {
    problems.push(`${fileName} is not YAML: ${(error.message.split('\n')[0] ?? '').replace(/:$/, '')}`)
    return found
  }
  if (document.contents === null) return found
  if (!isMap(document.contents)) {
    problems.push(`${fileName} is not a list of settings: write 'port: 8080', one per line`)
    return found
  }
  for (const { key, value } of document.contents.items) {
    if (!isScalar(key)) continue
    const written = String(key.value)
    const where = `${fileName} line ${lines.linePos(key.range?.[0] ?? 0).line}: '${written}'`
    const name = NAMES.find((one) => keyOf(one) === written)
    if (!name) problems.push(`${where} is not a setting${didYouMean(written)}`)
    else if (value !== null && !isScalar(value)) problems.push(`${where} takes one value, not a list`)
    else if (isScalar(value) && value.value !== null && value.value !== '') {
      // As written: `port: 08` and `secret: 12e3` must not be read as numbers.
      found.set(name, { text: value.source ?? String(value.value), where })
    }
  }
  return found
}

export function keyOf(name: Name): string {
  return name.replace(/^SLUICE_/, '').toLowerCase()
}

function didYouMean(written: string): string {
  const asKey = written
    .replace(/^SLUICE_/i, '')
    .replaceAll('-', '_')
    .toLowerCase()
  const nearest = NAMES.map(keyOf)
    .map((key) => ({ key, far: distance(asKey, key) }))
    .sort((a, b) => a.far - b.far)[0]
  return nearest && nearest.far <= 3 ? `, did you mean '${nearest.key}'?` : ''
}

function hidden(text: string | null): Secret | null {
  return text === null ? null : new Secret(text)
}

function portNumber(text: string): number | Wrong {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return port >= 0 && port <= 65_535 ? port : new Wrong('is not a port (0 to 65535; 0 takes a free one)')
}

function hostText(text: string): string | Wrong {
  return /^[\w.:-]+$/.test(text) && !/:\d+$/.test(text.replace(/^[\da-f:]+$/i, ''))
    ? text
    : new Wrong('is not a host name or address (the port is PORT)')
}

function urlOf(protocols: readonly string[], what: string): Parse<string> {
  const because = `is not ${what} (${protocols.map((protocol) => `${protocol}//…`).join(' or ')})`
  return (text) =>
    URL.canParse(text) && protocols.includes(new URL(text).protocol) ? text : new Wrong(because)
}

function publicUrl(text: string): string | Wrong {
  if (!URL.canParse(text)) return new Wrong('is not an address such as https://sluice.example.com')
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return new Wrong('must begin with http:// or https://')
  if (url.pathname !== '/' || url.search || url.hash)
    return new Wrong('must not have a path: Sluice is served at /')
  return url.origin
}

function secretText(text: string): string | Wrong {
  return text.length >= SECRET_LENGTH
    ? text
    : new Wrong(`has ${text.length} characters, and needs ${SECRET_LENGTH} or more (openssl rand -hex 32)`)
}

function oneOf<const T extends string>(values: readonly T[]): Parse<T> {
  return (text) =>
    values.find((value) => value === text.toLowerCase()) ?? new Wrong(`is not one of ${values.join(', ')}`)
}

/** LANGUAGE is also what GNU programs read (`en_US:en`), so a machine's own value must not stop us. */
function ourLanguage(text: string): 'zh' | 'en' | Wrong {
  const first = /^(zh|en)([_.:-].*)?$/i.exec(text)?.[1]?.toLowerCase()
  return first === 'zh' || first === 'en' ? first : new Wrong('is not a language Sluice speaks (zh or en)')
}

function interval(text: string): number | Wrong {
  const ms = parseDuration(text)
  if (ms === null) return new Wrong('is not a duration such as 5s or 1m')
  return ms >= SHORTEST_INTERVAL && ms <= LONGEST_INTERVAL ? ms : new Wrong('is not between 500ms and 10m')
}
