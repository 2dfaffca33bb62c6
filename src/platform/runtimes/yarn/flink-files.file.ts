import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type FlinkHome, readFlinkHome } from '../../flink/flink-home.file.ts'
import type { FlinkVersion } from '../../flink/flink-version.ts'
import { explainHomeProblem } from '../../flink/home-problems.ts'
import { LOG4J_PROPERTIES } from '../../flink/local-cluster-conf.ts'

/** What every container of a Flink version needs, as it lies in a Flink home. */
export interface FlinkFiles {
  /** Over names and contents: the same files are the same bundle, wherever they came from. */
  digest: string
  files: readonly FlinkFile[]
}

export interface FlinkFile {
  /** Below the home: `lib/flink-json-1.20.5.jar`, `plugins/metrics-jmx/…`. */
  key: string
  path: string
  size: number
}

/** A Flink version as containers need it. */
export interface ShippedFlink {
  version: FlinkVersion
  files(): Promise<FlinkFiles>
  log4j(): Promise<string>
}

export type ShippedAnswer = { ok: true; flink: ShippedFlink } | { ok: false; because: string }

/** Where versions are registered. */
export interface RegisteredFlinks {
  byName(name: string): Promise<RegisteredFlink | null>
  byId(id: string): Promise<RegisteredFlink | null>
}

interface RegisteredFlink {
  home: string
  confDir: string | null
}

/** A name that a release gives counts, and only where there is none the one that its cluster has. */
export interface WantedFlink {
  name: string | null
  orId: string | null
}

/** What is shipped of registered versions; one that is gone is refused, never replaced by another. */
export function shippedFlinks(): (from: RegisteredFlinks, wanted: WantedFlink) => Promise<ShippedAnswer> {
  const known = new Map<string, ShippedFlink>()
  return async (from, { name, orId }) => {
    const registered = name !== null ? await from.byName(name) : orId !== null ? await from.byId(orId) : null
    if (!registered) {
      const which = name === null ? 'the Flink version of the cluster' : `Flink version ${name}`
      return { ok: false, because: `${which} is not registered` }
    }
    const verdict = await readFlinkHome(registered.home, registered.confDir)
    if (!verdict.ok) return { ok: false, because: explainHomeProblem(verdict.problem, 'en') }
    const { path, confDir, version } = verdict.home
    const place = JSON.stringify([path, confDir, version.text])
    const flink = known.get(place) ?? shippedFlink(verdict.home)
    known.set(place, flink)
    return { ok: true, flink }
  }
}

/** Its digests take a second and are kept as long as nothing in the home changes. */
export function shippedFlink({ path, version, confDir }: FlinkHome): ShippedFlink {
  let kept: { as: string; files: Promise<FlinkFiles> } | null = null
  return {
    version,
    async files() {
      const as = await listFiles(path).then((files) => JSON.stringify(files))
      if (kept?.as === as) return await kept.files
      const files = readFlinkFiles(path)
      kept = { as, files }
      files.catch(() => {
        kept = null
      })
      return await files
    },
    async log4j() {
      const own = confDir === null ? null : join(confDir, 'log4j.properties')
      return own === null ? LOG4J_PROPERTIES : await readFile(own, 'utf8').catch(() => LOG4J_PROPERTIES)
    },
  }
}

const PARTS = ['lib', 'plugins']

export async function readFlinkFiles(home: string): Promise<FlinkFiles> {
  const files = (await listFiles(home)).map(({ changedAt, ...file }) => file)
  const digest = createHash('sha256')
  for (const { key, path, size } of files) digest.update(`${key} ${size} ${await digestOf(path)}\n`)
  return { digest: digest.digest('hex'), files }
}

async function listFiles(home: string): Promise<readonly (FlinkFile & { changedAt: number })[]> {
  const files: (FlinkFile & { changedAt: number })[] = []
  for (const part of PARTS) {
    const found = await readdir(join(home, part), { recursive: true, withFileTypes: true }).catch(() => [])
    for (const entry of found) {
      const path = join(entry.parentPath, entry.name)
      // A link counts as what it leads to: vendors link their jars.
      const what = await stat(path)
      if (what.isFile())
        files.push({ key: relative(home, path), path, size: what.size, changedAt: what.mtimeMs })
    }
  }
  return files.toSorted((a, b) => (a.key < b.key ? -1 : 1))
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
