/**
 * Rotations over changes of the clock, as GoAlert, PagerDuty and calendars have them: handoffs by the clock on the wall.
 * `handoffs`: the first instants at which the next one takes over, from `from` on.
 */
export interface RotationRow {
  says: string
  zone: string
  unit: 'hour' | 'day' | 'week' | 'month'
  every: number
  starts: string
  from: string
  handoffs: readonly string[]
}

export const ROTATIONS: readonly RotationRow[] = [
  {
    ...{
      says: 'a day in Chicago is 23 hours where the clock goes forward',
      zone: 'America/Chicago',
      unit: 'day',
    },
    ...{ every: 1, starts: '2025-03-01T09:00', from: '2025-03-08T14:00:00Z' },
    handoffs: ['2025-03-08T15:00:00Z', '2025-03-09T14:00:00Z', '2025-03-10T14:00:00Z'],
  },
  {
    ...{ says: 'and 25 where it goes back', zone: 'America/Chicago', unit: 'day', every: 1 },
    ...{ starts: '2025-03-01T09:00', from: '2025-11-01T13:00:00Z' },
    handoffs: ['2025-11-01T14:00:00Z', '2025-11-02T15:00:00Z', '2025-11-03T15:00:00Z'],
  },
  {
    ...{
      says: 'a time that is skipped is the first moment after the gap',
      zone: 'America/Chicago',
      unit: 'day',
    },
    ...{ every: 1, starts: '2025-03-01T02:30', from: '2025-03-08T08:00:00Z' },
    handoffs: ['2025-03-08T08:30:00Z', '2025-03-09T08:00:00Z', '2025-03-10T07:30:00Z'],
  },
  {
    ...{
      says: 'of a time that comes twice the first counts',
      zone: 'America/Chicago',
      unit: 'day',
      every: 1,
    },
    ...{ starts: '2025-10-01T01:30', from: '2025-11-01T06:00:00Z' },
    handoffs: ['2025-11-01T06:30:00Z', '2025-11-02T06:30:00Z', '2025-11-03T07:30:00Z'],
  },
  {
    ...{ says: 'a week in Sydney keeps its wall clock', zone: 'Australia/Sydney', unit: 'week', every: 1 },
    ...{ starts: '2025-03-31T09:00', from: '2025-03-30T22:00:00Z' },
    handoffs: ['2025-03-30T22:00:00Z', '2025-04-06T23:00:00Z', '2025-04-13T23:00:00Z'],
  },
  {
    ...{ says: 'Lord Howe moves by half an hour', zone: 'Australia/Lord_Howe', unit: 'day', every: 1 },
    ...{ starts: '2025-04-01T09:00', from: '2025-04-04T22:00:00Z' },
    handoffs: ['2025-04-04T22:00:00Z', '2025-04-05T22:30:00Z', '2025-04-06T22:30:00Z'],
  },
  {
    ...{ says: 'half past the hour in Kolkata', zone: 'Asia/Kolkata', unit: 'day', every: 2 },
    ...{ starts: '2025-01-01T09:00', from: '2025-01-01T03:30:00Z' },
    handoffs: ['2025-01-01T03:30:00Z', '2025-01-03T03:30:00Z', '2025-01-05T03:30:00Z'],
  },
  {
    ...{ says: 'and a quarter in Kathmandu', zone: 'Asia/Kathmandu', unit: 'day', every: 1 },
    ...{ starts: '2025-01-01T09:00', from: '2025-01-01T03:15:00Z' },
    handoffs: ['2025-01-01T03:15:00Z', '2025-01-02T03:15:00Z', '2025-01-03T03:15:00Z'],
  },
  {
    ...{ says: 'a month that began on the 31st ends with short ones, and comes back', zone: 'Asia/Shanghai' },
    ...{ unit: 'month', every: 1, starts: '2025-01-31T10:00', from: '2025-01-31T02:00:00Z' },
    handoffs: ['2025-01-31T02:00:00Z', '2025-02-28T02:00:00Z', '2025-03-31T02:00:00Z'],
  },
  {
    ...{ says: 'every two weeks', zone: 'Asia/Shanghai', unit: 'week', every: 2 },
    ...{ starts: '2025-01-06T10:00', from: '2025-01-06T02:00:00Z' },
    handoffs: ['2025-01-06T02:00:00Z', '2025-01-20T02:00:00Z', '2025-02-03T02:00:00Z'],
  },
  {
    ...{
      says: 'twelve hours stay at eight in the morning and evening',
      zone: 'America/Chicago',
      unit: 'hour',
    },
    ...{ every: 12, starts: '2025-03-08T08:00', from: '2025-03-08T14:00:00Z' },
    handoffs: ['2025-03-08T14:00:00Z', '2025-03-09T02:00:00Z', '2025-03-09T13:00:00Z'],
  },
]

/** What differs from the layers. All on 2025-06-02, a Monday, in UTC; lin is on call from midnight, mei the day after. */
export const OVERRIDES: readonly {
  says: string
  overrides: readonly {
    kind: 'add' | 'remove' | 'replace'
    from: string
    to: string
    member: string
    instead?: string
  }[]
  shifts: readonly string[]
}[] = [
  { says: 'none', overrides: [], shifts: ['00:00 lin layer 1'] },
  {
    says: 'one more beside who is on call',
    overrides: [{ kind: 'add', from: '08:00', to: '10:00', member: 'wei' }],
    shifts: ['00:00 lin layer 1', '08:00 lin+wei override', '10:00 lin layer 1'],
  },
  {
    says: 'somebody in the place of everybody',
    overrides: [{ kind: 'replace', from: '08:00', to: '10:00', member: 'wei' }],
    shifts: ['00:00 lin layer 1', '08:00 wei override', '10:00 lin layer 1'],
  },
  {
    says: 'somebody in the place of who is not there changes nothing',
    overrides: [{ kind: 'replace', from: '08:00', to: '10:00', member: 'wei', instead: 'mei' }],
    shifts: ['00:00 lin layer 1'],
  },
  {
    says: 'taken out, nobody is left: the layer below has been asked already',
    overrides: [{ kind: 'remove', from: '08:00', to: '10:00', member: 'lin' }],
    shifts: ['00:00 lin layer 1', '08:00  override', '10:00 lin layer 1'],
  },
  {
    says: 'of two that overlap the later one counts',
    overrides: [
      { kind: 'replace', from: '08:00', to: '12:00', member: 'wei' },
      { kind: 'replace', from: '10:00', to: '11:00', member: 'mei' },
    ],
    shifts: [
      '00:00 lin layer 1',
      '08:00 wei override',
      '10:00 mei override',
      '11:00 wei override',
      '12:00 lin layer 1',
    ],
  },
]
