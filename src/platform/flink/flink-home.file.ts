import { constants } from 'node:fs'
import { access, readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { FlinkVersion } from './flink-version.ts'
import { parseFlinkVersion } from './flink-version.ts'
import type { HomeProblem } from './home-problems.ts'

/** A Flink distribution as it lies in a directory. */
export interface FlinkHome {
  readonly path: string
  readonly version: FlinkVersion
  /** The conf dir it ships or links to; null when it has none, which a cluster of ours does not need. */
  readonly confDir: string | null
}

export type HomeVerdict =
  | { readonly ok: true; readonly home: FlinkHome }
  | { readonly ok: false; readonly problem: HomeProblem }

const SCRIPTS = [
  'bin/flink',
  'bin/config.sh',
  'bin/flink-daemon.sh',
  'bin/jobmanager.sh',
  'bin/taskmanager.sh',
]

/**
 * Looks at a Flink home without starting a JVM: the version stands in the name of the dist jar. `confDir` names one
 * that lies elsewhere, as vendors do it.
 */
export async function readFlinkHome(path: string, confDir: string | null = null): Promise<HomeVerdict> {
  const home = resolve(path)
  const jars = await namesIn(join(home, 'lib'))
  if (!(await isDirectory(home))) return refuse({ why: 'not-there', path: home })
  if (jars === null) return refuse({ why: 'no-lib', path: home })
  // Flink's own scripts leave the path unquoted in places.
  if (/\s/.test(home)) return refuse({ why: 'space-in-path', path: home })

  const version = versionFromJars(home, jars)
  if ('why' in version) return refuse(version)
  const problem = (await scriptProblem(home)) ?? (await confProblem(home, confDir))
  if (problem) return refuse(problem)
  return { ok: true, home: { path: home, version, confDir: await findConf(home, confDir) } }
}

function refuse(problem: HomeProblem): HomeVerdict {
  return { ok: false, problem }
}

function versionFromJars(path: string, jars: readonly string[]): FlinkVersion | HomeProblem {
  const dists = jars.filter((name) => /^flink-dist.*\.jar$/.test(name))
  const [dist] = dists
  if (dist === undefined) return { why: 'no-dist', path }
  if (dists.length > 1) return { why: 'several-dists', path, files: dists }
  // The Scala version is part of the name up to 1.14 and in vendors' builds: flink-dist_2.12-1.14.0-csa1.7.0.0.jar
  const text = /^flink-dist(?:_\d+\.\d+)?-(.+)\.jar$/.exec(dist)?.[1]
  return parseFlinkVersion(text ?? '') ?? { why: 'unknown-version', path, files: dists }
}

async function scriptProblem(home: string): Promise<HomeProblem | null> {
  for (const file of SCRIPTS) {
    if (!(await can(join(home, file), constants.R_OK))) return { why: 'no-script', path: home, file }
  }
  for (const file of SCRIPTS.filter((name) => name !== 'bin/config.sh')) {
    if (!(await can(join(home, file), constants.X_OK))) return { why: 'not-executable', path: home, file }
  }
  return null
}

async function confProblem(home: string, confDir: string | null): Promise<HomeProblem | null> {
  if (confDir === null || (await holdsConfig(confDir))) return null
  return { why: 'no-conf', path: home, file: confDir }
}

async function findConf(home: string, confDir: string | null): Promise<string | null> {
  if (confDir !== null) return resolve(confDir)
  const own = join(home, 'conf')
  return (await holdsConfig(own)) ? realpath(own) : null
}

async function holdsConfig(dir: string): Promise<boolean> {
  const names = await namesIn(dir)
  return names?.some((name) => name === 'config.yaml' || name === 'flink-conf.yaml') ?? false
}

async function namesIn(dir: string): Promise<string[] | null> {
  return readdir(dir).catch(() => null)
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

async function can(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  )
}
