import type { Instant } from '../../../lib/clock.ts'
import type { By } from '../../access/access.ts'
import type { Done } from '../../found.ts'
import type { Stores } from '../../jobs/stores.ts'
import type { OnCallApi, OnCallRefusal, SwapView } from '../on-call-api.ts'
import type { OverrideRow, ScheduleRow, SwapRow } from '../ports.ts'
import { shiftsBetween } from './duty.ts'
import { audit, type OnCallDependencies, unknownSchedule } from './on-call-dependencies.ts'

type Swaps = Pick<OnCallApi, 'askSwap' | 'decideSwap' | 'swap' | 'timeOff'>
type Span = { from: Instant; to: Instant }

/** One asks, the other agrees, and both are overrides from then on. Nobody else has to say anything. */
export function createSwaps(dependencies: OnCallDependencies): Swaps {
  const { transact, read, clock, ids } = dependencies
  return {
    async askSwap(by, draft) {
      const schedule = await read.onCall.byName(draft.schedule)
      if (!schedule) return unknownSchedule(read, draft.schedule)
      const [other] = await read.members.byNames([draft.with])
      if (!other || other.id === by.member.id)
        return { ok: false, why: { of: 'unknown-member', member: draft.with } }
      const wrong = await swapProblem(read, schedule, { draft, asker: by.member.name, now: clock.now() })
      if (wrong) return { ok: false, why: wrong }
      const { from, to, back } = draft
      const swap: SwapRow = {
        ...{ id: ids.next('swp'), scheduleId: schedule.id, terms: { from, to, back }, state: 'asked' },
        ...{ askedBy: by.member.name, asked: other.name, version: 1 },
        ...{ createdAt: clock.now(), decidedAt: null },
      }
      await transact(async (stores) => {
        await stores.onCall.saveSwap(swap)
        await tellAsked(stores, swap, ids.next('ntc'))
        await auditSwap(stores, by, swap)
      })
      return { ok: true, value: await viewOf(read, swap) }
    },
    async decideSwap(by, id, yes) {
      const decided = await transact((stores) => decide(stores, dependencies, { by, id, yes }))
      return decided.ok ? { ok: true, value: await viewOf(read, decided.value) } : decided
    },
    async swap(id) {
      const row = await read.onCall.swap(id)
      return row && viewOf(read, row)
    },
    timeOff: (by, { member, from, to, reason }) =>
      transact(async (stores): Promise<Done<{ id: string }, OnCallRefusal>> => {
        if (to <= from) return { ok: false, why: { of: 'bad-span' } }
        const [known] = await stores.members.byNames([member])
        if (!known) return { ok: false, why: { of: 'unknown-member', member } }
        if (known.id !== by.member.id && !by.member.isAdmin) return { ok: false, why: { of: 'not-yours' } }
        const id = ids.next('off')
        const createdBy = by.member.displayName
        await stores.onCall.addTimeOff({ id, member, from, to, reason, createdBy }, clock.now())
        await audit(
          stores,
          { by, verb: 'oncall:time-off' },
          { subject: member, before: null, after: { from, to } },
        )
        return { ok: true, value: { id } }
      }),
  }
}

async function swapProblem(
  read: Stores,
  schedule: ScheduleRow,
  { draft, asker, now }: { draft: Span & { with: string; back: Span | null }; asker: string; now: Instant },
): Promise<OnCallRefusal | null> {
  const spans = [draft, ...(draft.back ? [draft.back] : [])]
  if (spans.some(({ from, to }) => to <= from || to <= now)) return { of: 'bad-span' }
  if (!(await isOnDuty(read, schedule, asker, draft))) return { of: 'not-on-duty', member: asker }
  if (draft.back && !(await isOnDuty(read, schedule, draft.with, draft.back))) {
    return { of: 'not-on-duty', member: draft.with }
  }
  return null
}

async function isOnDuty(read: Stores, schedule: ScheduleRow, member: string, span: Span): Promise<boolean> {
  const shifts = await shiftsBetween(read, schedule, span)
  return shifts.every(({ members }) => members.includes(member))
}

async function decide(
  stores: Stores,
  { clock, ids }: OnCallDependencies,
  { by, id, yes }: { by: By; id: string; yes: boolean },
): Promise<Done<SwapRow, OnCallRefusal>> {
  const swap = await stores.onCall.lockSwap(id)
  if (!swap) return { ok: false, why: { of: 'unknown' } }
  if (swap.state !== 'asked') return { ok: false, why: { of: 'decided' } }
  const isAsked = by.member.name === swap.asked
  // Who asked may take it back.
  const isOwnWithdrawal = !yes && by.member.name === swap.askedBy
  if (!isAsked && !isOwnWithdrawal) return { ok: false, why: { of: 'not-yours' } }
  const state = yes ? 'agreed' : isOwnWithdrawal ? 'withdrawn' : 'refused'
  const decided = { ...swap, state, version: swap.version + 1, decidedAt: clock.now() } as const
  await stores.onCall.saveSwap(decided)
  if (yes)
    for (const override of overridesOf(decided, ids, clock.now())) await stores.onCall.addOverride(override)
  await stores.work.show(`swap:${id}`)
  await auditSwap(stores, by, decided)
  return { ok: true, value: decided }
}

function overridesOf(
  { id, scheduleId, terms, askedBy, asked }: SwapRow,
  ids: OnCallDependencies['ids'],
  now: Instant,
): readonly OverrideRow[] {
  const replace = (span: Span, member: string, instead: string): OverrideRow => ({
    ...{ id: ids.next('ovr'), scheduleId, kind: 'replace', from: span.from, to: span.to, member, instead },
    ...{ swapId: id, createdBy: asked, createdAt: now },
  })
  return [replace(terms, asked, askedBy), ...(terms.back ? [replace(terms.back, askedBy, asked)] : [])]
}

async function tellAsked(stores: Stores, swap: SwapRow, id: string): Promise<void> {
  await stores.notices.add({
    ...{ id, subject: `swap:${swap.id}`, reason: 'asked', target: `member:${swap.asked}` },
    ...{ content: { is: 'swap', swapId: swap.id }, createdAt: swap.createdAt },
  })
}

async function auditSwap(
  stores: Stores,
  by: By,
  { id, state, terms, askedBy, asked }: SwapRow,
): Promise<void> {
  const after = { state, askedBy, asked, ...terms }
  await audit(stores, { by, verb: 'oncall:swap' }, { subject: id, before: null, after })
}

async function viewOf(read: Pick<Stores, 'onCall' | 'members'>, row: SwapRow): Promise<SwapView> {
  const [schedule, people] = await Promise.all([
    read.onCall.byId(row.scheduleId),
    read.members.byNames([row.askedBy, row.asked]),
  ])
  const person = (name: string) => ({
    name,
    displayName: people.find((each) => each.name === name)?.displayName ?? name,
  })
  const { id, version, state, terms } = row
  return {
    ...{ id, version, state, ...terms, schedule: schedule?.name ?? '' },
    ...{ askedBy: person(row.askedBy), asked: person(row.asked) },
  }
}
