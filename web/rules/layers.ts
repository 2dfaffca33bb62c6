import type { ScheduleView } from '../wire.ts'

/** A layer of a schedule as its form holds it: text, until it is sent. */
export interface LayerDraft {
  priority: string
  every: string
  unit: string
  starts: string
  people: string
  days: string
  holidays: string
}

export type Layer = ScheduleView['layers'][number]
export type WrongField = 'people' | 'starts' | 'number' | 'days'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const UNITS = ['hour', 'day', 'week', 'month'] as const

export function draftOf({ priority, rotation, calendar }: Layer): LayerDraft {
  return {
    ...{ priority: String(priority), every: String(rotation.every), unit: rotation.unit },
    ...{ starts: rotation.starts, days: (rotation.weekdays ?? []).join(', ') },
    people: rotation.participants.map((group) => group.join(', ')).join('; '),
    holidays: calendar?.on ?? '',
  }
}

export function newDraft(priority: number, today: string): LayerDraft {
  return {
    ...{ priority: String(priority), every: '1', unit: 'week', starts: `${today}T10:00` },
    ...{ people: '', days: '', holidays: '' },
  }
}

/** What the form says, or the first field that says nothing that could be meant. */
export function layerOf(draft: LayerDraft): { ok: true; value: Layer } | { ok: false; wrong: WrongField } {
  const participants = draft.people
    .split(/[;；]/)
    .map((group) => words(group))
    .filter((group) => group.length > 0)
  const weekdays = words(draft.days.toLowerCase())
  const [every, priority] = [Number(draft.every), Number(draft.priority)]
  const unit = UNITS.find((each) => each === draft.unit)
  if (participants.length === 0) return { ok: false, wrong: 'people' }
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(draft.starts)) return { ok: false, wrong: 'starts' }
  if (!unit || !Number.isInteger(every) || every < 1 || !Number.isInteger(priority) || priority < 0)
    return { ok: false, wrong: 'number' }
  const known = weekdays.flatMap((day) => DAYS.find((each) => each === day) ?? [])
  if (known.length !== weekdays.length) return { ok: false, wrong: 'days' }
  const on = draft.holidays === 'workdays' || draft.holidays === 'holidays' ? draft.holidays : null
  return {
    ok: true,
    value: {
      priority,
      rotation: {
        ...{ unit, every, starts: draft.starts, until: null, participants },
        weekdays: known.length === 0 ? null : known,
      },
      ...(on && { calendar: { name: 'china', on } }),
    },
  }
}

function words(text: string): string[] {
  return text
    .split(/[,，、]/)
    .map((word) => word.trim().replace(/^@/, ''))
    .filter((word) => word !== '')
}
