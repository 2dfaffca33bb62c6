import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { ClusterProblem } from './cluster-problems.ts'
import { findJava } from './find-java.cli.ts'
import type { FlinkHome } from './flink-home.file.ts'
import { readFlinkHome } from './flink-home.file.ts'
import type { FlinkProcess, FlinkRole } from './flink-processes.cli.ts'
import { flinkProcesses, signalFlink } from './flink-processes.cli.ts'
import { flinkFeatures } from './flink-version.ts'
import type { Java } from './java.ts'
import type { ClusterDirs, ClusterPorts, LocalClusterSpec } from './local-cluster-conf.ts'
import { LOG4J_PROPERTIES, localClusterConfFile, problemOfSpec } from './local-cluster-conf.ts'
import { freePort, isPortFree, readOverview, readTaskManagers, type Slots } from './loopback.http.ts'
import { freePidLock, takePidLock } from './pid-lock.file.ts'

/** A cluster that answers and has slots. */
export interface RunningCluster {
  readonly name: string
  readonly restUrl: string
  /** For Flink's own command line and for the SQL gateway: FLINK_CONF_DIR. */
  readonly confDir: string
  readonly spec: LocalClusterSpec
  readonly slots: Slots
}

export type UpResult =
  /** `resumed`: it, or a part of it, was running already. */
  | { readonly ok: true; readonly cluster: RunningCluster; readonly resumed: boolean }
  | { readonly ok: false; readonly problem: ClusterProblem }

export type DownResult =
  | { readonly ok: true; readonly stopped: number }
  | { readonly ok: false; readonly problem: ClusterProblem }

export type ClusterStatus =
  | { readonly is: 'unknown' }
  | { readonly is: 'stopped'; readonly spec: LocalClusterSpec }
  | {
      /** `partly`: processes are there, but no JobManager, no TaskManager, or REST does not answer. */
      readonly is: 'running' | 'partly'
      readonly spec: LocalClusterSpec
      readonly restUrl: string
      readonly processes: readonly FlinkProcess[]
      readonly slots: Slots | null
    }

export interface LocalClustersOptions {
  /** SLUICE_HOME: each cluster has its directory under `clusters/`. */
  readonly home: string
  readonly clock: Clock
  readonly log: Log
  /** As in PATH: where Java and the tools that Flink's scripts use are. */
  readonly searchPath: string
  /** How long a start may take; default 120 s. */
  readonly startWithinMs?: number
}

/** Local session clusters that Sluice owns. They outlive the process that started them. */
export interface LocalClusters {
  /** Starts the cluster, or what is missing of it; a running one is taken as it is, with more TaskManagers if asked. */
  up(spec: LocalClusterSpec): Promise<UpResult>
  /** Stops all its processes; its directories, savepoints included, stay. */
  down(name: string): Promise<DownResult>
  status(name: string): Promise<ClusterStatus>
  /** Starts TaskManagers until there are so many. Never stops one: its jobs would restart. */
  scale(name: string, taskManagers: number): Promise<UpResult>
  /** Names of the clusters that have a directory. */
  list(): Promise<string[]>
}

interface Kept {
  readonly spec: LocalClusterSpec
  readonly ports: ClusterPorts
}

interface Prepared extends Kept {
  readonly flink: FlinkHome
  readonly java: Java
  readonly dirs: ClusterDirs
}

class Refused extends Error {
  readonly problem: ClusterProblem
  constructor(problem: ClusterProblem) {
    super(`The local cluster cannot do this: ${problem.why}`)
    this.problem = problem
  }
}

// Names the files of Flink's scripts: flink-sluice-taskexecutor-0-local.out
const IDENT = 'sluice'
const HOST = 'local'
const DEFAULT_START_MS = 120_000
const STOP_MS = 15_000
const POLL_MS = 250

