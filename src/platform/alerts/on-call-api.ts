import type { Instant } from '../../lib/clock.ts'
import type { By, Permit } from '../access/access.ts'
import type { Done } from '../found.ts'
import type { ChainBody } from './life/escalation.ts'
import type { PersonalRules } from './life/personal.ts'
import type { Layer } from './oncall/schedule.ts'
import type { Shift } from './oncall/shifts.ts'

export interface ScheduleView {
  id: string
  name: string
  team: string
  teamId: string
  zone: string
  layers: readonly Layer[]
  version: number
  updatedBy: string
  updatedAt: Instant
}

export interface OnCallNow {
  schedule: string
  team: string
  members: readonly { name: string; displayName: string }[]
  source: string
  until: Instant | null
  next: { members: readonly string[]; at: Instant } | null
}

export interface OverrideView {
  id: string
  kind: 'add' | 'remove' | 'replace'
  from: Instant
  to: Instant
  member: string
  instead: string | null
  createdBy: string
}

export interface SwapView {
  id: string
  version: number
  schedule: string
  state: 'asked' | 'agreed' | 'refused' | 'withdrawn'
  askedBy: { name: string; displayName: string }
  asked: { name: string; displayName: string }
  from: Instant
  to: Instant
  back: { from: Instant; to: Instant } | null
}

export type OnCallRefusal =
  | { of: 'unknown-schedule'; near: readonly string[] }
  | { of: 'unknown-team' }
  | { of: 'unknown-member'; member: string }
  | { of: 'not-in-team'; member: string }
  | { of: 'name-taken' }
  | { of: 'stale' }
  | { of: 'bad-span' }
  | { of: 'not-on-duty'; member: string }
  | { of: 'unknown' }
  | { of: 'decided' }
  | { of: 'not-yours' }
  | { of: 'bad-calendar' }
  | { of: 'unknown-calendar'; calendar: string; known: readonly string[] }

export interface OnCallApi {
  schedules(): Promise<readonly ScheduleView[]>
  schedule(name: string): Promise<ScheduleView | null>
  scheduleById(id: string): Promise<ScheduleView | null>
  /** Makes it, or changes it whole. `version`: of what was seen; null: whatever stands there. */
  save(
    permit: Permit<'oncall:manage'>,
    draft: { name: string; team: string; zone: string; layers: readonly Layer[]; version: number | null },
  ): Promise<Done<ScheduleView, OnCallRefusal>>
  remove(permit: Permit<'oncall:manage'>, name: string): Promise<Done<null, OnCallRefusal>>
  shifts(name: string, span: { from: Instant; to: Instant }): Promise<readonly Shift[] | null>
  overrides(name: string, span: { from: Instant; to: Instant }): Promise<readonly OverrideView[]>
  override(
    permit: Permit<'oncall:override'>,
    name: string,
    draft: Omit<OverrideView, 'id' | 'createdBy'>,
  ): Promise<Done<OverrideView, OnCallRefusal>>
  removeOverride(
    permit: Permit<'oncall:override'>,
    name: string,
    id: string,
  ): Promise<Done<null, OnCallRefusal>>
  /** Of one team by name, or of all. */
  now(team: string | null, at?: Instant): Promise<readonly OnCallNow[]>
  /** For calendars that people subscribe to; null: there is no such schedule. */
  calendar(name: string): Promise<string | null>
  /** Shifts that a calendar names, in the place of those it named before; they go before the layers. */
  importCalendar(
    permit: Permit<'oncall:override'>,
    name: string,
    text: string,
  ): Promise<Done<{ shifts: number }, OnCallRefusal>>
  /** A member's own shifts from now on. */
  mine(member: string, days: number): Promise<readonly { schedule: string; from: Instant; to: Instant }[]>
  askSwap(
    by: By,
    draft: {
      schedule: string
      with: string
      from: Instant
      to: Instant
      back: { from: Instant; to: Instant } | null
    },
  ): Promise<Done<SwapView, OnCallRefusal>>
  decideSwap(by: By, id: string, yes: boolean): Promise<Done<SwapView, OnCallRefusal>>
  swap(id: string): Promise<SwapView | null>
  /** Not to be on call then; their shifts go to the next layer. */
  timeOff(
    by: By,
    draft: { member: string; from: Instant; to: Instant; reason: string },
  ): Promise<Done<{ id: string }, OnCallRefusal>>

  chains(): Promise<readonly { name: string; team: string; body: ChainBody }[]>
  saveChain(
    permit: Permit<'oncall:manage'>,
    draft: { name: string; team: string; body: ChainBody },
  ): Promise<Done<null, OnCallRefusal>>
  removeChain(permit: Permit<'oncall:manage'>, name: string): Promise<Done<null, OnCallRefusal>>
  rules(memberId: string): Promise<PersonalRules | null>
  saveRules(by: By, rules: PersonalRules): Promise<void>
}
