import { createHash, randomUUID } from 'node:crypto'
import {
  linkSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { DatabaseError } from './database-error.ts'

export interface DirectoryLock {
  release(): Promise<void>
}

interface Owner {
  token: string
  pid: number
  /** Host, boot and process namespace: only inside the same one does a pid mean anything. */
  machine: string
  /** When the process began, in the kernel's ticks; null where that cannot be read. Tells a pid from its reuse. */
  began: string | null
}

export interface LockOptions {
  clock: Clock
  /** Called once when somebody else holds the directory although we never gave it up. */
  onLost: () => void
  /** How often life is shown, in ms. */
  beat?: number
}

// A beat may be late: one big statement of the embedded database stops the event loop for a second or two.
const BEATS_BEFORE_DEAD = 4

/**
 * One process per directory. On Linux the kernel says so (an abstract socket, gone with its process); elsewhere, and
 * between containers that share a volume, a lock file with the owner and a heartbeat does. Nobody compares clocks: a
 * lock whose owner cannot be asked is watched, and is free when it does not beat.
 */
export async function lockDirectory(directory: string, options: LockOptions): Promise<DirectoryLock> {
  const place = realpathSync(directory)
  const socket = await bindAbstractSocket(place)
  const beat = options.beat ?? 2_000
  try {
    const me: Owner = { token: randomUUID(), pid: process.pid, machine: machine(), began: began(process.pid) }
    const file = join(place, 'lock')
    await take(file, me, { place, beat, clock: options.clock })
    const heart = keepBeating(file, me, { beat, onLost: options.onLost })
    return {
      async release() {
        clearInterval(heart)
        if (readOwner(file)?.token === me.token) rmSync(file, { force: true })
        await closeServer(socket)
      },
    }
  } catch (error) {
    await closeServer(socket)
    throw error
  }
}

function inUse(directory: string, owner: Owner | null): DatabaseError {
  const who = owner ? ` (process ${owner.pid})` : ''
  return new DatabaseError(
    'directory-in-use',
    `Another Sluice${who} is using the embedded database in ${directory}. Stop it first, or use PostgreSQL (DATABASE_URL) to run several.`,
    { directory, ...(owner && { pid: owner.pid }) },
  )
}

// --- the socket ---------------------------------------------------------------------------------------------------

function bindAbstractSocket(place: string): Promise<Server | null> {
  if (process.platform !== 'linux') return Promise.resolve(null)
  // A path may be longer than a socket's name can be.
  const name = `\0sluice:${createHash('sha256').update(place).digest('hex')}`
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? inUse(place, readOwner(join(place, 'lock'))) : error)
    })
    server.listen({ path: name }, () => resolve(server.unref()))
  })
}

function closeServer(server: Server | null): Promise<void> {
  return new Promise((resolve) => (server ? server.close(() => resolve()) : resolve()))
}

// --- the file -----------------------------------------------------------------------------------------------------

async function take(
  file: string,
  me: Owner,
  { place, beat, clock }: { place: string; beat: number; clock: Clock },
) {
  for (;;) {
    if (create(file, me)) return
    const owner = readOwner(file)
    if (await isAlive(file, owner, { beat, clock })) throw inUse(place, owner)
    if (!removeStale(file, owner)) throw inUse(place, readOwner(file))
  }
}

function create(file: string, me: Owner): boolean {
  try {
    writeFileSync(file, JSON.stringify(me), { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function isAlive(
  file: string,
  owner: Owner | null,
  { beat, clock }: { beat: number; clock: Clock },
): Promise<boolean> {
  if (owner !== null && owner.machine === machine()) {
    const now = began(owner.pid)
    if (now !== null && owner.began !== null) return now === owner.began
    if (!isRunning(owner.pid)) return false
  }
  const before = beatOf(file)
  await clock.sleep(beat * BEATS_BEFORE_DEAD)
  return beatOf(file) !== before
}

/**
 * Moves the stale lock aside, which only one of several can do, and looks at what it moved: a lock that was taken
 * meanwhile is put back.
 */
function removeStale(file: string, stale: Owner | null): boolean {
  const aside = `${file}.${randomUUID()}`
  try {
    renameSync(file, aside)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
  const moved = readOwner(aside)
  const ours = moved?.token === stale?.token
  if (!ours) linkSync(aside, file)
  rmSync(aside, { force: true })
  return ours
}

function keepBeating(
  file: string,
  me: Owner,
  { beat, onLost }: { beat: number; onLost: () => void },
): NodeJS.Timeout {
  const heart = setInterval(() => {
    if (readOwner(file)?.token === me.token) {
      const now = new Date()
      utimesSync(file, now, now)
      return
    }
    clearInterval(heart)
    onLost()
  }, beat)
  return heart.unref()
}

function readOwner(file: string): Owner | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner
  } catch {
    // Absent, or written only halfway by a process that died.
    return null
  }
}

function beatOf(file: string): number {
  try {
    return statSync(file).mtimeMs
  } catch {
    return 0
  }
}

// --- processes ----------------------------------------------------------------------------------------------------

function machine(): string {
  return [hostname(), readOr('/proc/sys/kernel/random/boot_id'), linkOr('/proc/self/ns/pid')].join(' ')
}

function began(pid: number): string | null {
  // Field 22, counted behind the name in parentheses, which may itself hold spaces.
  return readOr(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[19] ?? null
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

function linkOr(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}
