/** Lists page by an opaque cursor; `next` null: this was the last page. */
export interface Page<T> {
  items: readonly T[]
  next: string | null
}

export interface PageAsk {
  cursor?: string | null
  limit?: number
}

const DEFAULT_LIMIT = 20
const MOST = 200

export function pageLimit(ask: PageAsk): number {
  return Math.min(Math.max(ask.limit ?? DEFAULT_LIMIT, 1), MOST)
}

/** Makes a page of rows that were read one further than the limit, to know whether there is a next. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  ask: PageAsk,
  cursorOf: (row: Row) => string,
  view: (row: Row) => T,
): Page<T> {
  const limit = pageLimit(ask)
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(view), next: rows.length > limit && last ? cursorOf(last) : null }
}
