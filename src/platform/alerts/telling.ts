import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { Stores, Transact } from '../jobs/stores.ts'
import type { FlushContext } from './flushing.ts'
import { advance, noteOf } from './incident-steps.ts'
import type { Notice, NoticeContent } from './ports.ts'
import type { Hook } from './routing/current.ts'

/** `no-way`: there is none to reach them. */
export type TellAnswer = 'told' | 'no-way'

/** How a program took what it was told. `never`: it refused, and asking again would change nothing. */
export type HookAnswer = { is: 'taken' } | { is: 'again'; because: string } | { is: 'never'; because: string }

export interface TellerDependencies {
  transact: Transact
  read: Stores
  context: FlushContext
  /** People: the bot's part. The same notice may be given twice and is told once. */
  toPeople(notice: Notice): Promise<TellAnswer>
  callHook(hook: Hook, body: string): Promise<HookAnswer>
  clock: Clock
  log: Log
}

/** The handler behind the queue's `tell`. */
export function createTeller(dependencies: TellerDependencies): (noticeId: string) => Promise<void> {
  const { read, clock, toPeople } = dependencies
  return async (noticeId) => {
    const notice = await read.notices.byId(noticeId)
    if (notice?.state !== 'waiting') return
    if (notice.content.is === 'hook') return tellHook(dependencies, notice, notice.content)
    const unwanted = await whyUnwanted(dependencies, notice)
    if (unwanted) return read.notices.end(notice.id, 'dropped', unwanted, clock.now())
    const answer = await toPeople(notice)
    if (answer === 'told') return told(dependencies, notice)
    await unreached(dependencies, notice)
  }
}

async function tellHook(
  { read, context, callHook, clock, log }: TellerDependencies,
  { id }: Notice,
  { receiver, part, body }: Extract<NoticeContent, { is: 'hook' }>,
): Promise<void> {
  const hook = context.routing().hookOf(receiver, part)
  if (!hook) return read.notices.end(id, 'dropped', 'the receiver is no longer there', clock.now())
  const answer = await callHook(hook, body)
  if (answer.is === 'taken') return read.notices.end(id, 'told', null, clock.now())
  if (answer.is === 'again') throw new Error(`The webhook of ${receiver} did not take it: ${answer.because}`)
  log.warn({ receiver, because: answer.because }, 'A webhook refuses what it is told; it is not told again')
  await read.notices.end(id, 'dead', answer.because, clock.now())
}

/** Under the incident's lock: whoever acknowledges now comes before this page or after it, never in between. */
async function whyUnwanted({ transact }: TellerDependencies, { content }: Notice): Promise<string | null> {
  if (content.is !== 'page') return null
  return transact(async (stores) => {
    const incident = await stores.incidents.lock(content.incidentId)
    if (!incident) return 'the incident is gone'
    const { state, silenced, snoozedUntil } = incident.life
    if (state === 'resolved') return 'it was over'
    if (silenced) return 'it was silenced'
    if (snoozedUntil !== null) return 'it was put off'
    return state === 'acknowledged' && !content.evenIfTaken ? 'somebody had taken it' : null
  })
}

async function told({ transact, clock }: TellerDependencies, notice: Notice): Promise<void> {
  await transact(async (stores) => {
    await stores.notices.end(notice.id, 'told', null, clock.now())
    await noteOf(stores, notice, { kind: 'told', at: clock.now() })
  })
}

/** Nobody of a step could be reached: the next step is not waited for. */
async function unreached({ transact, context, clock }: TellerDependencies, notice: Notice): Promise<void> {
  const now = clock.now()
  await transact(async (stores) => {
    const incident =
      'incidentId' in notice.content ? await stores.incidents.lock(notice.content.incidentId) : null
    await stores.notices.end(notice.id, 'dropped', 'no way to reach them', now)
    await noteOf(stores, notice, { kind: 'unreached', at: now })
    if (!incident || notice.content.is !== 'page') return
    const ofStep = (await stores.notices.ofSubject(notice.subject)).filter(
      ({ reason }) => reason === notice.reason,
    )
    const isVain = ofStep.every(({ state }) => state === 'dropped')
    if (isVain)
      await advance(stores, context, { incident, events: [{ is: 'step-was-empty' }], more: {}, now })
  })
}
