import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { explainClusterProblem } from '../platform/flink/cluster-problems.ts'
import { findJava } from '../platform/flink/find-java.cli.ts'
import { createFlinkInstaller, type InstallProgress } from '../platform/flink/flink-install.http.ts'
import { explainInstallProblem } from '../platform/flink/install-problems.ts'
import { createLocalClusters } from '../platform/flink/local-cluster.cli.ts'
import { LOCAL_MEMORY } from '../platform/flink/local-cluster-conf.ts'
import { pipSettings } from '../platform/flink/pip-settings.cli.ts'
import { REAL_DELAYS } from '../platform/runtimes/simulator/simulated-cluster.ts'
import { startSimulator } from '../platform/runtimes/simulator/simulator.http.ts'
import type { Environment, Settings } from '../settings.ts'
import { breakFile } from './break-file.ts'

/** The cluster that the demo runs its jobs on: a real Flink on this machine, or the sandbox. */
export interface DemoCluster {
  address: string
  sandbox: boolean
  savepointDir: string
  checkpointDir: string
  archiveDir: string | null
  scale(taskManagers: number): Promise<{ ok: true } | { ok: false; because: string }>
  stop(): Promise<void>
}

/** Something the visitor has to do first; the message says what. */
export class DemoProblem extends Error {
  override name = 'DemoProblem'
}

export interface ClusterRequest {
  settings: Settings
  environment: Environment
  log: Log
  language: 'zh' | 'en'
  tarball: string | null
  say(line: string): void
  progress(progress: InstallProgress): void
}

const NAME = 'demo'
const OLDEST_JAVA = 11
const NEWEST_JAVA = 23
const SLOTS = 4

export async function openSandbox({ settings }: ClusterRequest): Promise<DemoCluster> {
  const directory = join(settings.home, 'sandbox')
  await mkdir(directory, { recursive: true })
  const simulator = await startSimulator({
    clock: systemClock,
    slots: SLOTS,
    taskManagers: 2,
    delays: REAL_DELAYS,
    directory,
  })
  const { checkpoints, savepoints, archive } = simulator.directories
  return {
    address: simulator.address,
    sandbox: true,
    savepointDir: savepoints ?? `file:${join(directory, 'savepoints')}`,
    checkpointDir: checkpoints,
    archiveDir: archive,
    async scale(taskManagers) {
      for (let count = 2; count < taskManagers; count++) simulator.addTaskManager()
      return { ok: true }
    },
    stop: () => simulator.stop(),
  }
}

export async function openRealCluster(request: ClusterRequest): Promise<DemoCluster> {
  const { settings, log, language } = request
  await demandJava(request)
  const flinkHome = settings.flinkHome ?? (await installFlink(request))
  request.say(WORDS[language].starting)
  const clusters = createLocalClusters({
    home: settings.home,
    clock: systemClock,
    log,
    searchPath: settings.searchPath,
  })
  const up = await clusters.up({
    name: NAME,
    flinkHome,
    javaHome: settings.javaHome,
    taskManagers: 1,
    slotsPerTaskManager: 2 * SLOTS,
    memory: LOCAL_MEMORY,
    config: {},
  })
  if (!up.ok) throw new DemoProblem(explainClusterProblem(up.problem, language))
  const root = join(settings.home, 'clusters', NAME)
  return {
    address: up.cluster.restUrl,
    sandbox: false,
    savepointDir: `file:${join(root, 'savepoints')}`,
    checkpointDir: `file:${join(root, 'checkpoints')}`,
    archiveDir: join(root, 'archive'),
    async scale(taskManagers) {
      const scaled = await clusters.scale(NAME, taskManagers)
      return scaled.ok
        ? { ok: true }
        : { ok: false, because: explainClusterProblem(scaled.problem, language) }
    },
    async stop() {
      await clusters.down(NAME)
    },
  }
}

async function demandJava({ settings, language }: ClusterRequest): Promise<void> {
  const { javaHome, searchPath } = settings
  const java = await findJava({ javaHome, searchPath, from: OLDEST_JAVA, to: NEWEST_JAVA })
  if (!java.ok) throw new DemoProblem(WORDS[language].noJava)
}

async function installFlink({
  settings,
  environment,
  log,
  language,
  tarball,
  progress,
}: ClusterRequest): Promise<string> {
  const installer = createFlinkInstaller({
    shelf: join(settings.home, 'flink'),
    clock: systemClock,
    log,
    pip: () => pipSettings(environment),
    onProgress: progress,
  })
  const installed = tarball ? await installer.installFrom(tarball) : await installer.install()
  if (!installed.ok) throw new DemoProblem(explainInstallProblem(installed.problem, language))
  return installed.home.path
}

/** The file at whose sight the job named `fragile` breaks. */
export async function placeBreakFile(home: string): Promise<void> {
  await mkdir(join(home, 'demo'), { recursive: true })
  await writeFile(breakFile(home), 'broken on purpose, by the demo\n')
}

export async function removeBreakFile(home: string): Promise<void> {
  await rm(breakFile(home), { force: true })
}

const WORDS = {
  zh: {
    starting: '正在启动本机的 Flink 集群 …',
    noJava:
      '没有找到可用的 Java（需要 11 到 23）。安装 Java 17（例如 apt-get install openjdk-17-jre-headless，或用 JAVA_HOME 指定）后再运行；没有 Java 也可以先用模拟集群体验：npm run demo -- --sandbox',
  },
  en: {
    starting: 'Starting a Flink cluster on this machine …',
    noJava:
      'No usable Java was found (11 to 23 is needed). Install Java 17 (for example: apt-get install openjdk-17-jre-headless, or point JAVA_HOME at one) and run this again; or look around without Java on a simulated cluster: npm run demo -- --sandbox',
  },
} as const
