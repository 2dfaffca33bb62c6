import type { Clock } from '../../src/lib/clock.ts'
import type { Ids } from '../../src/lib/ids.ts'
import { nearNames } from '../../src/lib/near-names.ts'
import { nextWindow } from '../../src/platform/alerts/maintenance/window-times.ts'
import { shiftsOf } from '../../src/platform/alerts/oncall/shifts.ts'
import { explainRoutes } from '../../src/platform/alerts/routing/explain.ts'
import { defaultRouting } from '../../src/platform/alerts/routing/routing-holder.ts'
import { DEFAULT_RULES } from '../../src/platform/alerts/rules/default-rules.ts'
import { viewOf } from '../../src/platform/alerts/rules/rules.ts'
import type {
  MaintenanceView,
  Member,
  OnCallNow,
  Permit,
  Platform,
  RuleDraft,
  RuleView,
  SilenceView,
  SwapView,
  WindowDraft,
} from '../../src/platform/platform.ts'

import { aDigest } from '../bot/cards/samples.ts'

export interface FakeAlerting {
  silences: Map<string, SilenceView>
  swaps: Map<string, SwapView>
  api: Pick<Platform, 'silences' | 'onCall' | 'routes' | 'rules' | 'digests'>
}

interface World {
  clock: Clock
  ids: Ids
  members: ReadonlyMap<string, Member>
}

const ZONE = 'Asia/Shanghai'
const LAYERS = [
  {
    priority: 1,
    rotation: {
      ...{ unit: 'week' as const, every: 1, starts: '2026-01-05T10:00', until: null, weekdays: null },
      participants: [['lin'], ['mei']],
    },
  },
]
const SCHEDULE = {
  ...{ id: 'sch_1', name: 'data-primary', team: 'data', teamId: 'team_data', zone: ZONE, layers: LAYERS },
  ...{ version: 1, updatedBy: 'Lin', updatedAt: 0 },
}

/** The delivered ones, and what is set over them. */
function fakeRules() {
  const set: RuleView[] = []
  const known = () => [...DEFAULT_RULES.map(viewOf), ...set]
  const nearest = (name: string) => known().findLast((rule) => rule.name === name)
  return {
    list: async () => DEFAULT_RULES.flatMap(({ name }) => nearest(name) ?? []),
    save: async ({ by }: Permit, draft: RuleDraft) => {
      const own = { id: `${draft.name}{}`, ...draft, updatedBy: by.member.displayName, updatedAt: 0 }
      set.push(viewOf(own))
      return { ok: true, value: viewOf(own) }
    },
    remove: async (_permit: Permit, { name }: { name: string }) => {
      const at = set.findLastIndex((rule) => rule.name === name)
      const [gone] = at < 0 ? [] : set.splice(at, 1)
      return gone ? { ok: true, value: gone } : { ok: false, why: 'unknown' }
    },
  }
}

function fakeWindows(clock: Clock) {
  const windows = new Map<string, MaintenanceView>()
  return {
    windows: async () => [...windows.values()],
    window: async (name: string) => windows.get(name) ?? null,
    saveWindow: async ({ by }: Permit, draft: WindowDraft) => {
      const next = nextWindow(draft.times, draft.zone, clock.now())
      const made = { ...draft, id: 'mnt_1', createdBy: by.member.displayName, next }
      windows.set(made.name, made)
      return { ok: true, value: made }
    },
    removeWindow: async (_permit: Permit, name: string) => windows.delete(name),
  }
}

function fakeDigests() {
  return {
    now: async (_permit: Permit, team: string) => (team === 'data' ? aDigest() : null),
    byId: async (id: string) => (id.startsWith('dig_') ? aDigest() : null),
    ofDay: async () => aDigest(),
    setTime: async (_permit: Permit, _team: string, at: string | null) => ({
      ...{ ok: true, value: { at: at === 'off' ? null : at, zone: ZONE } },
    }),
  }
}

