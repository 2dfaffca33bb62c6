import { constants, existsSync } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { silentLog } from '../lib/log.ts'
import { findJava, readJava } from '../platform/flink/find-java.cli.ts'
import { readFlinkHome } from '../platform/flink/flink-home.file.ts'
import { flinkFeatures } from '../platform/flink/flink-version.ts'
import { explainHomeProblem } from '../platform/flink/home-problems.ts'
import { DatabaseError } from '../platform/storage/database-error.ts'
import { type Settings, SettingsError } from '../settings.ts'
import { type Context, EXIT, type Exit, type Language } from './cli.ts'
import { askCluster } from './cluster-facts.http.ts'
import type { GivenTo } from './commands.ts'
import { type AskedCluster, clusterFindings, type Finding, findingLine, summaryLine } from './findings.ts'
import { findServer, type RunningServer } from './server-client.http.ts'
import { databaseSentence, systemSentence } from './texts.ts'
import { flinkInstaller, localClusters, settingsOf } from './tools.cli.ts'

/** Looks at everything that Sluice stands on, and changes nothing. */
export async function doctor(_given: GivenTo<'doctor'>, context: Context): Promise<Exit> {
  const { language, isTerminal, out } = context
  const findings: Finding[] = []
  let colour = isTerminal
  const tell = (found: readonly Finding[]) => {
    for (const finding of found) out(findingLine(finding, language, colour))
    findings.push(...found)
  }

  const read = readSettings(context)
  tell(read.findings)
  const { settings } = read
  if (settings) {
    colour = isTerminal && settings.color
    const server = await findServer(settings.home, language)
    tell(await homeFindings(settings, server, language))
    const stored = await lookIntoDatabase(settings, server, context)
    tell(stored.findings)
    tell(await javaFindings(settings, language))
    tell(await flinkFindings(settings, stored.homes, context))
    tell(await allClusterFindings(settings, stored.clusters, context))
  }
  out(summaryLine(findings, language))
  return findings.some(({ level }) => level === 'fail') ? EXIT.notDone : EXIT.done
}

function readSettings(context: Context): { settings: Settings | null; findings: Finding[] } {
  const t = WORDS[context.language]
  try {
    const settings = settingsOf(context)
    const good: Finding = { level: 'ok', what: t.settings, said: t.settingsRead(settings) }
    return { settings, findings: [good, ...unusedFindings(settings, context.language)] }
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    const findings = error.problems.map((problem) => ({
      level: 'fail' as const,
      what: t.settings,
      said: problem[context.language],
    }))
    return { settings: null, findings }
  }
}

/** Whoever sets REDIS_URL believes that replicas need it; docs/decisions/coordination.md says why they do not. */
function unusedFindings({ redisUrl }: Settings, language: Language): Finding[] {
  const t = WORDS[language]
  if (redisUrl === null) return []
  return [{ level: 'warn', what: 'REDIS_URL', said: t.redisUnused, cure: t.redisUnusedCure }]
}

async function homeFindings(
  { home }: Settings,
  server: RunningServer | null,
  language: Language,
): Promise<Finding[]> {
  const t = WORDS[language]
  const there = nearestThere(home)
  const writable = await access(there, constants.W_OK).then(
    () => true,
    () => false,
  )
  const kept: Finding = writable
    ? { level: 'ok', what: 'SLUICE_HOME', said: there === home ? home : t.homeLater(home) }
    : { level: 'fail', what: 'SLUICE_HOME', said: t.notWritable(there), cure: t.notWritableCure }
  const open = await othersMayRead(home)
  return [
    kept,
    ...(open
      ? [{ level: 'warn' as const, what: 'SLUICE_HOME', said: t.open(home), cure: `chmod 700 ${home}` }]
      : []),
    { level: 'ok', what: t.server, said: server ? t.serverRuns(server.file) : t.noServer },
  ]
}

function nearestThere(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestThere(dirname(path))
}

