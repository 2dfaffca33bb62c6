import type { JobRefusal, ReleaseDraft } from '../../platform/platform.ts'
import { card, says, text } from '../cards/build.ts'
import type { Card } from '../cards/card.ts'
import type { Texts } from '../texts/en.ts'
import { longTextArg, nameArg, numberArg, optional, settingsArg, textArg, wordsArg } from './args.ts'
import type { MemberTurn } from './command.ts'

/** What a release may be given, the same for a new job and for a further release. */
export const releaseArgs = {
  sql: optional(longTextArg({ zh: 'SQL 脚本', en: 'SQL script' }, { names: ['script', '脚本'] })),
  jar: optional(
    textArg({ zh: 'JAR 的摘要', en: 'digest of an uploaded JAR' }, { names: ['digest', '摘要'] }),
  ),
  class: optional(textArg({ zh: '入口类', en: 'entry class' }, { names: ['入口类', 'main'] })),
  args: optional(wordsArg({ zh: '程序参数', en: 'program arguments' }, { names: ['参数'] })),
  parallelism: optional(
    numberArg(
      { zh: '并行度', en: 'parallelism' },
      { min: 1, max: 32_768 },
      { place: 'named', names: ['并行度', 'p'] },
    ),
  ),
  flink: optional(nameArg('flink-version', { zh: 'Flink 版本', en: 'Flink version' }, { place: 'named' })),
  savepoints: optional(
    textArg({ zh: 'savepoint 目录', en: 'savepoint directory' }, { names: ['savepoint目录'] }),
  ),
  note: optional(longTextArg({ zh: '说明', en: 'note' }, { names: ['说明'] })),
  settings: settingsArg({ zh: 'Flink 配置 key=value', en: 'Flink settings key=value' }),
}

export interface ReleaseValues {
  sql: string | null
  jar: string | null
  class: string | null
  args: readonly string[] | null
  parallelism: number | null
  flink: string | null
  savepoints: string | null
  note: string | null
  settings: Readonly<Record<string, string>>
}

/** What was left out is left out: the platform takes it from the former release. */
export function draftOf(values: ReleaseValues): ReleaseDraft {
  const { sql, jar, parallelism, flink, savepoints, note, settings } = values
  const program =
    jar !== null ? jarOf(jar, values) : sql !== null ? { is: 'sql' as const, script: sql } : null
  return {
    ...(program && { program }),
    ...(parallelism !== null && { parallelism }),
    ...(Object.keys(settings).length > 0 && { flinkSettings: settings }),
    ...(flink !== null && { flinkVersion: flink }),
    ...(savepoints !== null && { savepointDir: savepoints }),
    ...(note !== null && { note }),
  }
}

function jarOf(digest: string, { class: entryClass, args }: ReleaseValues) {
  return {
    is: 'jar' as const,
    digest,
    ...(entryClass !== null && { entryClass }),
    ...(args !== null && { args }),
  }
}

export interface Asked {
  name: string
  team?: string
  cluster?: string
  values?: ReleaseValues
}

/** Why there is no job or release; the words asked for stand in it. */
export function jobRefusalCard(why: JobRefusal, asked: Asked, { voice }: MemberTurn): Card {
  const { t } = voice
  const near = 'near' in why ? why.near : []
  return card('warning', jobRefusalText(why, asked, t), {
    body: near.length > 0 ? [text(t.say.didYouMean(t.and(near)))] : [],
    buttons: [says(t.button.help, '/help job')],
  })
}

function jobRefusalText(why: JobRefusal, { name, team = '', cluster = '', values }: Asked, t: Texts): string {
  switch (why.of) {
    case 'name-taken':
      return t.jobRefusal.nameTaken(name)
    case 'bad-name':
      return t.jobRefusal.badName(name)
    case 'unknown-team':
      return t.jobRefusal.unknownTeam(team)
    case 'unknown-cluster':
      return t.jobRefusal.unknownCluster(cluster)
    case 'unknown-artifact':
      return t.jobRefusal.unknownArtifact(values?.jar ?? '')
    case 'no-program':
      return t.jobRefusal.noProgram
    case 'bad-sql':
      return t.jobRefusal.badSql(why.line, why.column, why.because)
    case 'bad-parallelism':
      return t.jobRefusal.badParallelism
    case 'unknown-flink-version':
      return t.jobRefusal.unknownFlinkVersion(values?.flink ?? '')
    case 'not-compiled':
      return t.jobRefusal.notCompiled(why.because)
    case 'not-stopped':
      return t.jobRefusal.notStopped(name)
    case 'archived':
      return t.refusal.archived(name)
  }
}