/** As much of alerting as the bot's tests need: one schedule of two people in turn, and the default routing. */
export function fakeAlerting({ clock, ids, members }: World): FakeAlerting {
  const silences = new Map<string, SilenceView>()
  const swaps = new Map<string, SwapView>()
  const person = (name: string) => ({ name, displayName: members.get(name)?.displayName ?? name })

  function nowOf(at: number): OnCallNow {
    const shifts = shiftsOf(SCHEDULE, { overrides: [], timeOff: [] }, { from: at, to: at + 30 * 86_400_000 })
    const [first, second] = shifts
    return {
      ...{ schedule: SCHEDULE.name, team: 'data', source: first?.source ?? 'gap', until: first?.to ?? null },
      members: (first?.members ?? []).map(person),
      next: second ? { members: second.members, at: second.from } : null,
    }
  }

  const changed = (id: string, change: Partial<SilenceView>) => {
    const known = silences.get(id)
    if (!known) return { ok: false, why: { of: 'unknown' } } as const
    silences.set(id, { ...known, ...change })
    return { ok: true, value: { ...known, ...change } } as const
  }

  const api = {
    silences: {
      list: async () => [...silences.values()].filter(({ state }) => state !== 'expired'),
      byId: async (id: string) => silences.get(id) ?? null,
      preview: async () => ({
        count: 1,
        alerts: [{ alertname: 'JobFailed', labels: { job: 'orders-cdc' }, tier: 'P1' }],
      }),
      create: async ({ by }: Permit, draft: Omit<SilenceView, 'id' | 'createdBy' | 'origin' | 'state'>) => {
        const made: SilenceView = {
          ...draft,
          ...{ id: ids.next('sil'), createdBy: by.member.displayName, origin: 'person', state: 'active' },
        }
        silences.set(made.id, made)
        return { ok: true, value: made }
      },
      ...fakeWindows(clock),
      extend: async (_permit: Permit, id: string, endsAt: number) => changed(id, { endsAt }),
      expire: async (_permit: Permit, id: string) => changed(id, { endsAt: clock.now(), state: 'expired' }),
    },
    onCall: {
      schedules: async () => [SCHEDULE],
      schedule: async (name: string) => (name === SCHEDULE.name ? SCHEDULE : null),
      shifts: async (name: string, span: { from: number; to: number }) =>
        name === SCHEDULE.name ? shiftsOf(SCHEDULE, { overrides: [], timeOff: [] }, span) : null,
      now: async (team: string | null, at = clock.now()) =>
        team === null || team === 'data' ? [nowOf(at)] : [],
      mine: async (member: string) =>
        shiftsOf(
          SCHEDULE,
          { overrides: [], timeOff: [] },
          { from: clock.now(), to: clock.now() + 30 * 86_400_000 },
        )
          .filter((shift) => shift.members.includes(member))
          .map(({ from, to }) => ({ schedule: SCHEDULE.name, from, to })),
      override: async ({ by }: Permit, _name: string, draft: object) => ({
        ok: true,
        value: { ...draft, id: ids.next('ovr'), createdBy: by.member.displayName },
      }),
      askSwap: async (
        { member }: { member: Member },
        draft: { schedule: string; with: string; from: number; to: number },
      ) => {
        if (draft.schedule !== SCHEDULE.name) {
          return {
            ok: false,
            why: { of: 'unknown-schedule', near: nearNames(draft.schedule, [SCHEDULE.name]) },
          }
        }
        const swap: SwapView = {
          ...{ id: ids.next('swp'), version: 1, schedule: SCHEDULE.name, state: 'asked', back: null },
          ...{ from: draft.from, to: draft.to, askedBy: person(member.name), asked: person(draft.with) },
        }
        swaps.set(swap.id, swap)
        return { ok: true, value: swap }
      },
      decideSwap: async (_by: unknown, id: string, yes: boolean) => {
        const swap = swaps.get(id)
        if (!swap) return { ok: false, why: { of: 'unknown' } }
        const decided: SwapView = { ...swap, state: yes ? 'agreed' : 'refused', version: 2 }
        swaps.set(id, decided)
        return { ok: true, value: decided }
      },
      swap: async (id: string) => swaps.get(id) ?? null,
      timeOff: async () => ({ ok: true, value: { id: ids.next('off') } }),
    },
    rules: fakeRules(),
    digests: fakeDigests(),
    routes: {
      explain: async (labels: Record<string, string>, at: number) => ({
        ...explainRoutes(defaultRouting(), labels, at),
        ...{
          tier: defaultRouting().tierOf(labels),
          onCall: nowOf(at).members.map(({ displayName }) => displayName),
        },
        ...{ silencedBy: [], inhibitedBy: [] },
      }),
    },
  }
  // What is left out here fails loudly when a test calls it, as a missing function.
  return { silences, swaps, api: api as unknown as FakeAlerting['api'] }
}
