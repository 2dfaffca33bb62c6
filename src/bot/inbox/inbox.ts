import type { Clock, Instant } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import { requestIdOfEvent } from '../../lib/request-id.ts'
import type { Inbox, PressedThere, SaidThere, TapAnswer, ToldThere, Vendor } from '../adapters/adapter.ts'
import type { Bot } from '../bot.ts'
import type { ShownCard } from '../cards/card.ts'
import type { Outbox } from '../delivery/outbox.ts'
import type { ChatRef, Speaker } from '../inbound.ts'
import { type Happened, type InboxEvent, type InboxEvents, isTooOld } from './event.ts'

/** Takes what happened in vendors' chats: each event once, in order for each person, whatever dies meanwhile. */
export interface Inboxes {
  of(vendor: Vendor): Inbox
  start(): void
  /** Lets what is being worked end. */
  stop(): Promise<void>
}

export interface InboxDependencies {
  events: InboxEvents
  bot: Pick<Bot, 'hear' | 'press' | 'heardTooLate' | 'cardOf' | 'joined' | 'leftChat' | 'personLeft'>
  outbox: Pick<Outbox, 'learn'>
  /** Makes an account known by the vendor's directory, when an admin wants that. */
  recognise(vendor: Vendor, person: { id: string; name: string | null }, requestId: string): Promise<string>
  titleOf(vendor: Vendor, chat: string): Promise<string | null>
  clock: Clock
  log: Log
}

// The longest a command takes, and some more.
const LEASE_MS = 60_000
const SWEEP_MS = 10_000
const MOST_TRIES = 5
/** Vendors give three seconds; the way back takes some of it. */
const ANSWER_MS = 2_000
// Feishu sends again for seven hours.
const REMEMBER_MS = 2 * 24 * 3_600_000
const FORGET_EVERY = 360

const WORKING: TapAnswer = { tone: 'progress', text: '正在处理 · Working on it' }
const KNOWN: TapAnswer = { tone: 'neutral', text: '…' }
const GIVEN_UP: TapAnswer = { tone: 'bad', text: '我们这边出错了 · Something broke on our side' }

