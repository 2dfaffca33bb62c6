import type { Clock } from '../../lib/clock.ts'
import type { IncidentView, Platform } from '../../platform/platform.ts'
import {
  admit,
  ended,
  type Folded,
  isOver,
  STORM_RULES,
  type Storm,
  type StormRules,
  without,
} from './storm.ts'
import type { StormStore } from './storm-store.ts'

export interface Storms {
  /** Whether the incident gets a card of its own in the chat now; if not, which storm's card tells of it. */
  admit(chatId: string, incident: IncidentView): Promise<{ show: true } | { show: false; subject: string }>
  /** The storm behind a card's subject, as far as it is still that one. */
  ofSubject(subject: string): Promise<{ storm: Storm; chatId: string } | null>
  /** Storms that are over end here: their subjects, and the incidents that get their own cards now. */
  calm(): Promise<readonly { subject: string; incidents: readonly string[] }[]>
}

/** Where nobody counts: every incident has its card. */
export const NO_STORMS: Storms = {
  admit: async () => ({ show: true }),
  ofSubject: async () => null,
  calm: async () => [],
}

export interface StormsDependencies {
  platform: Pick<Platform, 'incidents'>
  store: StormStore
  clock: Clock
  rules?: StormRules
}

export function createStorms({ platform, store, clock, rules = STORM_RULES }: StormsDependencies): Storms {
  async function end(chatId: string): Promise<{ subject: string; incidents: readonly string[] } | null> {
    const before = await store.of(chatId)
    const over = await overOf(platform, before)
    return store.change(chatId, (storm) => {
      const left = without(storm, over)
      const now = { now: clock.now(), rules }
      const subject = subjectOf(chatId, storm)
      // Cards for all that is left would be the next storm.
      if (isOver(left, now) && left.folded.length <= rules.perMinute) {
        const incidents = left.folded.map(({ incidentId }) => incidentId)
        return { storm: ended(left), result: { subject, incidents } }
      }
      return { storm: left, result: left === storm ? null : { subject, incidents: [] } }
    })
  }

  return {
    admit: (chatId, incident) =>
      store.change(chatId, (storm) => {
        const admitted = admit(storm, foldedOf(incident), { now: clock.now(), rules })
        const subject = subjectOf(chatId, admitted.storm)
        return { storm: admitted.storm, result: admitted.show ? { show: true } : { show: false, subject } }
      }),
    async ofSubject(subject) {
      const found = /^storm:(.*):(\d+)$/.exec(subject)
      if (!found?.[1]) return null
      const storm = await store.of(found[1])
      return storm.number === Number(found[2]) ? { storm, chatId: found[1] } : null
    },
    async calm() {
      const results = await Promise.all((await store.going()).map(end))
      return results.filter((each) => each !== null)
    },
  }
}

function subjectOf(chatId: string, { number }: Storm): string {
  return `storm:${chatId}:${number}`
}

function foldedOf({ id, tier, labels, team, subject }: IncidentView): Folded {
  return { incidentId: id, tier, cluster: labels.cluster ?? '', team: team ?? '', name: subject.name }
}

async function overOf(
  { incidents }: Pick<Platform, 'incidents'>,
  { folded }: Storm,
): Promise<ReadonlySet<string>> {
  const views = await Promise.all(folded.map(({ incidentId }) => incidents.byId(incidentId)))
  return new Set(folded.filter((_, at) => views[at]?.closed !== null).map(({ incidentId }) => incidentId))
}
