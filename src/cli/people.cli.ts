import type { Context } from './cli.ts'
import { peopleOnServer } from './people.http.ts'
import type { People } from './people.ts'
import { findServer } from './server-client.http.ts'
import { settingsOf } from './tools.cli.ts'

/** The running server's people, else those in the database; what stands behind the latter is loaded only then. */
export async function withPeople<T>(context: Context, act: (people: People) => Promise<T>): Promise<T> {
  const settings = settingsOf(context)
  const { language } = context
  const { publicUrl } = settings
  const server = await findServer(settings.home, language)
  if (server) return act(peopleOnServer(server, { language, publicUrl }))
  const { peopleInDatabase } = await import('./people.prisma.ts')
  const people = await peopleInDatabase(settings, context)
  try {
    return await act(people)
  } finally {
    await people.close()
  }
}