/** The secret that protects buttons, and the database, are in there. */
async function othersMayRead(home: string): Promise<boolean> {
  if (process.platform === 'win32') return false
  const mode = (await stat(home).catch(() => null))?.mode ?? 0
  return (mode & 0o004) !== 0
}

interface Stored {
  findings: Finding[]
  homes: readonly { name: string; home: string; javaHome: string | null }[]
  clusters: readonly AskedCluster[]
}

/** Through the server when one runs: it holds the embedded database. */
async function lookIntoDatabase(
  settings: Settings,
  server: RunningServer | null,
  { language }: Context,
): Promise<Stored> {
  const t = WORDS[language]
  const what = t.database
  if (server) return askServer(server, language)
  if (settings.database.is === 'embedded' && !existsSync(settings.database.directory)) {
    return { findings: [{ level: 'ok', what, said: t.databaseLater }], homes: [], clusters: [] }
  }
  try {
    return await readDatabase(settings, language)
  } catch (error) {
    const said =
      error instanceof DatabaseError ? databaseSentence(error, language) : systemSentence(error, language)
    if (said === null) throw error
    return { findings: [{ level: 'fail', what, said }], homes: [], clusters: [] }
  }
}

async function askServer(server: RunningServer, language: Language): Promise<Stored> {
  const t = WORDS[language]
  const [ready, homes, clusters] = await Promise.all([
    server.ready(),
    server.flinkVersions(),
    server.clusters(),
  ])
  const parts = [
    { what: t.database, state: ready.database },
    { what: t.queue, state: ready.queue },
  ]
  return {
    findings: parts.map(({ what, state }) =>
      state === 'ok'
        ? { level: 'ok', what, said: t.answering }
        : { level: 'fail', what, said: t.down, cure: t.downCure },
    ),
    homes,
    clusters: clusters.map(({ name, address, managed, sandbox }) => ({
      name,
      address,
      private: managed || sandbox,
    })),
  }
}

async function readDatabase(settings: Settings, language: Language): Promise<Stored> {
  const t = WORDS[language]
  const what = t.database
  const { openStorage } = await import('./storage.prisma.ts')
  const { lookAtSchema, registered } = await import('./stored.prisma.ts')
  const database = await openStorage(settings, silentLog)
  try {
    const schema = await lookAtSchema(database)
    if (schema.is === 'ahead') {
      const error = new DatabaseError('newer-schema', '', { migration: schema.migration })
      const said = language === 'zh' ? databaseSentence(error, language) : t.ahead(schema.migration)
      return { findings: [{ level: 'fail', what, said }], homes: [], clusters: [] }
    }
    if (schema.is === 'behind') {
      const said = t.behind(schema.missing)
      return {
        findings: [{ level: 'warn', what, said, cure: 'sluice migrate' }],
        homes: [],
        clusters: [],
      }
    }
    const said = t.databaseGood(settings.database.is)
    return { findings: [{ level: 'ok', what, said }], ...(await registered(database)) }
  } finally {
    await database.close()
  }
}

const OLDEST_JAVA = 11
const NEWEST_JAVA = 23

async function javaFindings({ javaHome, searchPath }: Settings, language: Language): Promise<Finding[]> {
  const t = WORDS[language]
  const what = 'Java'
  const found = await findJava({ javaHome, searchPath, from: OLDEST_JAVA, to: NEWEST_JAVA })
  if (found.ok) {
    const { text, home } = found.java
    const ignored = javaHome !== null && resolve(javaHome) !== home
    const said = t.java(text, home)
    if (!ignored) return [{ level: 'ok', what, said }]
    return [{ level: 'warn', what, said: t.javaHomeIgnored(javaHome, said), cure: t.javaCure }]
  }
  const said = found.why === 'none' ? t.noJava : t.otherJava(found.found.map(({ text }) => text).join(', '))
  return [{ level: 'warn', what, said, cure: t.javaCure }]
}

