import { resolve } from 'node:path'
import { distance } from 'fastest-levenshtein'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { VENDORS, type Vendor } from './bot/adapters/adapter.ts'
import {
  CHAT_SETTINGS,
  type GivenChat,
  MATCH_PEOPLE,
  readChatSettings,
  readMatchPeople,
} from './chats/chat-settings.ts'
import { parseDuration } from './lib/duration.ts'
import { Secret } from './lib/secret.ts'
import {
  ADDRESS,
  BECAUSE,
  inEnvironment,
  inFile,
  notAList,
  notAnAddress,
  notOneOf,
  notYaml,
  SECRET_MISSING,
  type Sentence,
  secretTooShort,
  unknownSetting,
  wrongPlace,
  wrongValue,
} from './settings-texts.ts'

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
  /** An alertmanager.yml that is taken over when the server starts. */
  readonly alertRoutes: string | null
  /** Called every minute as long as alerting works, so that our own silence is noticed elsewhere. */
  readonly heartbeatUrl: Secret | null
  /** An alert that began or ended so often within an hour is told once and then counted; infinite: each is told; null: as usual. */
  readonly flappingTurns: number | null
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
  /** Vendors' chats that the environment sets up, and those whose directory says who an account is. */
  readonly chats: { readonly given: readonly GivenChat[]; readonly matchPeople: ReadonlySet<Vendor> }
  /** Where programs such as Java are looked for, as in PATH. */
  readonly searchPath: string
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Settings with the secret that buttons, cursors and kept answers are protected with. */
export type ReadySettings = Omit<Settings, 'secret'> & { readonly secret: Secret }

