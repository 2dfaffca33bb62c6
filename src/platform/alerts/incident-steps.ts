import type { Instant } from '../../lib/clock.ts'
import type { AlertKind, Tier } from './alert.ts'
import { paged } from './call-people.ts'
import type { FlushContext, FlushStores } from './flushing.ts'
import { chainFor } from './life/chain-choice.ts'
import {
  dueAt,
  type Life,
  type LifeEffect,
  type LifeEvent,
  live,
  needsChain,
  newLife,
  withChain,
} from './life/incident-life.ts'
import type { ChainRow, IncidentGist, IncidentRow, Notice } from './ports.ts'

export interface Beginning {
  subject: string
  kind: AlertKind
  tier: Tier
  gist: IncidentGist
  about: Pick<IncidentRow, 'jobId' | 'clusterId' | 'teamId' | 'environment'>
  /** The chain that its route names; null: the team's for the tier. */
  chain: string | null
  since: Instant
  now: Instant
}

/** Opens a generation: its chain is fixed now, and its first step is taken if it is due. */
export async function begin(stores: FlushStores, context: FlushContext, draft: Beginning): Promise<string> {
  const { subject, kind, tier, gist, about, since, now } = draft
  const chain = await chosenChain(stores, { tier, teamId: about.teamId, named: draft.chain, now })
  const bare = newLife({ tier, blast: Math.max(gist.firing, 1), openedAt: since, chain: draft.chain })
  const life = withChain(bare, chain, now)
  const id = context.ids.next('inc')
  const incident = { id, subject, kind, gist, ...about, life, dueAt: dueAt(life) }
  const generation = await stores.incidents.nextGeneration(subject)
  await stores.incidents.insert({ ...incident, generation })
  const detail = { tier, chain: chain?.name ?? null }
  await note(stores, id, { kind: 'triggered', by: null, detail }, now)
  const row = { ...incident, generation, version: 1 }
  // What is due at once is done at once, not when somebody looks.
  if (dueAt(life) !== null && (dueAt(life) ?? 0) <= now) {
    await advance(stores, context, { incident: row, events: [{ is: 'timer' }], more: {}, now })
  } else {
    await stores.work.show(`incident:${id}`)
  }
  return id
}

interface Choosing {
  tier: Tier
  teamId: string | null
  named: string | null
  now: Instant
}

async function chosenChain(stores: FlushStores, { tier, teamId, named, now }: Choosing) {
  const chains = await candidates(stores, { teamId, named })
  const choice = chainFor(chains, tier, now)
  if (!choice) return null
  const turn = choice.id === null ? 0 : await stores.chains.takeTurn(choice.id)
  const { steps, repeat } = choice.body
  return { name: choice.name, steps, repeat, turn }
}

async function candidates(
  { chains }: FlushStores,
  { teamId, named }: Pick<Choosing, 'teamId' | 'named'>,
): Promise<readonly ChainRow[]> {
  const one = named === null ? null : await chains.byName(named)
  if (one) return [one]
  return teamId === null ? [] : chains.ofTeam(teamId)
}

export interface Advance {
  incident: IncidentRow
  events: readonly LifeEvent[]
  /** Written besides its life. */
  more: Partial<Pick<IncidentRow, 'gist' | 'kind' | 'jobId' | 'clusterId' | 'teamId' | 'environment'>>
  now: Instant
}

/** Lets events happen to an incident that is locked, carries out what follows, and has its cards drawn anew. */
export async function advance(
  stores: FlushStores,
  context: FlushContext,
  { incident, events, more, now }: Advance,
): Promise<Life> {
  let life = incident.life
  const effects: LifeEffect[] = []
  for (const event of events) {
    const lived = live(life, event, now)
    life = lived.life
    effects.push(...lived.effects)
  }
  if (needsChain(incident.life, life)) {
    const { teamId } = incident
    life = withChain(
      life,
      await chosenChain(stores, { tier: life.tier, teamId, named: life.chain, now }),
      now,
    )
  }
  const emptied = await carryOut(stores, context, { incident: { ...incident, life }, effects, now })
  if (emptied)
    return advance(stores, context, {
      incident: { ...incident, life },
      events: [{ is: 'step-was-empty' }],
      more,
      now,
    })
  const isSame = JSON.stringify(life) === JSON.stringify(incident.life)
  if (isSame && effects.length === 0 && Object.keys(more).length === 0) return life
  await stores.incidents.save({ id: incident.id, life, dueAt: dueAt(life), ...more })
  await stores.work.show(`incident:${incident.id}`)
  return life
}

/** True: a step called for people, and there are none. */
async function carryOut(
  stores: FlushStores,
  context: FlushContext,
  { incident, effects, now }: { incident: IncidentRow; effects: readonly LifeEffect[]; now: Instant },
): Promise<boolean> {
  let emptied = false
  for (const effect of effects) {
    if (effect.do === 'note') await note(stores, incident.id, effect, now)
    else if (effect.do === 'page') emptied = !(await paged(stores, context, { incident, effect, now }))
    else await remind(stores, context, { incident, effect, now })
  }
  return emptied
}

async function remind(
  { notices }: FlushStores,
  { ids }: FlushContext,
  {
    incident,
    effect: { reason, memberId, until },
    now,
  }: { incident: IncidentRow; effect: Extract<LifeEffect, { do: 'remind' }>; now: Instant },
): Promise<void> {
  await notices.add({
    ...{ id: ids.next('ntc'), subject: `incident:${incident.id}`, reason, target: `member:${memberId}` },
    ...{ content: { is: 'ack-ends', incidentId: incident.id, memberId, until }, createdAt: now },
  })
}

async function note(
  { incidents }: Pick<FlushStores, 'incidents'>,
  incidentId: string,
  { kind, by, detail }: Pick<Extract<LifeEffect, { do: 'note' }>, 'kind' | 'by' | 'detail'>,
  at: Instant,
): Promise<void> {
  const who = { actor: by?.name ?? 'Sluice', memberId: by?.memberId ?? null }
  await incidents.tell({ incidentId, at, kind, ...who, detail })
}

/** What became of a notice, in its incident's timeline. */
export async function noteOf(
  stores: Pick<FlushStores, 'incidents' | 'members'>,
  { content, reason }: Notice,
  { kind, at }: { kind: 'told' | 'unreached'; at: Instant },
): Promise<void> {
  if (!('incidentId' in content)) return
  const member = 'memberId' in content ? await stores.members.byId(content.memberId) : null
  const whom = member?.displayName ?? ('chatId' in content ? content.chatId : '')
  await note(stores, content.incidentId, { kind, by: null, detail: { whom, reason, by: content.is } }, at)
}