async function flinkFindings(
  settings: Settings,
  registered: Stored['homes'],
  context: Context,
): Promise<Finding[]> {
  const t = WORDS[context.language]
  const installed = await flinkInstaller(settings, { context, log: silentLog }).list()
  const named = [
    ...(settings.flinkHome ? [{ name: 'FLINK_HOME', home: settings.flinkHome, javaHome: null }] : []),
    ...registered,
    ...installed.map(({ name, home }) => ({ name, home: home.path, javaHome: null })),
  ]
  const each = [...new Map(named.map((one) => [resolve(one.home), one])).values()]
  if (each.length === 0) {
    return [{ level: 'warn', what: 'Flink', said: t.noFlink, cure: t.noFlinkCure }]
  }
  return Promise.all(each.map((one) => flinkFinding(one, settings, context.language)))
}

async function flinkFinding(
  { name, home, javaHome }: Stored['homes'][number],
  settings: Settings,
  language: Language,
): Promise<Finding> {
  const t = WORDS[language]
  const what = `Flink ${name}`
  const verdict = await readFlinkHome(home)
  if (!verdict.ok) {
    return {
      level: 'fail',
      what,
      said: explainHomeProblem(verdict.problem, language),
      cure: t.homeCure(name),
    }
  }
  if (javaHome !== null && !(await readJava(javaHome))) {
    return { level: 'fail', what, said: t.javaGone(javaHome), cure: t.homeCure(name) }
  }
  const { from, to } = flinkFeatures(verdict.home.version).java
  const { searchPath } = settings
  const java = await findJava({ javaHome: javaHome ?? settings.javaHome, searchPath, from, to })
  const said = t.flink(verdict.home.version.text, home)
  if (java.ok) return { level: 'ok', what, said }
  return { level: 'warn', what, said: `${said} · ${t.needsJava(from, to)}`, cure: t.javaCure }
}

async function allClusterFindings(
  settings: Settings,
  registered: readonly AskedCluster[],
  context: Context,
): Promise<Finding[]> {
  const { language } = context
  const t = WORDS[language]
  const known = new Set(registered.map(({ address }) => address))
  const local = (await localOnes(settings, context)).filter(({ address }) => !known.has(address))
  const all = [...registered, ...local]
  if (all.length === 0) return [{ level: 'ok', what: t.clusters, said: t.noClusters }]
  const found = await Promise.all(
    all.map(async (cluster) => clusterFindings(cluster, await askCluster(cluster.address), language)),
  )
  return found.flat()
}

/** Those that run; one that was stopped is no fault. */
async function localOnes(settings: Settings, context: Context): Promise<AskedCluster[]> {
  const clusters = localClusters(settings, { context, log: silentLog })
  const states = await Promise.all(
    (await clusters.list()).map(async (name) => ({ name, state: await clusters.status(name) })),
  )
  return states.flatMap(({ name, state }) =>
    state.is === 'running' || state.is === 'partly' ? [{ name, address: state.restUrl, private: true }] : [],
  )
}

