import { createHash } from 'node:crypto'

const KEPT_EVENT = 'evt_'

/** Follows from a kept event's id, so that working it again after a crash is the same request. */
export function requestIdOfEvent(eventId: string): string {
  return `${KEPT_EVENT}${createHash('sha256').update(eventId).digest('hex').slice(0, 16)}`
}

/** Such a request may come again; every other id is given to one request only. */
export function mayComeAgain(requestId: string): boolean {
  return requestId.startsWith(KEPT_EVENT)
}
