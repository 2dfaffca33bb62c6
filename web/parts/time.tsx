import { ago, fullTime, lasting, roughly, shortTime } from '../rules/when.ts'
import { minuteNow, now } from '../state/now.ts'
import { language, reader } from '../state/reader.ts'

/** A time in the reader's zone, today without a date. */
export function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} title={fullTime(at, reader.value)}>
      {shortTime(at, minuteNow.value, reader.value)}
    </time>
  )
}

/** `2 min ago`, kept true while one looks. */
export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={fullTime(at, reader.value)}>
      {ago(at, minuteNow.value, language.value)}
    </time>
  )
}

/** How long something has gone on, to the second. */
export function Elapsed({ since }: { since: string }) {
  return <>{lasting(Math.max(0, now.value - Date.parse(since)), language.value)}</>
}

export const took = (ms: number) => lasting(ms, language.value)
export const timeText = (at: string) => shortTime(at, minuteNow.value, reader.value)
export const agoText = (at: string) => ago(at, minuteNow.value, language.value)
export const ageText = (since: string) =>
  roughly(Math.max(0, minuteNow.value - Date.parse(since)), language.value)