const WORDS = {
  zh: {
    settings: '设置',
    settingsRead: ({ host, port }: Settings) => `可用，监听 ${host}:${port}`,
    redisUnused: '已设置，但 Sluice 目前不使用 Redis；多个副本通过 PostgreSQL 协调',
    redisUnusedCure: '去掉这项设置',
    homeLater: (home: string) => `${home}（首次启动时创建）`,
    notWritable: (path: string) => `${path} 不可写`,
    notWritableCure: '换一个 SLUICE_HOME，或调整目录权限',
    open: (home: string) => `${home} 中有密钥和数据库，但其他用户也能读取`,
    server: '服务',
    serverRuns: ({ url, pid }: { url: string; pid: number }) => `运行中，${url}（进程 ${pid}）`,
    noServer: '没有运行（启动：sluice start）',
    database: '数据库',
    queue: '队列',
    answering: '运行中的服务可以访问',
    down: '运行中的服务访问不到',
    downCure: '检查 DATABASE_URL 和 PostgreSQL，并查看服务日志',
    databaseLater: '内嵌数据库，首次启动时创建',
    databaseGood: (kind: 'embedded' | 'server') =>
      kind === 'embedded' ? '内嵌数据库，已是当前版本' : 'PostgreSQL，已是当前版本',
    behind: (missing: number) => `有 ${missing} 个迁移尚未执行`,
    ahead: (migration: string) => `由更新版本的 Sluice 升级（${migration}）`,
    java: (text: string, home: string) => `${text}（${home}）`,
    javaHomeIgnored: (home: string, used: string) => `JAVA_HOME ${home} 不可用，改用 ${used}`,
    noJava: '没有找到 Java；本机 Flink 无法启动，远程集群不受影响',
    otherJava: (found: string) => `只找到 ${found}；本机 Flink 需要 11 到 23`,
    javaCure: '安装 Java 17，或把 JAVA_HOME 指向它',
    javaGone: (home: string) => `${home} 下没有可用的 Java`,
    noFlink: '没有安装，也没有设置 FLINK_HOME；只在本机运行集群时需要',
    noFlinkCure: 'sluice flink install',
    homeCure: (name: string) =>
      name === 'FLINK_HOME' ? '修正 FLINK_HOME' : `修复该目录，或移除后重新登记：/flink remove ${name}`,
    flink: (version: string, home: string) => `${version}（${home}）`,
    needsJava: (from: number, to: number) => `没有找到它需要的 Java ${from} 到 ${to}`,
    clusters: '集群',
    noClusters: '还没有登记（在聊天中：/cluster add <名称> <地址> env=<环境>）',
  },
  en: {
    settings: 'settings',
    settingsRead: ({ host, port }: Settings) => `good; to listen on ${host}:${port}`,
    redisUnused: 'is set, but nothing uses Redis yet; several replicas need only PostgreSQL',
    redisUnusedCure: 'leave it out',
    homeLater: (home: string) => `${home} (made at the first start)`,
    notWritable: (path: string) => `${path} cannot be written to`,
    notWritableCure: 'set SLUICE_HOME elsewhere, or give this user the right',
    open: (home: string) => `${home} holds the secret and the database, and other users may read it`,
    server: 'server',
    serverRuns: ({ url, pid }: { url: string; pid: number }) => `runs at ${url} (process ${pid})`,
    noServer: 'does not run (sluice start)',
    database: 'database',
    queue: 'queue',
    answering: 'the running server reaches it',
    down: 'the running server does not reach it',
    downCure: "check DATABASE_URL and PostgreSQL, and the server's log",
    databaseLater: 'embedded, made at the first start',
    databaseGood: (kind: 'embedded' | 'server') =>
      kind === 'embedded' ? 'embedded, up to date' : 'PostgreSQL, up to date',
    behind: (missing: number) => `${missing} migration${missing === 1 ? ' is' : 's are'} not applied yet`,
    ahead: (migration: string) =>
      `it was migrated by a newer Sluice (${migration}); start that version, or restore a backup from before`,
    java: (text: string, home: string) => `${text} (${home})`,
    javaHomeIgnored: (home: string, used: string) => `JAVA_HOME ${home} is of no use; taken is ${used}`,
    noJava: 'none was found: no Flink can run on this machine; clusters elsewhere do not need it',
    otherJava: (found: string) => `found ${found}; a Flink on this machine needs 11 to 23`,
    javaCure: 'install Java 17, or point JAVA_HOME at one',
    javaGone: (home: string) => `there is no Java in ${home}`,
    noFlink: 'none is installed and FLINK_HOME is not set; needed only to run clusters on this machine',
    noFlinkCure: 'sluice flink install',
    homeCure: (name: string) =>
      name === 'FLINK_HOME'
        ? 'set FLINK_HOME right'
        : `mend the directory, or register it anew after /flink remove ${name}`,
    flink: (version: string, home: string) => `${version} (${home})`,
    needsJava: (from: number, to: number) => `no Java ${from} to ${to} was found for it`,
    clusters: 'clusters',
    noClusters: 'none is known yet (in the chat: /cluster add <name> <address> env=<environment>)',
  },
} as const satisfies Record<Language, object>
