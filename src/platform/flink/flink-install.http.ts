import { constants } from 'node:fs'
import { access, chmod, mkdir, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, fetch } from 'undici'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { DownloadResult } from './download.http.ts'
import { digestOf, download } from './download.http.ts'
import { type FlinkHome, readFlinkHome } from './flink-home.file.ts'
import { parseFlinkVersion } from './flink-version.ts'
import type { InstallProblem } from './install-problems.ts'
import { freePidLock, takePidLock } from './pid-lock.file.ts'
import {
  chooseFiles,
  type IndexAddress,
  type IndexChoice,
  type IndexFile,
  indexAddress,
  LIBRARIES,
  offeredVersions,
  placeFromTarball,
  placeInHome,
  readIndexPage,
  SCRIPTS,
} from './pip-index.ts'
import type { PipSettings } from './pip-settings.cli.ts'
import { unpack } from './unpack.file.ts'

/** What is installed when nobody asks for another: the newest patch of it. */
export const DEFAULT_FLINK = '1.20'

export interface InstallOptions {
  /** Holds one directory per version: `<SLUICE_HOME>/flink`. */
  readonly shelf: string
  readonly clock: Clock
  readonly log: Log
  /** Asked for only when the index is needed. */
  readonly pip: () => Promise<PipSettings>
  readonly onProgress?: (progress: InstallProgress) => void
}

export type InstallProgress =
  | { readonly step: 'index' | 'finish' }
  | {
      readonly step: 'download'
      readonly file: string
      readonly bytes: number
      readonly total: number | null
    }
  | { readonly step: 'unpack'; readonly file: string }

export type InstallResult =
  | { readonly ok: true; readonly home: FlinkHome; readonly already: boolean }
  | { readonly ok: false; readonly problem: InstallProblem }

export interface InstalledFlink {
  readonly home: FlinkHome
  readonly name: string
}

/** Flinks under one directory, each in a directory named after its version. */
export interface FlinkInstaller {
  /** `1.20.3`, or `1.20` for its newest patch. A complete one that is there already is taken as it is. */
  install(wanted?: string): Promise<InstallResult>
  /** From an official archive, flink-1.20.3-bin-scala_2.12.tgz; the `.sha512` beside it is checked when there. */
  installFrom(tarball: string): Promise<InstallResult>
  list(): Promise<InstalledFlink[]>
  /** False when there is none of that name. The caller knows whether a cluster uses it. */
  remove(version: string): Promise<boolean>
}

class Refused extends Error {
  readonly problem: InstallProblem
  constructor(problem: InstallProblem) {
    super(`Flink was not installed: ${problem.why}`)
    this.problem = problem
  }
}

interface Reach {
  readonly address: IndexAddress
  readonly dispatcher: Dispatcher
}

// Two packages of 240 to 340 MB in all, and what is in them once more.
const NEEDED_MB = 800

