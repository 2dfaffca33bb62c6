import { execFile } from 'node:child_process'
import { access, readFile, realpath } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Java, type JavaVerdict, javaMajor } from './java.ts'

export interface JavaSearch {
  /** Looked at first, when given. */
  readonly javaHome: string | null
  /** As in PATH. */
  readonly searchPath: string
  readonly from: number
  readonly to: number
}

/** The first Java in the wanted range: the given home, then those on the search path. */
export async function findJava({ javaHome, searchPath, from, to }: JavaSearch): Promise<JavaVerdict> {
  const found: Java[] = []
  for (const home of await candidates(javaHome, searchPath)) {
    const java = await readJava(home)
    if (java && java.major >= from && java.major <= to) return { ok: true, java }
    if (java) found.push(java)
  }
  return found.length > 0 ? { ok: false, why: 'unsuitable', found } : { ok: false, why: 'none' }
}

async function candidates(javaHome: string | null, searchPath: string): Promise<string[]> {
  const onPath = await Promise.all(searchPath.split(delimiter).filter(Boolean).map(homeBehind))
  const homes = [javaHome, ...onPath].filter((home) => home !== null)
  return [...new Set(homes)]
}

// /usr/bin/java is a link, or a chain of links, into the home that we need.
async function homeBehind(dir: string): Promise<string | null> {
  return realpath(join(dir, 'java')).then(
    (binary) => dirname(dirname(binary)),
    () => null,
  )
}

/** Reads which Java a home holds: from its `release` file, or by asking it. */
export async function readJava(home: string): Promise<Java | null> {
  const binary = join(home, 'bin', 'java')
  if (!(await exists(binary))) return null
  const text = (await versionInRelease(home)) ?? (await versionByAsking(binary))
  const major = text === null ? null : javaMajor(text)
  return text === null || major === null ? null : { home, major, text }
}

async function versionInRelease(home: string): Promise<string | null> {
  const text = await readFile(join(home, 'release'), 'utf8').catch(() => '')
  return /^JAVA_VERSION="?([^"\s]+)"?/m.exec(text)?.[1] ?? null
}

async function versionByAsking(binary: string): Promise<string | null> {
  const answer = await promisify(execFile)(binary, ['-version'], { timeout: 15_000 }).catch(() => null)
  return /version "([^"]+)"/.exec(`${answer?.stderr}${answer?.stdout}`)?.[1] ?? null
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
