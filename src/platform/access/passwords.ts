import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'

export const MIN_PASSWORD_LENGTH = 10
/** A longer one is cut off by nobody, but would be work for us on behalf of whoever sends it. */
const MAX_PASSWORD_BYTES = 1024

/** 32 MiB and three rounds: what OWASP asks of scrypt at this memory. */
const COST = { N: 2 ** 15, r: 8, p: 3 }
const KEY_BYTES = 32

export interface Passwords {
  hash(password: string): Promise<string>
  /** With `stored` null (nobody of that name, or no password set) it takes as long and says no. */
  matches(password: string, stored: string | null): Promise<boolean>
}

/** Two at a time: each holds 32 MiB, and more of them would only starve everything else that needs threads. */
export function createPasswords(atOnce = 2): Passwords {
  const gate = createGate(atOnce)
  return {
    async hash(password) {
      const salt = randomBytes(16)
      const key = await gate(() => derive(password, salt, COST))
      return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join(
        '$',
      )
    },
    async matches(password, stored) {
      const { salt, key, cost } = (stored && parse(stored)) || NOBODY
      if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return false
      const given = await gate(() => derive(password, salt, cost))
      return timingSafeEqual(given, key) && stored !== null
    },
  }
}

interface Parsed {
  salt: Buffer
  key: Buffer
  cost: typeof COST
}

const NOBODY: Parsed = { salt: randomBytes(16), key: randomBytes(KEY_BYTES), cost: COST }

function parse(stored: string): Parsed {
  const [kind, N, r, p, salt = '', key = ''] = stored.split('$')
  const parsed = {
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
    cost: { N: Number(N), r: Number(r), p: Number(p) },
  }
  if (kind !== 'scrypt' || parsed.key.length !== KEY_BYTES)
    throw new Error('A stored password hash is damaged.')
  return parsed
}

function derive(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  // Node refuses exactly what the cost needs, unless it is given some room above.
  const options: ScryptOptions = { ...cost, maxmem: 256 * cost.N * cost.r }
  return new Promise((resolve, reject) => {
    // The same letters typed on another keyboard must match.
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

function createGate(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let inside = 0
  return async (work) => {
    if (inside >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    else inside++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else inside--
    }
  }
}