export function createLocalClusters(options: LocalClustersOptions): LocalClusters {
  const { clock, log } = options
  const root = resolve(options.home, 'clusters')

  async function up(spec: LocalClusterSpec): Promise<UpResult> {
    const wrong = problemOfSpec(spec)
    if (wrong) return { ok: false, problem: wrong }
    return locked(spec.name, () => bringUp(spec))
  }

  async function bringUp(spec: LocalClusterSpec): Promise<UpResult> {
    const dirs = dirsOf(root, spec.name)
    const running = await flinkProcesses(dirs.conf)
    const kept = await readKept(dirs)
    // A running cluster keeps the config it was started with: what is on disk must go on saying what runs.
    const resumed = running.length > 0 && kept !== null
    const wanted = resumed ? { ...kept.spec, taskManagers: spec.taskManagers } : spec
    const prepared = await prepare({
      spec: wanted,
      dirs,
      ports: resumed ? kept.ports : await choosePorts(kept),
    })
    if (resumed) return { ok: true, cluster: await bringUpMissing(prepared, running), resumed }
    await stopAll(dirs)
    return { ok: true, cluster: await bringUpAfresh(prepared), resumed }
  }

  async function bringUpMissing(
    prepared: Prepared,
    running: readonly FlinkProcess[],
  ): Promise<RunningCluster> {
    await keep(prepared)
    // Flink counts a dead TaskManager until its heartbeat is missed: only those that are new tell that ours are up.
    const former = (await readTaskManagers(prepared.ports.rest)).map(({ id }) => id)
    const count = prepared.spec.taskManagers - countOf(running, 'taskmanager')
    await startMissing(prepared, running)
    return untilReady(prepared, { former, count })
  }

  async function bringUpAfresh(prepared: Prepared): Promise<RunningCluster> {
    await writeFiles(prepared)
    try {
      await startMissing(prepared, [])
      return await untilReady(prepared, { former: [], count: prepared.spec.taskManagers })
    } catch (e) {
      // Half a cluster helps nobody; its logs stay.
      await stopAll(prepared.dirs)
      throw e
    }
  }

  async function prepare({ spec, dirs, ports }: Kept & { dirs: ClusterDirs }): Promise<Prepared> {
    if (/\s/.test(dirs.root)) throw new Refused({ why: 'space-in-path', path: dirs.root })
    const verdict = await readFlinkHome(spec.flinkHome)
    if (!verdict.ok) throw new Refused({ why: 'home', problem: verdict.problem })
    const { from, to } = flinkFeatures(verdict.home.version).java
    const java = await findJava({ javaHome: spec.javaHome, searchPath: options.searchPath, from, to })
    if (!java.ok) throw new Refused({ why: 'java', from, to, verdict: java })
    return { spec, dirs, ports, flink: verdict.home, java: java.java }
  }

  async function startMissing(prepared: Prepared, running: readonly FlinkProcess[]): Promise<void> {
    const jobManager = running.some(({ role }) => role === 'jobmanager')
      ? null
      : start(prepared, 'jobmanager')
    const missing = prepared.spec.taskManagers - countOf(running, 'taskmanager')
    // Side by side: each script takes seconds, and a TaskManager waits for its JobManager by itself. All of them are
    // awaited even when one fails: a script that still runs would start its process after the clean-up.
    const outcomes = await Promise.allSettled([jobManager, startTaskManagers(prepared, missing)])
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  async function startTaskManagers(prepared: Prepared, count: number): Promise<void> {
    for (let i = 0; i < count; i++) await start(prepared, 'taskmanager')
  }

  async function start(prepared: Prepared, role: FlinkRole): Promise<void> {
    log.info(
      { cluster: prepared.spec.name, role, flink: prepared.flink.version.text },
      'Starting a Flink process',
    )
    const script = join(prepared.flink.path, 'bin', `${role}.sh`)
    const said = await runScript(script, scriptEnv(prepared, options.searchPath), prepared.dirs.root)
    if (!said.ok) throw new Refused({ why: 'script', script, tail: said.tail })
  }

  async function untilReady(prepared: Prepared, fresh: Fresh): Promise<RunningCluster> {
    const { spec, ports, dirs } = prepared
    const deadline = clock.now() + (options.startWithinMs ?? DEFAULT_START_MS)
    while (clock.now() < deadline) {
      const slots = await readOverview(ports.rest)
      if (slots && isReady(slots, spec) && (await areIn(fresh, ports))) {
        return { name: spec.name, restUrl: restUrl(ports), confDir: dirs.conf, spec, slots }
      }
      if (!isComplete(spec, await flinkProcesses(dirs.conf))) throw await withLog('died', dirs)
      await clock.sleep(POLL_MS)
    }
    throw await withLog('too-late', dirs)
  }

  async function down(name: string): Promise<DownResult> {
    const wrong = await problemOfName(name)
    if (wrong) return { ok: false, problem: wrong }
    return locked(name, async () => ({ ok: true as const, stopped: await stopAll(dirsOf(root, name)) }))
  }

  async function stopAll(dirs: ClusterDirs): Promise<number> {
    const found = await flinkProcesses(dirs.conf)
    await signalAll(found, dirs, 'SIGTERM')
    const left = await untilGone(dirs, STOP_MS)
    await signalAll(left, dirs, 'SIGKILL')
    const still = await untilGone(dirs, STOP_MS)
    if (still.length > 0) throw new Refused({ why: 'still-there', pids: still.map(({ pid }) => pid) })
    // Flink counts the lines of its pid files to name its logs.
    await rm(dirs.pid, { recursive: true, force: true })
    return found.length
  }

  async function untilGone(dirs: ClusterDirs, within: number): Promise<FlinkProcess[]> {
    const deadline = clock.now() + within
    let left = await flinkProcesses(dirs.conf)
    while (left.length > 0 && clock.now() < deadline) {
      await clock.sleep(POLL_MS)
      left = await flinkProcesses(dirs.conf)
    }
    return left
  }

  async function status(name: string): Promise<ClusterStatus> {
    const dirs = dirsOf(root, name)
    const kept = (await problemOfName(name)) ? null : await readKept(dirs)
    if (!kept) return { is: 'unknown' }
    const processes = await flinkProcesses(dirs.conf)
    if (processes.length === 0) return { is: 'stopped', spec: kept.spec }
    const slots = await readOverview(kept.ports.rest)
    const whole =
      slots !== null && slots.total > 0 && isComplete({ ...kept.spec, taskManagers: 1 }, processes)
    return {
      is: whole ? 'running' : 'partly',
      spec: kept.spec,
      restUrl: restUrl(kept.ports),
      processes,
      slots,
    }
  }

  async function scale(name: string, taskManagers: number): Promise<UpResult> {
    const now = await status(name)
    if (now.is === 'unknown') return { ok: false, problem: { why: 'unknown', name } }
    if (now.is === 'stopped') return { ok: false, problem: { why: 'not-running', name } }
    return up({ ...now.spec, taskManagers: Math.max(taskManagers, countOf(now.processes, 'taskmanager')) })
  }

  async function list(): Promise<string[]> {
    const entries = await readdir(root, { withFileTypes: true }).catch(() => [])
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()
  }

  async function problemOfName(name: string): Promise<ClusterProblem | null> {
    return (await list()).includes(name) ? null : { why: 'unknown', name }
  }

  async function locked<Result extends { ok: boolean }>(
    name: string,
    act: () => Promise<Result>,
  ): Promise<Result | { ok: false; problem: ClusterProblem }> {
    const lock = join(root, name, 'lock')
    try {
      await mkdir(join(root, name), { recursive: true })
      const taken = await takePidLock(lock)
      if (!taken.held) return { ok: false, problem: { why: 'busy', pid: taken.by } }
      return await act().finally(() => freePidLock(lock))
    } catch (e) {
      if (e instanceof Refused) return { ok: false, problem: e.problem }
      throw e
    }
  }

  return { up, down, status, scale, list }
}

async function signalAll(found: readonly FlinkProcess[], dirs: ClusterDirs, signal: 'SIGTERM' | 'SIGKILL') {
  // The JobManager first: it would otherwise see its TaskManagers go and restart jobs.
  const order = [...found].sort((a, b) => Number(b.role === 'jobmanager') - Number(a.role === 'jobmanager'))
  for (const one of order) await signalFlink(one, dirs.conf, signal)
}

function isComplete(spec: Pick<LocalClusterSpec, 'taskManagers'>, running: readonly FlinkProcess[]): boolean {
  return countOf(running, 'jobmanager') > 0 && countOf(running, 'taskmanager') >= spec.taskManagers
}

function isReady(slots: Slots, spec: LocalClusterSpec): boolean {
  return (
    slots.taskManagers >= spec.taskManagers && slots.total >= spec.taskManagers * spec.slotsPerTaskManager
  )
}

/** So many TaskManagers that were not among the former ones shall have come. */
interface Fresh {
  readonly former: readonly string[]
  readonly count: number
}

async function areIn({ former, count }: Fresh, ports: ClusterPorts): Promise<boolean> {
  const now = await readTaskManagers(ports.rest)
  return now.filter(({ id, slots }) => slots > 0 && !former.includes(id)).length >= count
}

function countOf(running: readonly FlinkProcess[], role: FlinkRole): number {
  return running.filter((one) => one.role === role).length
}

function restUrl(ports: ClusterPorts): string {
  return `http://127.0.0.1:${ports.rest}`
}

function dirsOf(root: string, name: string): ClusterDirs {
  const at = join(root, name)
  return {
    root: at,
    conf: join(at, 'conf'),
    log: join(at, 'log'),
    pid: join(at, 'pid'),
    tmp: join(at, 'tmp'),
    upload: join(at, 'upload'),
    checkpoints: join(at, 'checkpoints'),
    savepoints: join(at, 'savepoints'),
    archive: join(at, 'archive'),
  }
}

async function choosePorts(kept: Kept | null): Promise<ClusterPorts> {
  const taken = new Set<number>()
  async function choose(former: number | undefined): Promise<number> {
    const port = former && (await isPortFree(former)) ? former : await freePort()
    if (taken.has(port)) return choose(undefined)
    taken.add(port)
    return port
  }
  return {
    rest: await choose(kept?.ports.rest),
    rpc: await choose(kept?.ports.rpc),
    blob: await choose(kept?.ports.blob),
  }
}

async function readKept(dirs: ClusterDirs): Promise<Kept | null> {
  const text = await readFile(join(dirs.root, 'cluster.json'), 'utf8').catch(() => null)
  // Written by us alone, whole or not at all.
  return text === null ? null : (JSON.parse(text) as Kept)
}

async function keep({ spec, ports, dirs }: Prepared): Promise<void> {
  await writeWhole(
    join(dirs.root, 'cluster.json'),
    `${JSON.stringify({ spec, ports } satisfies Kept, null, 2)}\n`,
  )
}

async function writeFiles(prepared: Prepared): Promise<void> {
  const { spec, ports, dirs, flink, java } = prepared
  // Nobody runs now: what a killed process left in these is of no use.
  for (const dir of [dirs.conf, dirs.tmp]) await rm(dir, { recursive: true, force: true })
  for (const dir of Object.values(dirs)) await mkdir(dir, { recursive: true })
  const conf = localClusterConfFile({ version: flink.version, javaMajor: java.major, spec, ports, dirs })
  await writeFile(join(dirs.conf, conf.name), conf.text, { mode: 0o600 })
  for (const name of ['log4j.properties', 'log4j-cli.properties']) {
    await writeFile(join(dirs.conf, name), LOG4J_PROPERTIES)
  }
  await keep(prepared)
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

// From scratch: what the visitor's shell sets for another Flink (JVM_ARGS, FLINK_CONF_DIR, …) must not leak in.
function scriptEnv({ java, dirs }: Prepared, searchPath: string): Record<string, string> {
  return {
    PATH: searchPath,
    HOME: dirs.root,
    LC_ALL: 'C.UTF-8',
    HOSTNAME: HOST,
    USER: IDENT,
    JAVA_HOME: java.home,
    FLINK_CONF_DIR: dirs.conf,
    FLINK_LOG_DIR: dirs.log,
    FLINK_PID_DIR: dirs.pid,
    FLINK_IDENT_STRING: IDENT,
  }
}

interface ScriptAnswer {
  readonly ok: boolean
  readonly tail: string
}

function runScript(script: string, env: Record<string, string>, cwd: string): Promise<ScriptAnswer> {
  return new Promise((done) => {
    // Detached: Ctrl-C in the terminal must reach us, not the cluster behind our back.
    const options = { env, cwd, timeout: 60_000, detached: true, maxBuffer: 16 * 1024 * 1024 }
    execFile(script, ['start'], options, (error, stdout, stderr) => {
      done({ ok: error === null, tail: tailOf(`${stdout}${stderr}`.trim() || String(error)) })
    })
  })
}

async function withLog(why: 'died' | 'too-late', dirs: ClusterDirs): Promise<Refused> {
  const { file, text } = await newestLog(dirs.log)
  return new Refused({ why, logFile: file, tail: tailOf(text) })
}

// A JVM that cannot start speaks in .out; all else is in .log.
async function newestLog(dir: string): Promise<{ file: string; text: string }> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => /\.(out|log)$/.test(name))
  const logs = await Promise.all(
    names.map(async (name) => ({ file: join(dir, name), text: await readFile(join(dir, name), 'utf8') })),
  )
  const telling = logs.sort((a, b) => weightOf(b) - weightOf(a))[0]
  return telling ?? { file: dir, text: '' }
}

function weightOf({ file, text }: { file: string; text: string }): number {
  if (file.endsWith('.out')) return /error|exception/i.test(text) ? 3 : 0
  return /\b(ERROR|FATAL)\b/.test(text) ? 2 : 1
}

function tailOf(text: string): string {
  return text.split('\n').slice(-30).join('\n').slice(-4000)
}
