const MASK = '***'
const LONGEST_TEXT = 4_000
const DEEPEST = 12

/** Words that make any name a secret's: `dbPassword`, `s3.secret-key`, `auth.token`, `credentials`. */
const SECRET_WORD =
  /^(?:\w*(?:password|passwd|secret|token|credential)s?|pwd|passphrase|apikey|accesskey|authorization|cookie)$/

/** `apiKey`, `access-key`, `accessKeyId`; not `key.format`. */
const KEY_AT_END = /(?:^| )keys?(?: id)?$/

/** Every pattern begins only where a word does and looks ahead a bounded way: text from outside must not slow us down. */
const NAME = /(?<![\w.-])([\w.-]+)(["'`]?\s{0,20}(?:=>|[=:])(?:\s{0,20}(?=['"])|[ \t]{0,20})|\s{1,20})/g
const VALUE =
  /'[^']*(?:''[^']*)*'|"[^"\\]*(?:\\.[^"\\]*)*"|(?:bearer|basic)[ \t]{1,5}[^\s,;]+|[^\s,;&"'`)}\]]+/iy
/** `jdbc:mysql://user:secret@host`, `https://user:secret@host` */
const USER_INFO = /(:\/\/[^\s/:@'"]{0,200}):[^\s/'"]{1,500}@/g
/** `jdbc:oracle:thin:user/secret@host` */
const ORACLE = /(jdbc:oracle:\w{1,20}:[^\s/@'"]{1,200})\/[^\s@'"]{1,500}@/gi
const BEARER = /\b(bearer|basic)[ \t]{1,5}[\w.~+/=-]{16,}/gi
const OUR_TOKEN = /\bslu_[\w-]{8,}/g

/** A copy for people's eyes and for the audit: what looks like a secret is masked, long texts are cut. */
export function maskSecrets(value: unknown): unknown {
  return mask(value, 0)
}

export function maskText(text: string): string {
  const masked = maskWhole(text)
  return masked.length > LONGEST_TEXT ? `${masked.slice(0, LONGEST_TEXT)}… (${masked.length})` : masked
}

/** The same without cutting, for texts that are shown whole. */
export function maskWhole(text: string): string {
  return maskAssignments(
    text
      .replace(USER_INFO, `$1:${MASK}@`)
      .replace(ORACLE, `$1/${MASK}@`)
      .replace(BEARER, `$1 ${MASK}`)
      .replace(OUR_TOKEN, `slu_${MASK}`),
  )
}

export function isSecretKey(key: string): boolean {
  const words = key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
  return words.some((word) => SECRET_WORD.test(word)) || KEY_AT_END.test(words.slice(-2).join(' '))
}

/** `'password' = 'x'`, `password=x`, `"secretKey": "x"`, `--token x`, `PASSWORD 'x'`. */
function maskAssignments(text: string): string {
  let masked = ''
  let done = 0
  for (const { 0: whole, 1: name = '', 2: separator = '', index } of text.matchAll(NAME)) {
    const start = index + whole.length
    if (index < done || !isSecretKey(name) || !separates(name, separator, text[start])) continue
    VALUE.lastIndex = start
    const value = VALUE.exec(text)?.[0]
    if (value === undefined) continue
    masked += text.slice(done, start) + maskQuoted(value)
    done = start + value.length
  }
  return masked + text.slice(done)
}

/** A blank alone separates only an option from its value, or a word from something quoted. */
function separates(name: string, separator: string, next: string | undefined): boolean {
  return separator.trim() !== '' || name.startsWith('-') || next === "'" || next === '"'
}

function maskQuoted(secret: string): string {
  const quote = /^['"]/.exec(secret)?.[0] ?? ''
  return quote + MASK + quote
}

function mask(value: unknown, depth: number): unknown {
  if (depth > DEEPEST) return '…'
  if (typeof value === 'string') return maskText(value)
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return maskList(value, depth)
  if (value instanceof Map || value instanceof Set) return mask([...value], depth)
  if (typeof value === 'object' && value !== null) return maskFields(value, depth)
  return value ?? null
}

/** Also program arguments, where a secret stands behind its option: `['--password', 'x']`. */
function maskList(list: readonly unknown[], depth: number): unknown[] {
  return list.map((each, index) => {
    const before = list[index - 1]
    const isArgument = typeof before === 'string' && /^--?[\w.-]+$/.test(before) && isSecretKey(before)
    return isArgument && typeof each === 'string' && !each.startsWith('--') ? MASK : mask(each, depth + 1)
  })
}

function maskFields(value: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      key,
      isSecretKey(key) && isFilled(field) ? MASK : mask(field, depth + 1),
    ]),
  )
}

/** Whether a secret was set at all is worth seeing. */
function isFilled(field: unknown): boolean {
  return field !== null && field !== undefined && field !== '' && typeof field !== 'boolean'
}
