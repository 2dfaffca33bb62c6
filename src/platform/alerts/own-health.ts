import type { Stores } from '../jobs/stores.ts'
import type { Chore } from './alarm-clock.ts'
import type { OwnAlertKind } from './alert.ts'
import type { Labels } from './labels.ts'

export interface OwnHealthDependencies {
  read: Pick<Stores, 'alarms'>
  /** What waits to go out, by vendor, and how long the oldest that is due has waited. */
  deliveries(): Promise<readonly { vendor: string; oldestMs: number | null }[]>
  /** How long ago each cluster that this process watches was looked at. */
  looks(): readonly { cluster: string; ms: number }[]
}

const EVERY_MS = 15_000
/** Pace and retries keep things waiting for a while; this long is neither. */
const DELIVERY_LATE_MS = 5 * 60_000
/** A cluster that does not answer is noticed within seconds; a look that takes this long is stuck. */
const LOOK_LATE_MS = 2 * 60_000

/** Sluice tells of itself what it would tell of a job: messages that do not go out, clusters that it does not get to. */
export function ownHealth({ read, deliveries, looks }: OwnHealthDependencies): Chore {
  const firing = new Set<string>()
  const known = new Set<string>()

  async function tell(kind: OwnAlertKind, labels: Labels, { isBad, now }: { isBad: boolean; now: number }) {
    const key = `${kind} ${JSON.stringify(labels)}`
    if (isBad) {
      await read.alarms.raise({ kind, about: { is: 'sluice', labels }, facts: {}, at: now })
      firing.add(key)
      return
    }
    // Whatever a former process told is looked at once, and what this one told when it is over.
    if (known.has(key) && !firing.has(key)) return
    await read.alarms.settle({ labels }, { as: 'recovered', at: now, kinds: [kind] })
    known.add(key)
    firing.delete(key)
  }
  return {
    name: 'own health',
    everyMs: EVERY_MS,
    async run(now) {
      for (const { vendor, oldestMs } of await deliveries()) {
        const isBad = oldestMs !== null && oldestMs > DELIVERY_LATE_MS
        await tell('delivery-failing', { chat: vendor }, { isBad, now })
      }
      for (const { cluster, ms } of looks())
        await tell('watching-behind', { from: cluster }, { isBad: ms > LOOK_LATE_MS, now })
    },
  }
}
