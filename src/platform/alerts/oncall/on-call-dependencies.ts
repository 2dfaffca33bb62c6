import type { Clock } from '../../../lib/clock.ts'
import type { Ids } from '../../../lib/ids.ts'
import { nearNames } from '../../../lib/near-names.ts'
import type { By } from '../../access/access.ts'
import type { Stores, Transact } from '../../jobs/stores.ts'
import type { OnCallRefusal } from '../on-call-api.ts'

export interface OnCallDependencies {
  transact: Transact
  read: Stores
  clock: Clock
  ids: Ids
  /** Titles of teams, by id. */
  teamName(id: string): Promise<string>
}

/** The first of these names that is nobody's. */
export async function strangerAmong(
  stores: Pick<Stores, 'members'>,
  names: readonly string[],
): Promise<string | null> {
  const known = new Set((await stores.members.byNames(names)).map(({ name }) => name))
  return names.find((name) => !known.has(name)) ?? null
}

export async function unknownSchedule(
  read: Pick<Stores, 'onCall'>,
  name: string,
): Promise<{ ok: false; why: OnCallRefusal }> {
  const names = (await read.onCall.schedules()).map((each) => each.name)
  return { ok: false, why: { of: 'unknown-schedule', near: nearNames(name, names) } }
}

export async function audit(
  stores: Stores,
  { by, verb }: { by: By; verb: string },
  { subject, before, after }: { subject: string; before: unknown; after: unknown },
): Promise<void> {
  const { member, via, requestId } = by
  await stores.audit.record({
    ...{ member, via, requestId, verb, subject: `on call ${subject}`, job: null, decision: 'done' },
    ...{ before, after },
  })
}
