import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type CalendarFile, calendarFile } from './calendars.ts'

/** What an installation knows of days off besides what we ship. Throws where a file cannot be read as one. */
export async function readCalendars(directory: string): Promise<readonly CalendarFile[]> {
  const names = await readdir(directory).catch(() => [])
  const files = names.filter((name) => name.endsWith('.json')).sort()
  return Promise.all(files.map((name) => readCalendar(join(directory, name))))
}

async function readCalendar(path: string): Promise<CalendarFile> {
  try {
    return calendarFile.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    const because = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new Error(`The calendar ${path} cannot be read: ${because}`)
  }
}
