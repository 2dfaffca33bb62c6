import { createHmac, timingSafeEqual } from 'node:crypto'
import { Router } from 'express'
import { keyFor } from '../lib/seal.ts'
import type { Platform } from '../platform/platform.ts'

/**
 * A schedule as a calendar that phones and desktops subscribe to. They send no token, so the address carries a key of
 * that one schedule, in the query, which no log repeats.
 */
export interface CalendarLinks {
  /** From the root of the server. */
  pathOf(schedule: string): string
  fits(schedule: string, key: string): boolean
}

export function createCalendarLinks(secret: string): CalendarLinks {
  const hmacKey = keyFor(secret, 'calendars')
  const keyOf = (schedule: string) => createHmac('sha256', hmacKey).update(schedule).digest('base64url')
  return {
    pathOf: (schedule) => `/calendars/${encodeURIComponent(schedule)}.ics?key=${keyOf(schedule)}`,
    fits(schedule, key) {
      const [wanted, given] = [Buffer.from(keyOf(schedule)), Buffer.from(key)]
      return wanted.length === given.length && timingSafeEqual(wanted, given)
    },
  }
}

export function createCalendarsRouter(links: CalendarLinks, platform: Pick<Platform, 'onCall'>): Router {
  const router = Router()
  router.get('/:name.ics', async (request, response) => {
    response.locals.passing.route = '/calendars/:name.ics'
    const { name } = request.params
    const { key } = request.query
    const calendar =
      typeof key === 'string' && links.fits(name, key) ? await platform.onCall.calendar(name) : null
    // A wrong key and no schedule look the same: names must not be guessed.
    if (calendar === null) response.status(404).type('text/plain').send('There is no such calendar.\n')
    else response.type('text/calendar; charset=utf-8').send(calendar)
  })
  return router
}