export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly problems: readonly Sentence[]

  constructor(problems: readonly Sentence[]) {
    super(
      `${problems.length === 1 ? '1 setting needs' : `${problems.length} settings need`} attention: ${problems.map(({ en }) => en).join('; ')}.`,
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
const OWN_NAMES = [
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
  'ALERT_ROUTES',
  'HEARTBEAT_URL',
  'ALERT_FLAPPING',
  'FLINK_HOME',
  'JAVA_HOME',
  'PIP_INDEX_URL',
  'NO_COLOR',
]
/** Ours, and those of chats, which follow from the vendors' guides. */
type Name = string
const NAMES: readonly Name[] = [...OWN_NAMES, ...CHAT_SETTINGS.map(({ env }) => env), MATCH_PEOPLE]

/** Their values are never repeated to anybody. */
const SECRET_NAMES: ReadonlySet<Name> = new Set<Name>([
  'DATABASE_URL',
  'REDIS_URL',
  'SLUICE_SECRET',
  'HEARTBEAT_URL',
  'PIP_INDEX_URL',
  ...CHAT_SETTINGS.filter(({ field }) => field.secret).map(({ env }) => env),
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
  const problems: Sentence[] = []
  const fromFile = file ? readFile(file, problems) : new Map<Name, Given>()
  const read = reader(environment, fromFile, problems)

  const home = resolve(cwd, read('SLUICE_HOME', (text) => text) ?? '.sluice')
  const databaseUrl = read('DATABASE_URL', urlOf(['postgres:', 'postgresql:'], ADDRESS.ofPostgres))
  const secret = read('SLUICE_SECRET', secretText)
  if (databaseUrl && !secret && !given('SLUICE_SECRET', environment, fromFile)) {
    problems.push(SECRET_MISSING)
  }
  const settings: Settings = {
    host: read('HOST', hostText) ?? '127.0.0.1',
    port: read('PORT', portNumber) ?? 8080,
    home,
    database: databaseUrl
      ? { is: 'server', url: new Secret(databaseUrl) }
      : { is: 'embedded', directory: resolve(home, 'database') },
    redisUrl: hidden(read('REDIS_URL', urlOf(['redis:', 'rediss:'], ADDRESS.ofRedis))),
    publicUrl: read('PUBLIC_URL', publicUrl),
    secret: hidden(secret),
    logLevel: read('LOG_LEVEL', oneOf(['debug', 'info', 'warn', 'error'])) ?? 'info',
    language: languageOf(environment, fromFile, problems),
    watchIntervalMs: read('WATCH_INTERVAL', interval) ?? 5000,
    alertRoutes: read('ALERT_ROUTES', (text) => resolve(cwd, text)),
    heartbeatUrl: hidden(read('HEARTBEAT_URL', urlOf(['http:', 'https:'], ADDRESS.ofAHeartbeat))),
    flappingTurns: read('ALERT_FLAPPING', turnsText),
    flinkHome: read('FLINK_HOME', (text) => resolve(cwd, text)),
    javaHome: read('JAVA_HOME', (text) => resolve(cwd, text)),
    pipIndexUrl: read('PIP_INDEX_URL', urlOf(['http:', 'https:', 'file:'], ADDRESS.ofAnIndex)),
    // https://no-color.org: any text but an empty one switches colour off.
    color: read('NO_COLOR', (text) => text) === null,
    searchPath: environment.PATH ?? '',
    chats: chatsOf({ environment, fromFile, read, problems }),
  }
  if (problems.length > 0) throw new SettingsError(problems)
  return Object.freeze(settings)
}

function chatsOf({
  environment,
  fromFile,
  read,
  problems,
}: {
  environment: Environment
  fromFile: ReadonlyMap<Name, Given>
  read: ReturnType<typeof reader>
  problems: Sentence[]
}): Settings['chats'] {
  const text = (env: string) => given(env, environment, fromFile)?.text ?? null
  const { given: chats, problems: wrong } = readChatSettings(text, text('PUBLIC_URL'))
  for (const { env, says } of wrong) {
    problems.push(wrongPlace(given(env, environment, fromFile)?.where ?? inEnvironment(env), says))
  }
  const matched = read(MATCH_PEOPLE, (names) => readMatchPeople(names) ?? new Wrong(notOneOf(VENDORS)))
  return { given: chats, matchPeople: matched ?? new Set() }
}

interface Given {
  text: string
  where: Sentence
}

type Parse<T> = (text: string) => T | Wrong

class Wrong {
  readonly because: Sentence
  constructor(because: Sentence) {
    this.because = because
  }
}

/** Reads one setting: the environment wins over the file, an empty text counts as absent. */
function reader(environment: Environment, file: ReadonlyMap<Name, Given>, problems: Sentence[]) {
  return <T>(name: Name, parse: Parse<T>): T | null => {
    const found = given(name, environment, file)
    if (!found) return null
    const parsed = parse(found.text)
    if (!(parsed instanceof Wrong)) return parsed
    problems.push(wrongValue(found.where, SECRET_NAMES.has(name) ? null : found.text, parsed.because))
    return null
  }
}

function given(name: Name, environment: Environment, file: ReadonlyMap<Name, Given>): Given | null {
  const text = environment[name]?.trim()
  if (text) return { text, where: inEnvironment(name) }
  return file.get(name) ?? null
}

function readFile(
  { name: file, text }: { name: string; text: string },
  problems: Sentence[],
): Map<Name, Given> {
  const found = new Map<Name, Given>()
  const lines = new LineCounter()
  // Without `prettyErrors` an error says what, and leaves it to us to say where.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (error) {
    // Behind a colon the parser repeats what it read, and that may be a secret (`secret: |…`).
    const said = error.message.split(': ')[0] ?? ''
    problems.push(notYaml(file, said, lines.linePos(error.pos[0])))
    return found
  }
  if (document.contents === null) return found
  if (!isMap(document.contents)) {
    problems.push(notAList(file))
    return found
  }
  for (const { key, value } of document.contents.items) {
    if (!isScalar(key)) continue
    const place = { file, line: lines.linePos(key.range?.[0] ?? 0).line, key: String(key.value) }
    const name = NAMES.find((one) => keyOf(one) === place.key)
    if (!name) problems.push(unknownSetting(place, nearestKey(place.key)))
    else if (value !== null && !isScalar(value)) problems.push(wrongPlace(inFile(place), BECAUSE.notOneValue))
    else if (isScalar(value) && value.value !== null && value.value !== '') {
      // As written: `port: 08` and `secret: 12e3` must not be read as numbers.
      found.set(name, { text: value.source ?? String(value.value), where: inFile(place) })
    }
  }
  return found
}

export function keyOf(name: Name): string {
  return name.replace(/^SLUICE_/, '').toLowerCase()
}

function nearestKey(written: string): string | null {
  const asKey = written
    .replace(/^SLUICE_/i, '')
    .replaceAll('-', '_')
    .toLowerCase()
  const nearest = NAMES.map(keyOf)
    .map((key) => ({ key, far: distance(asKey, key) }))
    .sort((a, b) => a.far - b.far)[0]
  return nearest && nearest.far <= 3 ? nearest.key : null
}

function hidden(text: string | null): Secret | null {
  return text === null ? null : new Secret(text)
}

function portNumber(text: string): number | Wrong {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return port >= 0 && port <= 65_535 ? port : new Wrong(BECAUSE.notAPort)
}

function turnsText(text: string): number | Wrong {
  if (text.toLowerCase() === 'never') return Number.POSITIVE_INFINITY
  const turns = /^\d{1,4}$/.test(text) ? Number(text) : 0
  return turns >= 2 ? turns : new Wrong(BECAUSE.notTurns)
}

function hostText(text: string): string | Wrong {
  return /^[\w.:-]+$/.test(text) && !/:\d+$/.test(text.replace(/^[\da-f:]+$/i, ''))
    ? text
    : new Wrong(BECAUSE.notAHost)
}

function urlOf(protocols: readonly string[], what: Sentence): Parse<string> {
  return (text) =>
    URL.canParse(text) && protocols.includes(new URL(text).protocol)
      ? text
      : new Wrong(notAnAddress(what, protocols))
}

function publicUrl(text: string): string | Wrong {
  if (!URL.canParse(text)) return new Wrong(BECAUSE.notPublic)
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return new Wrong(BECAUSE.notHttp)
  if (url.pathname !== '/' || url.search || url.hash) return new Wrong(BECAUSE.hasPath)
  return url.origin
}

function secretText(text: string): string | Wrong {
  return text.length >= SECRET_LENGTH ? text : new Wrong(secretTooShort(text.length, SECRET_LENGTH))
}

function oneOf<const T extends string>(values: readonly T[]): Parse<T> {
  return (text) => values.find((value) => value === text.toLowerCase()) ?? new Wrong(notOneOf(values))
}

/**
 * LANGUAGE is also what GNU programs read. A machine's own value (`de_DE:de`, `C`) says nothing about Sluice: it
 * neither stops it nor outvotes sluice.yaml, and tells only that nobody there asked for Chinese.
 */
function languageOf(
  environment: Environment,
  file: ReadonlyMap<Name, Given>,
  problems: Sentence[],
): 'zh' | 'en' {
  const foreign = isForeignLocale(environment.LANGUAGE?.trim() ?? '')
  const read = reader(foreign ? { ...environment, LANGUAGE: undefined } : environment, file, problems)
  return read('LANGUAGE', ourLanguage) ?? (foreign ? 'en' : 'zh')
}

function ourLanguage(text: string): 'zh' | 'en' | Wrong {
  const first = /^(zh|en)([_.:@-].*)?$/i.exec(text)?.[1]?.toLowerCase()
  return first === 'zh' || first === 'en' ? first : new Wrong(BECAUSE.notOurLanguage)
}

/** `de`, `de_DE.UTF-8@euro`, `sr-Latn-RS`, `es_419`, `C.UTF-8`. */
const LOCALE = /^(C|POSIX|[a-z]{2,3}([_-]([a-z]{2}|[a-z]{4}|\d{3})){0,2})(\.[\w-]+)?(@\w+)?$/i

/** A locale, or several in order of preference, of which the first is none of our languages. */
function isForeignLocale(text: string): boolean {
  const all = text.split(':').filter((one) => one !== '')
  return ourLanguage(text) instanceof Wrong && all.length > 0 && all.every((one) => LOCALE.test(one))
}

function interval(text: string): number | Wrong {
  const ms = parseDuration(text)
  if (ms === null) return new Wrong(BECAUSE.notADuration)
  return ms >= SHORTEST_INTERVAL && ms <= LONGEST_INTERVAL ? ms : new Wrong(BECAUSE.notAnInterval)
}
