import type { Page, PageAsk } from '../platform/platform.ts'
import type { Call } from './route.ts'

interface PageQuery {
  cursor?: string | undefined
  limit?: number | undefined
}

/**
 * Reads one page of a list. `list` names it together with whatever else a cursor belongs to: a cursor of one job's
 * releases is no cursor of another's.
 */
export async function paged<T, P extends Page<T>>(
  { services }: Pick<Call<'anyone'>, 'services'>,
  list: string,
  { cursor, limit }: PageQuery,
  read: (ask: PageAsk) => Promise<P>,
): Promise<P> {
  const { cursors } = services
  const page = await read({ cursor: cursors.open(list, cursor), ...(limit !== undefined && { limit }) })
  return { ...page, next: cursors.seal(list, page.next) }
}

/** Leaves out what was not given: an absent filter and an undefined one are not the same to the platform. */
export function given<T extends object>(filters: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // Entries that are undefined are gone, which is what the type says.
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