export function createFlinkInstaller(options: InstallOptions): FlinkInstaller {
  const shelf = resolve(options.shelf)
  const downloads = join(shelf, '.downloads')
  const tell = options.onProgress ?? (() => {})

  async function install(wanted = DEFAULT_FLINK): Promise<InstallResult> {
    if (!parseFlinkVersion(wanted)) return { ok: false, problem: { why: 'bad-version', wanted } }
    const there = await installed(wanted)
    if (there) return { ok: true, home: there.home, already: true }
    return alone(() => installFromIndex(wanted))
  }

  async function installFromIndex(wanted: string): Promise<InstallResult> {
    await demandSpace(shelf)
    const reach = await reachIndex()
    try {
      const choice = await choose(wanted, reach)
      const there = await installed(choice.version.text)
      if (there) return { ok: true, home: there.home, already: true }
      for (const file of [choice.scripts, choice.libraries]) await fetchFile(file, reach)
      return await assemble((target) => unpackBoth(choice, target))
    } finally {
      await reach.dispatcher.close()
    }
  }

  async function reachIndex(): Promise<Reach> {
    const pip = await options.pip()
    const address = indexAddress(pip.indexUrl)
    if (!address) throw new Refused({ why: 'bad-index' })
    return { address, dispatcher: await dispatcherFor(pip) }
  }

  async function choose(wanted: string, reach: Reach): Promise<IndexChoice> {
    tell({ step: 'index' })
    const [libraries, scripts] = await Promise.all([LIBRARIES, SCRIPTS].map((name) => readPage(name, reach)))
    const choice = chooseFiles(wanted, libraries ?? [], scripts ?? [])
    if (choice) return choice
    const offered = offeredVersions(libraries ?? [], scripts ?? []).map(({ text }) => text)
    throw new Refused({ why: 'not-offered', wanted, offered })
  }

  async function fetchFile(file: IndexFile, { address, dispatcher }: Reach): Promise<void> {
    const path = join(downloads, file.name)
    if (await isWhole(path, file)) return
    await mkdir(downloads, { recursive: true })
    options.log.info({ file: file.name, size: file.size }, 'Downloading a part of Flink')
    const authorization =
      new URL(file.url).origin === new URL(address.url).origin ? address.authorization : null
    const result = await download(
      {
        ...{ url: file.url, authorization, path, sha256: file.sha256, size: file.size },
        onProgress: (bytes, total) => tell({ step: 'download', file: file.name, bytes, total }),
      },
      { clock: options.clock, dispatcher },
    )
    if (!result.ok) throw refusalOf(result, file)
  }

  async function unpackBoth(choice: IndexChoice, target: string): Promise<void> {
    for (const { name } of [choice.libraries, choice.scripts]) {
      tell({ step: 'unpack', file: name })
      await unpackOrRefuse(join(downloads, name), target, placeInHome)
    }
  }

  async function installFrom(tarball: string): Promise<InstallResult> {
    const path = resolve(tarball)
    if (!/\.(tgz|tar\.gz)$/.test(path) || !(await isFile(path))) {
      return { ok: false, problem: { why: 'no-tarball', path } }
    }
    return alone(async () => {
      await demandSpace(shelf)
      await demandSha512(path)
      return assemble(async (target) => {
        tell({ step: 'unpack', file: basename(path) })
        await unpackOrRefuse(path, target, placeFromTarball)
      })
    })
  }

  // Filled under a name that nobody takes for a version, looked at, and renamed: a half install never looks whole.
  async function assemble(fill: (target: string) => Promise<void>): Promise<InstallResult> {
    const target = join(shelf, '.new')
    await rm(target, { recursive: true, force: true })
    await fill(target)
    tell({ step: 'finish' })
    await makeExecutable(join(target, 'bin'))
    const verdict = await readFlinkHome(target)
    if (!verdict.ok) throw new Refused({ why: 'not-a-home', problem: verdict.problem })
    const path = join(shelf, verdict.home.version.text)
    const there = await readFlinkHome(path)
    if (there.ok) return { ok: true, home: there.home, already: true }
    if (there.problem.why !== 'not-there') throw new Refused({ why: 'in-the-way', path })
    await rename(target, path)
    await rm(downloads, { recursive: true, force: true })
    return { ok: true, home: { ...verdict.home, path, confDir: join(path, 'conf') }, already: false }
  }

  async function alone(act: () => Promise<InstallResult>): Promise<InstallResult> {
    await mkdir(shelf, { recursive: true })
    const lock = join(shelf, '.lock')
    const taken = await takePidLock(lock)
    if (!taken.held) return { ok: false, problem: { why: 'busy', pid: taken.by } }
    try {
      return await act()
    } catch (e) {
      if (e instanceof Refused) return { ok: false, problem: e.problem }
      throw e
    } finally {
      await rm(join(shelf, '.new'), { recursive: true, force: true })
      await freePidLock(lock)
    }
  }

  async function installed(wanted: string): Promise<InstalledFlink | undefined> {
    return (await list()).findLast(({ name }) => name === wanted || name.startsWith(`${wanted}.`))
  }

  async function list(): Promise<InstalledFlink[]> {
    const names = await readdir(shelf).catch(() => [])
    const looked = await Promise.all(
      names
        .filter((name) => parseFlinkVersion(name))
        .map(async (name) => ({ name, verdict: await readFlinkHome(join(shelf, name)) })),
    )
    return looked
      .flatMap(({ name, verdict }) => (verdict.ok ? [{ name, home: verdict.home }] : []))
      .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
  }

  async function remove(version: string): Promise<boolean> {
    const path = join(shelf, version)
    if (!parseFlinkVersion(version) || !(await exists(path))) return false
    const gone = join(shelf, `.gone-${version}`)
    await rm(gone, { recursive: true, force: true })
    await rename(path, gone)
    await rm(gone, { recursive: true })
    return true
  }

  return { install, installFrom, list, remove }
}

