import { isAtLeast, parseFlinkVersion } from '../platform/flink/flink-version.ts'
import type { Language } from './cli.ts'
import type { ClusterFacts } from './cluster-facts.http.ts'

export type Level = 'ok' | 'warn' | 'fail'

/** One line of the doctor. */
export interface Finding {
  level: Level
  /** What was looked at. */
  what: string
  said: string
  /** What to do about it. */
  cure?: string
}

export interface AskedCluster {
  name: string
  address: string
  /** Ours to throw away: what would be careless elsewhere is fine there. */
  private: boolean
}

const HA_OFF = new Set(['', 'none'])

/** What is good and bad about a cluster, as it told us itself. */
export function clusterFindings(
  { name, address, private: isPrivate }: AskedCluster,
  facts: ClusterFacts,
  language: Language,
): Finding[] {
  const t = WORDS[language]
  const what = t.cluster(name)
  if (facts.is === 'silent') {
    return [{ level: 'fail', what, said: t.silent(address, facts.because), cure: t.silentCure(name) }]
  }
  const { version, slots, config } = facts
  const lines: Finding[] = [{ level: 'ok', what, said: t.answers(address, version, slots) }]
  if (!isSupported(version)) {
    lines.push({ level: 'warn', what, said: t.oldVersion(version), cure: t.oldVersionCure })
  }
  if (slots.total === 0) lines.push({ level: 'warn', what, said: t.noSlots, cure: t.noSlotsCure })
  if (config === null) return [...lines, { level: 'warn', what, said: t.hidden, cure: t.hiddenCure }]
  if (config.get('cluster.intercept-user-system-exit') !== 'THROW') {
    lines.push({ level: 'warn', what, said: t.exits, cure: t.exitsCure })
  }
  const ha = config.get('high-availability.type') ?? config.get('high-availability') ?? ''
  if (HA_OFF.has(ha.toLowerCase())) {
    lines.push(
      isPrivate
        ? { level: 'ok', what, said: t.haOff }
        : { level: 'warn', what, said: t.haOff, cure: t.haOffCure },
    )
  }
  return lines
}

function isSupported(text: string): boolean {
  const version = parseFlinkVersion(text)
  return version !== null && isAtLeast(version, 1, 14) && !isAtLeast(version, 3, 0)
}

export function findingLine(
  { level, what, said, cure }: Finding,
  language: Language,
  colour: boolean,
): string {
  const t = WORDS[language]
  const mark = t.levels[level]
  const shown = colour ? `\u001b[${COLOURS[level]}m${mark}\u001b[0m` : mark
  return `${shown}  ${what}${language === 'zh' ? '：' : ': '}${said}${cure === undefined ? '' : ` → ${cure}`}`
}

const COLOURS: Record<Level, number> = { ok: 32, warn: 33, fail: 31 }

export function summaryLine(findings: readonly Finding[], language: Language): string {
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length
  return WORDS[language].summary(count('warn'), count('fail'))
}

interface Room {
  taskManagers: number
  total: number
  free: number
}

const WORDS = {
  zh: {
    levels: { ok: '正常', warn: '注意', fail: '异常' },
    summary: (warn: number, fail: number) =>
      warn + fail === 0 ? '一切正常。' : `${fail} 项异常，${warn} 项需要注意。`,
    cluster: (name: string) => `集群 ${name}`,
    silent: (address: string, because: string) => `${address} 没有响应（${because}）。其中的作业可能仍在运行`,
    silentCure: (name: string) =>
      `检查 JobManager 和网络；本机集群用 sluice cluster up ${name}；不再使用则 /cluster remove ${name}`,
    answers: (address: string, version: string, { taskManagers, total, free }: Room) =>
      `${address} · Flink ${version} · ${taskManagers} 个 TaskManager · ${total} 个 slot，空闲 ${free}`,
    oldVersion: (version: string) => `Flink ${version} 没有经过验证`,
    oldVersionCure: '使用 1.14 到 2.x',
    noSlots: '没有 slot，作业无法启动',
    noSlotsCure: '启动 TaskManager',
    hidden: '看不到 JobManager 的配置，无法检查 System.exit 和高可用',
    hiddenCure: '放行 GET /jobmanager/config',
    exits: '作业的 main() 调用 System.exit() 会让 JobManager 和其中所有作业一起退出',
    exitsCure: '设置 cluster.intercept-user-system-exit: THROW 并重启集群',
    haOff: '没有高可用：JobManager 退出后 Flink 不再记得其中的作业，只剩 savepoint 和保留的 checkpoint',
    haOffCure: '设置 high-availability.type（zookeeper 或 kubernetes）和 high-availability.storageDir',
  },
  en: {
    levels: { ok: 'ok  ', warn: 'warn', fail: 'fail' },
    summary: (warn: number, fail: number) =>
      warn + fail === 0 ? 'All is well.' : `${fail} failing, ${warn} to look at.`,
    cluster: (name: string) => `cluster ${name}`,
    silent: (address: string, because: string) =>
      `${address} does not answer (${because}); its jobs may well be running`,
    silentCure: (name: string) =>
      `look at its JobManager and the network; one of this machine: sluice cluster up ${name}; one that is gone: /cluster remove ${name}`,
    answers: (address: string, version: string, { taskManagers, total, free }: Room) =>
      `${address} · Flink ${version} · ${taskManagers} TaskManager${taskManagers === 1 ? '' : 's'} · ${total} slots, ${free} free`,
    oldVersion: (version: string) => `Flink ${version} has not been tried with Sluice`,
    oldVersionCure: 'use 1.14 to 2.x',
    noSlots: 'it has no slots, so no job can start',
    noSlotsCure: 'start TaskManagers',
    hidden: 'it does not show its config, so System.exit and high availability cannot be checked',
    hiddenCure: 'allow GET /jobmanager/config',
    exits: 'a job whose main() calls System.exit() takes the JobManager and all its jobs along',
    exitsCure: 'set cluster.intercept-user-system-exit: THROW and restart the cluster',
    haOff:
      'no high availability: when the JobManager ends, Flink forgets its jobs, and only savepoints and retained checkpoints remain',
    haOffCure: 'set high-availability.type (zookeeper or kubernetes) and high-availability.storageDir',
  },
} as const satisfies Record<Language, object>