export function createInboxes(dependencies: InboxDependencies): Inboxes {
  const { events, bot, clock, log } = dependencies
  const stopping = new AbortController()
  /** What is begun or waits its turn here, by its event. */
  const running = new Map<string, Promise<unknown>>()
  /** The last thing under way of each person in each chat: what comes next waits for it. */
  const tails = new Map<string, Promise<unknown>>()
  let sweeping: Promise<void> = Promise.resolve()

  /** Null: it was known before; `answer` is what it got. */
  async function take(vendor: Vendor, eventId: string, happened: Happened, at: Instant): Promise<Taken> {
    const now = clock.now()
    const event = { id: `${vendor}:${eventId}`, vendor, happened, at, receivedAt: now }
    const known = await events.store(event, now + LEASE_MS)
    if (known) return { isNew: false, answer: known.answer ?? WORKING }
    return { isNew: true, worked: inOrder({ ...event, tries: 1 }) }
  }

  function inOrder(event: InboxEvent): Promise<TapAnswer> {
    const key = orderOf(event)
    const former = tails.get(key) ?? Promise.resolve()
    const worked = former.then(() => work(event))
    const ended = worked
      .catch(() => {})
      .finally(() => {
        if (running.get(event.id) === ended) running.delete(event.id)
        if (tails.get(key) === ended) tails.delete(key)
      })
    tails.set(key, ended)
    running.set(event.id, ended)
    return worked
  }

  async function work(event: InboxEvent): Promise<TapAnswer> {
    const { id, vendor, happened, tries } = event
    try {
      // Whoever began it that often died of it.
      if (tries > MOST_TRIES) return await giveUp(event)
      const answer = await workOne(event)
      await events.done(id, answer, clock.now())
      return answer ?? KNOWN
    } catch (error) {
      // It stays, and is taken up again when its time is over.
      log.error({ error, vendor, kind: happened.kind, event: id, tries }, 'An event could not be worked')
      return tries >= MOST_TRIES ? giveUp(event) : WORKING
    }
  }

  async function giveUp({ id, vendor, happened, tries }: InboxEvent): Promise<TapAnswer> {
    log.error({ vendor, kind: happened.kind, event: id, tries }, 'An event was given up')
    // If that fails too, it is given up by who finds it next.
    await events.done(id, GIVEN_UP, clock.now()).catch(() => {})
    return GIVEN_UP
  }

  async function workOne(event: InboxEvent): Promise<TapAnswer | null> {
    const { happened } = event
    switch (happened.kind) {
      case 'said':
        return hear(event, happened.said)
      case 'pressed':
        return press(event, happened.pressed)
      case 'told':
        return told(event, happened.told)
    }
  }

  async function hear(event: InboxEvent, said: SaidThere): Promise<null> {
    const inbound = await inboundOf(event, said)
    const direct = said.addressed || said.chat.direct
    const whole = { ...inbound, chat: { ...inbound.chat, direct }, text: said.text }
    if (isTooOld(event, clock.now())) {
      // What nobody says to us for sure is not answered either.
      if (direct || /^\s*[/／]/.test(said.text)) await bot.heardTooLate(whole)
    } else await bot.hear(whole)
    return null
  }

  async function press(event: InboxEvent, pressed: PressedThere): Promise<TapAnswer> {
    if (pressed.learned) await dependencies.outbox.learn(...learnedOf(pressed.learned))
    const inbound = await inboundOf(event, pressed)
    const whole = { ...inbound, press: pressed.press, values: pressed.values }
    const shown = isTooOld(event, clock.now()) ? await bot.heardTooLate(whole) : await bot.press(whole)
    return answerOf(shown)
  }

  async function told({ vendor, id }: InboxEvent, happened: ToldThere): Promise<null> {
    const requestId = requestIdOfEvent(id)
    if (happened.is === 'person-left')
      await bot.personLeft({ vendor, externalId: happened.person }, requestId)
    else {
      const chat = chatRef(vendor, { ...happened.chat, direct: false })
      if (happened.is === 'joined') await bot.joined(chat, requestId)
      else await bot.leftChat(chat)
    }
    return null
  }

  async function inboundOf({ id, vendor, at, tries }: InboxEvent, { chat, from }: SaidThere | PressedThere) {
    const requestId = requestIdOfEvent(id)
    const displayName = await dependencies.recognise(vendor, from, requestId)
    const title = chat.title ?? (chat.direct ? displayName : await dependencies.titleOf(vendor, chat.id))
    const account = { vendor, externalId: from.id, displayName }
    const speaker: Speaker = { is: 'account', account }
    return {
      eventId: id,
      chat: chatRef(vendor, { ...chat, title }),
      speaker,
      at,
      requestId,
      language: null,
      tries,
    }
  }

  async function sweep(): Promise<void> {
    for (let rounds = 0; !stopping.signal.aborted; rounds++) {
      try {
        const now = clock.now()
        // Those that wait here for a slow one are not lost.
        await events.prolong([...running.keys()], now + LEASE_MS)
        for (const event of await events.takeOver(now, now + LEASE_MS)) void inOrder(event)
        if (rounds % FORGET_EVERY === 0) await events.forget(now - REMEMBER_MS)
      } catch (error) {
        log.warn({ error }, 'Events that nobody works could not be looked for')
      }
      await clock.sleep(SWEEP_MS, stopping.signal)
    }
  }

  return {
    of: (vendor) => ({
      async said(said) {
        await take(vendor, said.eventId, { kind: 'said', said }, said.at)
      },
      async pressed(pressed) {
        const taken = await take(vendor, pressed.eventId, { kind: 'pressed', pressed }, pressed.at)
        if (!taken.isNew) return taken.answer
        const enough = new AbortController()
        const late = clock.sleep(ANSWER_MS, enough.signal).then(() => WORKING)
        const answer = await Promise.race([taken.worked, late])
        enough.abort()
        return answer
      },
      async told(happened) {
        await take(vendor, happened.eventId, { kind: 'told', told: happened }, happened.at)
      },
      cardOf: (pressed, person) => bot.cardOf(pressed, { vendor, externalId: person, displayName: person }),
    }),
    start() {
      sweeping = sweep()
    },
    async stop() {
      stopping.abort()
      await sweeping
      await Promise.all(running.values())
    },
  }
}

type Taken = { isNew: false; answer: TapAnswer } | { isNew: true; worked: Promise<TapAnswer> }

function orderOf({ vendor, happened }: InboxEvent): string {
  switch (happened.kind) {
    case 'said':
      return `${vendor} ${happened.said.chat.id} ${happened.said.from.id}`
    case 'pressed':
      return `${vendor} ${happened.pressed.chat.id} ${happened.pressed.from.id}`
    case 'told':
      return `${vendor} ${happened.told.is === 'person-left' ? happened.told.person : happened.told.chat.id}`
  }
}

function chatRef(
  vendor: Vendor,
  { id, title, direct }: { id: string; title: string | null; direct: boolean },
): ChatRef {
  return { id: `${vendor}:${id}`, vendor, title: title ?? id, direct, pair: direct }
}

/** `dlv_x-2`: the second message of this delivery. */
function learnedOf({ key, handle }: NonNullable<PressedThere['learned']>): Parameters<Outbox['learn']> {
  const [, id = key, message = '1'] = /^(.*?)(?:-(\d+))?$/.exec(key) ?? []
  return [{ id, message: Number(message) }, handle]
}

function answerOf(shown: readonly ShownCard[]): TapAnswer {
  const last = shown.at(-1)
  return last ? { tone: last.card.tone, text: last.card.title } : KNOWN
}
