import type { Context } from './cli.ts'
import { peopleOnServer } from './people.http.ts'
import type { People } from './people.ts'
import { peopleByAccess } from './people-by-access.ts'
import { findServer } from './server-client.http.ts'
import { logOf, settingsOf } from './tools.cli.ts'

/** The running server's people, else those in the database; what stands behind the latter is loaded only then. */
export async function withPeople<T>(context: Context, act: (people: People) => Promise<T>): Promise<T> {
  const settings = settingsOf(context)
  const { language } = context
  const { publicUrl } = settings
  const server = await findServer(settings.home, language)
  if (server) return act(peopleOnServer(server, { language, publicUrl }))
  const { openAccess } = await import('./storage.prisma.ts')
  const { access, database } = await openAccess(settings, { ...context, log: await logOf(settings) })
  try {
    const url = publicUrl ?? `http://${settings.host}:${settings.port}`
    return await act(peopleByAccess(access, { ids: context.ids, language, url }))
  } finally {
    await database.close()
  }
}
