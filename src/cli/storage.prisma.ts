import type { Log } from '../lib/log.ts'
import { type Access, createAccess } from '../platform/access/create-access.prisma.ts'
import { seedAccess } from '../platform/access/seed-access.prisma.ts'
import { type Database, openDatabase } from '../platform/storage/database.prisma.ts'
import { migrate } from '../platform/storage/migrate.prisma.ts'
import type { Settings } from '../settings.ts'
import type { Context } from './cli.ts'

/** Refused by the lock of the embedded directory while a server uses it. */
export function openStorage({ database }: Settings, log: Log): Promise<Database> {
  return openDatabase(
    database.is === 'embedded' ? database : { is: 'server', url: database.url.reveal() },
    log,
  )
}

/** Access without a server: on a new installation it makes the database first. */
export async function openAccess(
  settings: Settings,
  { clock, ids, log }: Pick<Context, 'clock' | 'ids'> & { log: Log },
): Promise<{ access: Access; database: Database }> {
  const database = await openStorage(settings, log)
  try {
    await migrate(database, log)
    await seedAccess(database)
    return { access: createAccess({ database, clock, ids, log }), database }
  } catch (error) {
    await database.close()
    throw error
  }
}
