const MASK = '***'
const LONGEST_TEXT = 4_000
const DEEPEST = 12

/** `password`, `dbPassword`, `s3.secret-key`, `apiKey`, `accessKeyId`, `credentials`, `auth.token`. */
const SECRET_WORDS = new Set([
  'password',
  'passwd',
  'pwd',
  'passphrase',
  'secret',
  'secrets',
  'token',
  'key',
  'keys',
  'credential',
  'credentials',
  'authorization',
  'cookie',
])

/** `'password' = 'x'`, `password=x`, `"secretKey": "x"`, `--token x`: the word, what separates, the value. */
const ASSIGNMENT =
  /(["'`]?[\w.-]*(?:password|passwd|pwd|passphrase|secret|token|credential|(?:api|access|private|secret)[_.-]?key)[\w.-]*["'`]?\s*(?:=|:|=>|\s(?=['"]))\s*)('(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[^\s,;&"'`)}\]]+)/gi
/** `jdbc:mysql://user:secret@host`, `https://user:secret@host` */
const USER_INFO = /(:\/\/[^\s/:@'"]*):[^\s/@'"]+@/g
/** `jdbc:oracle:thin:user/secret@host` */
const ORACLE = /(jdbc:oracle:\w+:[^\s/@'"]+)\/[^\s@'"]+@/gi
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi
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
  return text
    .replace(USER_INFO, `$1:${MASK}@`)
    .replace(ORACLE, `$1/${MASK}@`)
    .replace(BEARER, `$1 ${MASK}`)
    .replace(OUR_TOKEN, `slu_${MASK}`)
    .replace(ASSIGNMENT, (_, before: string, secret: string) => before + maskQuoted(secret))
}

export function isSecretKey(key: string): boolean {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .some((word) => SECRET_WORDS.has(word) || /(password|passwd|secret|token|apikey)s?$/.test(word))
}

function mask(value: unknown, depth: number): unknown {
  if (depth > DEEPEST) return '…'
  if (typeof value === 'string') return maskText(value)
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((each) => mask(each, depth + 1))
  if (value instanceof Map || value instanceof Set) return mask([...value], depth)
  if (typeof value === 'object' && value !== null) return maskFields(value, depth)
  return value ?? null
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

function maskQuoted(secret: string): string {
  const quote = /^['"]/.exec(secret)?.[0] ?? ''
  return quote + MASK + quote
}