async function readPage(name: string, { address, dispatcher }: Reach): Promise<IndexFile[]> {
  const url = `${address.url}/${name}/`
  const accept = 'application/vnd.pypi.simple.v1+json, text/html;q=0.5'
  const headers = { accept, ...(address.authorization ? { authorization: address.authorization } : {}) }
  const answer = await fetch(url, { dispatcher, headers }).catch((cause: unknown) => {
    throw new Refused({ why: 'index-unreachable', url, cause })
  })
  const body = await answer.text()
  if (!answer.ok) throw new Refused({ why: 'index-refuses', url, status: answer.status })
  const files = readIndexPage(body, answer.url)
  if (!files) throw new Refused({ why: 'no-index', url })
  return files
}

async function dispatcherFor({ cert }: PipSettings): Promise<Dispatcher> {
  const extra = cert === null ? null : await readFile(cert, 'utf8').catch(() => null)
  const trusted = extra === null ? {} : { connect: { ca: [...rootCertificates, extra] } }
  return new Agent({ headersTimeout: 60_000, bodyTimeout: 60_000, ...trusted })
}

function refusalOf(result: Exclude<DownloadResult, { ok: true }>, file: IndexFile): Refused {
  if (result.why === 'wrong-digest') {
    return new Refused({ why: 'wrong-digest', file: file.name, expected: result.expected, got: result.got })
  }
  if (result.why === 'refused')
    return new Refused({ why: 'download-refused', url: withoutSecrets(file.url), status: result.status })
  return new Refused({ why: 'download-unreachable', url: withoutSecrets(file.url), cause: result.cause })
}

// Signed addresses carry their secret in the query.
function withoutSecrets(text: string): string {
  const url = new URL(text)
  return `${url.origin}${url.pathname}`
}

async function unpackOrRefuse(
  archive: string,
  target: string,
  place: (entry: string) => string | null,
): Promise<void> {
  try {
    await unpack(archive, target, place)
  } catch (cause) {
    throw new Refused({ why: 'cannot-unpack', file: basename(archive), cause })
  }
}

// A zip does not keep what was executable.
async function makeExecutable(bin: string): Promise<void> {
  const names = await readdir(bin).catch(() => [])
  const scripts = names.filter((name) => name.endsWith('.sh') || name === 'flink')
  await Promise.all(scripts.map((name) => chmod(join(bin, name), 0o755)))
}

async function isWhole(path: string, file: IndexFile): Promise<boolean> {
  return (await isFile(path)) && (await digestOf(path)) === file.sha256
}

async function demandSha512(tarball: string): Promise<void> {
  const text = await readFile(`${tarball}.sha512`, 'utf8').catch(() => null)
  const expected = /\b[0-9a-f]{128}\b/i.exec(text ?? '')?.[0]?.toLowerCase()
  if (expected === undefined) return
  const got = await digestOf(tarball, 'sha512')
  if (got !== expected) throw new Refused({ why: 'wrong-digest', file: basename(tarball), expected, got })
}

async function demandSpace(dir: string): Promise<void> {
  const { bavail, bsize } = await statfs(dir)
  const freeMb = Math.floor((bavail * bsize) / 1e6)
  if (freeMb < NEEDED_MB) throw new Refused({ why: 'no-space', freeMb, neededMb: NEEDED_MB })
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}
