import { migrate } from '../platform/storage/migrate.prisma.ts'
import { type Context, EXIT, type Exit, type Language } from './cli.ts'
import type { GivenTo } from './commands.ts'
import { openStorage } from './storage.prisma.ts'
import { logOf, settingsOf } from './tools.cli.ts'

export async function migrateDatabase(_given: GivenTo<'migrate'>, context: Context): Promise<Exit> {
  const settings = settingsOf(context)
  const log = await logOf(settings)
  const database = await openStorage(settings, log)
  try {
    const { applied } = await migrate(database, log)
    for (const name of applied) context.out(name)
    context.err(WORDS[context.language](applied.length))
    return EXIT.done
  } finally {
    await database.close()
  }
}

const WORDS: Record<Language, (applied: number) => string> = {
  zh: (applied) => (applied === 0 ? '数据库已是当前版本。' : `已执行 ${applied} 个迁移，数据库是当前版本。`),
  en: (applied) =>
    applied === 0 ? 'The database is up to date.' : `${applied} applied; the database is up to date.`,
}
