import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { systemClock } from '../lib/clock.ts'
import { randomIds } from '../lib/ids.ts'
import { packageVersion } from '../package.file.ts'
import { DatabaseError } from '../platform/storage/database-error.ts'
import { processEnvironment, SettingsError } from '../settings.ts'
import { type Context, EXIT, type Exit, type Language, Refusal, type Run } from './cli.ts'
import type { CommandName, GivenTo } from './commands.ts'
import { helpOnAll, helpOnCommand, helpOnGroup } from './help.ts'
import { terminalLanguage } from './language.ts'
import { type Parsed, parseArguments } from './parse-arguments.ts'
import { databaseSentence, systemSentence, usageSentence } from './texts.ts'

type Loaders = {
  [C in CommandName]: () => Promise<(given: GivenTo<C>, context: Context) => Promise<Exit>>
}

/** Each command's file, and the heavy things behind it, is loaded only when it is asked for. */
const LOADERS: Loaders = {
  start: async () => (await import('./start.cli.ts')).start,
  demo: async () => (await import('./demo.cli.ts')).demo,
  migrate: async () => (await import('./migrate.cli.ts')).migrateDatabase,
  doctor: async () => (await import('./doctor.cli.ts')).doctor,
  'doctor chat': async () => (await import('./doctor-chat.cli.ts')).doctorChat,
  'flink install': async () => (await import('./flink.cli.ts')).installFlink,
  'flink list': async () => (await import('./flink.cli.ts')).listFlinks,
  'flink remove': async () => (await import('./flink.cli.ts')).removeFlink,
  'cluster up': async () => (await import('./cluster.cli.ts')).clusterUp,
  'cluster down': async () => (await import('./cluster.cli.ts')).clusterDown,
  'cluster list': async () => (await import('./cluster.cli.ts')).clusterList,
  'member add': async () => (await import('./member.cli.ts')).addMember,
  'member link': async () => (await import('./member.cli.ts')).linkMember,
  'token create': async () => (await import('./token.cli.ts')).createToken,
  say: async () => (await import('./say.cli.ts')).say,
  'artifact upload': async () => (await import('./artifact.cli.ts')).uploadArtifact,
  'route check': async () => (await import('./route.cli.ts')).checkRoutes,
  'rules test': async () => (await import('./rules.cli.ts')).testRules,
  'route import': async () => (await import('./route.cli.ts')).importRoutes,
}

export async function main(argv: readonly string[]): Promise<void> {
  // Whoever reads us may have had enough (`sluice flink list | head -1`).
  process.stdout.on('error', () => process.exit(EXIT.done))
  const exit = await runCli(argv, processContext())
  // Connections that are kept alive would hold the process for seconds.
  process.stdout.write('', () => process.exit(exit))
}

export async function runCli(argv: readonly string[], context: Context): Promise<Exit> {
  const { language } = context
  const parsed = parseArguments(argv)
  switch (parsed.is) {
    case 'version':
      context.out(packageVersion())
      return EXIT.done
    case 'help':
      context.out(helpText(parsed, language))
      return EXIT.done
    case 'wrong':
      context.err(usageSentence(parsed.problem, { language, command: parsed.command }))
      return EXIT.usage
    case 'run':
      return perform(parsed, context)
  }
}

function helpText({ of }: Parsed & { is: 'help' }, language: Language): string {
  if (of.is === 'command') return helpOnCommand(of.command, language)
  return of.is === 'group' ? helpOnGroup(of.group, language) : helpOnAll(language)
}

async function perform({ command, given }: Parsed & { is: 'run' }, context: Context): Promise<Exit> {
  try {
    // The command line was checked against this command's spec, so its options are these.
    const run = (await LOADERS[command]()) as Run
    return await run(given, context)
  } catch (error) {
    const { exit, text } = explain(error, context.language)
    context.err(text)
    return exit
  }
}

/** What was expected gets its sentence; only what was not shows where it happened. */
function explain(error: unknown, language: Language): { exit: Exit; text: string } {
  if (error instanceof Refusal) return { exit: error.exit, text: error.message }
  if (error instanceof SettingsError) return { exit: EXIT.settings, text: settingsText(error, language) }
  if (error instanceof DatabaseError) {
    const exit = error.code === 'directory-in-use' ? EXIT.server : EXIT.notDone
    return { exit, text: databaseSentence(error, language) }
  }
  const sentence = systemSentence(error, language)
  if (sentence !== null) return { exit: EXIT.notDone, text: sentence }
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { exit: EXIT.notDone, text: `${BROKE[language]}\n${told}` }
}

const BROKE: Record<Language, string> = {
  zh: 'Sluice 自身出错了：',
  en: 'Something broke on our side:',
}

export function settingsText({ problems }: SettingsError, language: Language): string {
  const count = problems.length
  const en = count === 1 ? '1 setting needs attention:' : `${count} settings need attention:`
  const head = language === 'zh' ? `${count} 项设置需要处理：` : en
  return [head, ...problems.map((problem) => `  - ${problem[language]}`)].join('\n')
}

function processContext(): Context {
  const environment = processEnvironment()
  const cwd = process.cwd()
  const { stdout, stderr } = process
  return {
    environment,
    cwd,
    language: terminalLanguage(environment, settingsFileText(environment.SLUICE_CONFIG, cwd)),
    clock: systemClock,
    ids: randomIds,
    out: (line) => void stdout.write(`${line}\n`),
    err: (line) => void stderr.write(`${line}\n`),
    isTerminal: stdout.isTTY === true,
    screen: stderr.isTTY
      ? { rewrite: (line) => void stderr.write(`\r\u001b[K${line}`), columns: stderr.columns || 80 }
      : null,
  }
}

function settingsFileText(named: string | undefined, cwd: string): string | null {
  try {
    return readFileSync(resolve(cwd, named?.trim() || 'sluice.yaml'), 'utf8')
  } catch {
    return null
  }
}
