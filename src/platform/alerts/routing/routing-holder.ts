import type { Log } from '../../../lib/log.ts'
import type { News } from '../../jobs/stores.ts'
import type { RoutingRow, RoutingStore } from '../ports.ts'
import { parseRouting } from './config.ts'
import { createRouting, type Routing } from './current.ts'
import { DEFAULT_ROUTING } from './default-routing.ts'

export interface RoutingHolder {
  now(): Routing
  /** Null: nobody has set one, and the default holds. */
  saved(): RoutingRow | null
  /** Reads the stored one where it is newer than ours. */
  refresh(): Promise<void>
  follow(onNews: (listener: (news: News) => void) => () => void): () => void
}

/** Where nobody has set another. Its own tests read it; here it must be sound. */
export function defaultRouting(): Routing {
  const parsed = parseRouting(DEFAULT_ROUTING)
  if (!parsed.ok) throw new Error(`The default routing cannot be read: ${JSON.stringify(parsed.problems)}`)
  return createRouting(parsed.value, { revision: 0, text: DEFAULT_ROUTING })
}

/** The routing that holds now, in memory: it is asked for every alert, and changes a few times a year. */
export function createRoutingHolder({ store, log }: { store(): RoutingStore; log: Log }): RoutingHolder {
  let routing = defaultRouting()
  let row: RoutingRow | null = null

  async function refresh(): Promise<void> {
    const latest = await store().latest()
    if (!latest || latest.revision <= routing.revision) return
    const parsed = parseRouting(latest.text)
    if (!parsed.ok) {
      // Saved by a newer Sluice that knows more: ours goes on as it is rather than tell nobody.
      log.error(
        { revision: latest.revision, problems: parsed.problems },
        'The stored alert routing cannot be read',
      )
      return
    }
    routing = createRouting(parsed.value, latest)
    row = latest
  }

  return {
    now: () => routing,
    saved: () => row,
    refresh,
    follow: (onNews) =>
      onNews((news) => {
        if (news.of !== 'alerts' || news.changed !== 'routing') return
        refresh().catch((error: unknown) => log.warn({ error }, 'A changed alert routing could not be read'))
      }),
  }
}
