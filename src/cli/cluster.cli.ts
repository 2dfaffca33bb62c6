import { resolve } from 'node:path'
import type { Log } from '../lib/log.ts'
import { explainClusterProblem } from '../platform/flink/cluster-problems.ts'
import { readFlinkHome } from '../platform/flink/flink-home.file.ts'
import type { ClusterStatus } from '../platform/flink/local-cluster.cli.ts'
import { LOCAL_MEMORY } from '../platform/flink/local-cluster-conf.ts'
import type { Settings } from '../settings.ts'
import { type Context, EXIT, type Exit, type Language, Refusal } from './cli.ts'
import type { GivenTo } from './commands.ts'
import { flinkInstaller, localClusters, logOf, settingsOf } from './tools.cli.ts'

const DEFAULT_NAME = 'local'
const DEFAULT_SLOTS = 4

export async function clusterUp(given: GivenTo<'cluster up'>, context: Context): Promise<Exit> {
  const { language, out, err } = context
  const [name = DEFAULT_NAME] = given.words
  const settings = settingsOf(context)
  const log = await logOf(settings)
  const clusters = localClusters(settings, { context, log })
  const former = await clusters.status(name)
  const kept = former.is === 'unknown' ? null : former.spec
  const flinkHome = await homeFor(given.text('flink'), {
    settings,
    context,
    log,
    kept: kept?.flinkHome ?? null,
  })

  err(WORDS[language].starting(name))
  const up = await clusters.up({
    name,
    flinkHome,
    javaHome: settings.javaHome ?? kept?.javaHome ?? null,
    taskManagers: given.number('task-managers') ?? kept?.taskManagers ?? 1,
    slotsPerTaskManager: given.number('slots') ?? kept?.slotsPerTaskManager ?? DEFAULT_SLOTS,
    memory: kept?.memory ?? LOCAL_MEMORY,
    config: kept?.config ?? {},
  })
  if (!up.ok) throw new Refusal(EXIT.notDone, explainClusterProblem(up.problem, language))
  const { restUrl, slots } = up.cluster
  err(WORDS[language].up(name, slots))
  out(restUrl)
  err(WORDS[language].next(name, restUrl))
  return EXIT.done
}

/** A directory, an installed version, what the cluster had, FLINK_HOME, or the newest that is installed. */
async function homeFor(
  wanted: string | null,
  { settings, context, log, kept }: { settings: Settings; context: Context; log: Log; kept: string | null },
): Promise<string> {
  const installed = await flinkInstaller(settings, { context, log }).list()
  if (wanted === null) {
    // The one it had may have been removed since.
    const former = kept !== null && (await readFlinkHome(kept)).ok ? kept : null
    const home = former ?? settings.flinkHome ?? installed.at(-1)?.home.path
    if (home !== undefined) return home
    throw new Refusal(EXIT.notDone, WORDS[context.language].noFlink)
  }
  const named = installed.findLast(({ name }) => name === wanted || name.startsWith(`${wanted}.`))
  if (named) return named.home.path
  if (!/^\d+(\.\d+)*$/.test(wanted)) return resolve(context.cwd, wanted)
  throw new Refusal(EXIT.notDone, WORDS[context.language].notInstalled(wanted))
}

export async function clusterDown(given: GivenTo<'cluster down'>, context: Context): Promise<Exit> {
  const { language, err } = context
  const [name = DEFAULT_NAME] = given.words
  const settings = settingsOf(context)
  const down = await localClusters(settings, { context, log: await logOf(settings) }).down(name)
  if (!down.ok) throw new Refusal(EXIT.notDone, explainClusterProblem(down.problem, language))
  err(down.stopped > 0 ? WORDS[language].down(name) : WORDS[language].wasDown(name))
  return EXIT.done
}

export async function clusterList(_given: GivenTo<'cluster list'>, context: Context): Promise<Exit> {
  const { language, out, err } = context
  const settings = settingsOf(context)
  const clusters = localClusters(settings, { context, log: await logOf(settings) })
  const names = await clusters.list()
  const states = await Promise.all(names.map(async (name) => ({ name, state: await clusters.status(name) })))
  const known = states.filter(({ state }) => state.is !== 'unknown')
  for (const { name, state } of known) out(`${name}\t${stateText(state, language)}`)
  if (known.length === 0) err(WORDS[language].none)
  return EXIT.done
}

export function stateText(state: ClusterStatus, language: Language): string {
  const t = WORDS[language]
  if (state.is === 'unknown' || state.is === 'stopped') return t.stopped
  const room = state.slots ? ` · ${t.slots(state.slots)}` : ''
  return `${state.is === 'running' ? t.running : t.partly} · ${state.restUrl}${room}`
}

interface Room {
  taskManagers: number
  total: number
  free: number
}

const WORDS = {
  zh: {
    starting: (name: string) => `正在启动集群 ${name} …`,
    up: (name: string, { taskManagers, total }: Room) =>
      `集群 ${name} 正在运行：${taskManagers} 个 TaskManager，${total} 个 slot。REST 地址：`,
    next: (name: string, url: string) => `接下来在聊天中登记：/cluster add ${name} ${url} env=preprod`,
    down: (name: string) => `集群 ${name} 已停止，其目录保留。`,
    wasDown: (name: string) => `集群 ${name} 原本就没有运行。`,
    none: '本机还没有集群。启动一个：sluice cluster up',
    noFlink: '还没有 Flink。先安装：sluice flink install，或设置 FLINK_HOME。',
    notInstalled: (version: string) => `没有安装 Flink ${version}。安装：sluice flink install ${version}`,
    running: '运行中',
    partly: '部分运行（再次 sluice cluster up 可补齐）',
    stopped: '已停止',
    slots: ({ free, total }: Room) => `${total} 个 slot，空闲 ${free}`,
  },
  en: {
    starting: (name: string) => `Starting cluster ${name} …`,
    up: (name: string, { taskManagers, total }: Room) =>
      `Cluster ${name} runs: ${taskManagers} TaskManager${taskManagers === 1 ? '' : 's'}, ${total} slots. Its REST address:`,
    next: (name: string, url: string) =>
      `Next, make it known in the chat: /cluster add ${name} ${url} env=preprod`,
    down: (name: string) => `Cluster ${name} is stopped; its directories stay.`,
    wasDown: (name: string) => `Cluster ${name} was not running.`,
    none: 'There is no cluster on this machine yet. Start one: sluice cluster up',
    noFlink: 'There is no Flink yet. Install one: sluice flink install, or set FLINK_HOME.',
    notInstalled: (version: string) =>
      `Flink ${version} is not installed. Install it: sluice flink install ${version}`,
    running: 'running',
    partly: 'partly running (sluice cluster up starts what is missing)',
    stopped: 'stopped',
    slots: ({ free, total }: Room) => `${total} slots, ${free} free`,
  },
} as const satisfies Record<Language, object>
