import { resolve } from 'node:path'
import type { InstallResult } from '../platform/flink/flink-install.http.ts'
import { explainInstallProblem } from '../platform/flink/install-problems.ts'
import { type Context, EXIT, type Exit, type Language, Refusal } from './cli.ts'
import type { GivenTo } from './commands.ts'
import { installReporter } from './progress.ts'
import { findServer } from './server-client.http.ts'
import { flinkInstaller, localClusters, logOf, settingsOf } from './tools.cli.ts'

export async function installFlink(given: GivenTo<'flink install'>, context: Context): Promise<Exit> {
  const { language } = context
  const [version] = given.words
  const from = given.text('from')
  if (from !== null && version !== undefined) throw new Refusal(EXIT.usage, WORDS[language].oneOfTwo)
  const settings = settingsOf(context)
  const reporter = installReporter(context)
  const installer = flinkInstaller(settings, {
    context,
    log: await logOf(settings),
    onProgress: reporter.tell,
  })
  const result = await (from === null
    ? installer.install(version)
    : installer.installFrom(resolve(context.cwd, from))
  ).finally(reporter.end)
  return told(result, context)
}

function told(result: InstallResult, { language, out, err }: Context): Exit {
  if (!result.ok) throw new Refusal(EXIT.notDone, explainInstallProblem(result.problem, language))
  const { home, already } = result
  err(WORDS[language].installed(home.version.text, already))
  out(home.path)
  err(WORDS[language].next)
  return EXIT.done
}

export async function listFlinks(_given: GivenTo<'flink list'>, context: Context): Promise<Exit> {
  const { out, err, language } = context
  const settings = settingsOf(context)
  const installed = await flinkInstaller(settings, { context, log: await logOf(settings) }).list()
  for (const { name, home } of installed) out(`${name}\t${home.path}`)
  if (settings.flinkHome) out(`FLINK_HOME\t${settings.flinkHome}`)
  if (installed.length === 0 && !settings.flinkHome) err(WORDS[language].none)
  return EXIT.done
}

export async function removeFlink(given: GivenTo<'flink remove'>, context: Context): Promise<Exit> {
  const { language, err } = context
  const [version = ''] = given.words
  const settings = settingsOf(context)
  const log = await logOf(settings)
  const installer = flinkInstaller(settings, { context, log })
  const installed = await installer.list()
  const found = installed.find(({ name }) => name === version)
  if (!found) {
    const names = installed.map(({ name }) => name)
    throw new Refusal(EXIT.notDone, WORDS[language].notInstalled(version, names))
  }
  const users = [
    ...(await clustersOn(found.home.path, localClusters(settings, { context, log }))),
    ...(await registrationsOf(found.home.path, { home: settings.home, language })),
  ]
  if (users.length > 0) throw new Refusal(EXIT.notDone, WORDS[language].inUse(version, users))
  await installer.remove(version)
  err(WORDS[language].removed(version))
  return EXIT.done
}

/** Only those that run: a stopped one starts with another Flink. */
async function clustersOn(home: string, clusters: ReturnType<typeof localClusters>): Promise<string[]> {
  const names = await clusters.list()
  const states = await Promise.all(names.map(async (name) => ({ name, state: await clusters.status(name) })))
  return states.flatMap(({ name, state }) => {
    const runs = state.is === 'running' || state.is === 'partly'
    const uses = runs && resolve(state.spec.flinkHome) === home
    return uses ? [`cluster ${name}`] : []
  })
}

/** As what a running server knows this home; without a server nobody starts a job with it now. */
async function registrationsOf(
  path: string,
  { home, language }: { home: string; language: Language },
): Promise<string[]> {
  const server = await findServer(home, language)
  const versions = server ? await server.flinkVersions() : []
  return versions.flatMap((one) => (resolve(one.home) === path ? [`flink ${one.name}`] : []))
}

const WORDS = {
  zh: {
    oneOfTwo: '版本和 --from 只能给一个：安装包自带版本。',
    installed: (version: string, already: boolean) =>
      already ? `Flink ${version} 已经安装：` : `Flink ${version} 已安装：`,
    next: '接下来：sluice cluster up',
    none: '还没有安装 Flink。安装：sluice flink install',
    notInstalled: (version: string, names: readonly string[]) =>
      names.length
        ? `没有安装 Flink ${version}。已安装：${names.join('、')}。`
        : `没有安装 Flink ${version}。`,
    inUse: (version: string, users: readonly string[]) =>
      `Flink ${version} 没有删除，仍被使用：${users.join('、')}。请先停止集群（sluice cluster down）或移除登记（/flink remove）。`,
    removed: (version: string) => `Flink ${version} 已删除。`,
  },
  en: {
    oneOfTwo: 'Give a version or --from, not both: an archive has its own version.',
    installed: (version: string, already: boolean) =>
      already ? `Flink ${version} is here already:` : `Flink ${version} is installed:`,
    next: 'Next: sluice cluster up',
    none: 'No Flink is installed yet. Install one: sluice flink install',
    notInstalled: (version: string, names: readonly string[]) =>
      names.length
        ? `Flink ${version} is not installed. Installed: ${names.join(', ')}.`
        : `Flink ${version} is not installed.`,
    inUse: (version: string, users: readonly string[]) =>
      `Flink ${version} was not removed; it is used by ${users.join(', ')}. First stop the cluster (sluice cluster down) or take it off the list (/flink remove).`,
    removed: (version: string) => `Flink ${version} is removed.`,
  },
} as const satisfies Record<Language, object>
