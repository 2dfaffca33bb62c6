import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { AccountRef, By, Language, Platform } from '../platform/platform.ts'
import type { Vendor } from './adapters/adapter.ts'
import { createAnswers } from './answers.ts'
import type { ShownCard } from './cards/card.ts'
import { disabledCard, faultCard, languageOf, tooLateCard } from './cards/problem-cards.ts'
import { shownCard } from './cards/shown.ts'
import { type ChatNews, createChatNews } from './chat-news.ts'
import type { Command, Reply, Turn } from './commands/command.ts'
import { COMMANDS } from './commands/registry.ts'
import type { Chat, Conversation, KeptCard, Utterance } from './conversation.ts'
import { vendorOf } from './delivery/carriage.ts'
import { isShortName } from './delivery/draw.ts'
import { createFollowing, type Following } from './following.ts'
import { type Completion, complete } from './grammar/complete.ts'
import { type Asker, identify } from './identity.ts'
import type { ChatRef, Pressed, Said } from './inbound.ts'
import { cardIdsOf, createKeep } from './keep.ts'
import { maskSaid } from './mask-said.ts'
import { createNotices, type Notices } from './notices.ts'
import { NOTHING_OUTSIDE, type Outside } from './outside.ts'
import type { Pictures } from './pictures/pictures.ts'
import type { PressSigner } from './press.ts'
import { type CardIds, defaultZone, type Outcome, type Session } from './session.ts'
import { createShowing } from './showing.ts'
import type { StormStore } from './storms/storm-store.ts'
import { createStorms, NO_STORMS } from './storms/storms.ts'
import { createTaps } from './taps.ts'
import { createVoice, type Voice } from './texts/voice.ts'
import { createTitles } from './titles.ts'

/** The conversation: what is said and tapped comes in, cards come out. */
export interface Bot extends ChatNews, Notices {
  /** Words. Empty when they were heard before, or are not for us. */
  hear(said: Said): Promise<readonly ShownCard[]>
  /** A tap or a form. */
  press(pressed: Pressed): Promise<readonly ShownCard[]>
  /** What came too late to be done: it is said so, and nothing else. */
  heardTooLate(late: Said | Pressed): Promise<readonly ShownCard[]>
  /** The card that a press is on, as it is now. Null: gone, or not for this person. */
  cardOf(press: string, account: AccountRef): Promise<ShownCard | null>
  complete(text: string, caret: number, by: By): Promise<Completion>
  /** Something changed (`operation:op_…`, `incident:inc_…`): its cards are drawn anew, and shown where they belong. */
  follow(subject: string): Promise<void>
  /** Storms that are over end: what was folded and is still open is shown by itself. */
  tend(): Promise<void>
  /** A kept card as a chat gets it: in words, with its buttons signed. */
  shown(kept: KeptCard): ShownCard
  /** Makes a chat known before anybody speaks in it, such as a team's own. */
  openChat(ref: ChatRef, settings: { language: Language; teamId: string | null }): Promise<Chat>
}

/** The live feed. A card that is `onlyFor` somebody goes to nobody else. */
export interface Publish {
  card(shown: ShownCard): void
  utterance(utterance: Utterance): void
}

/** For metrics. */
export interface Observe {
  command(name: string, outcome: Outcome, ms: number): void
  press(kind: string, outcome: Outcome, ms: number): void
}

export interface BotDependencies {
  platform: Platform
  conversation: Conversation
  signer: PressSigner
  publish: Publish
  clock: Clock
  ids: Ids
  log: Log
  observe?: Observe
  commands?: readonly Command[]
  outside?: Outside
  /** Left out: no storm is ever folded. */
  storms?: StormStore
  /** Left out: cards go without pictures. */
  pictures?: Pictures
}

const SILENT: Observe = { command() {}, press() {} }

export function createBot(dependencies: BotDependencies): Bot {
  const { platform, conversation, signer, publish, clock, ids, log, observe = SILENT } = dependencies
  const { commands = COMMANDS, outside = NOTHING_OUTSIDE } = dependencies
  const titles = createTitles(platform.access, clock)
  const { storms: store, pictures = null } = dependencies
  const storms = store ? createStorms({ platform, store, clock }) : NO_STORMS
  const answers = createAnswers({ platform, commands })
  const keep = createKeep({ conversation, carriage: outside.carriage, publishCard, clock })
  const following: Following = createFollowing({
    ...{ platform, conversation, clock, voiceIn, keep, storms, publishCard },
    carriage: outside.carriage,
  })
  const showing = createShowing({ conversation, outside, following, signer, keep })
  const taps = createTaps({ platform, conversation, signer, clock, answers })
  const notices = createNotices({
    ...{ platform, conversation, keep, storms, voiceIn, clock, pictures },
    carriage: outside.carriage,
  })
  const news = createChatNews({ platform, conversation, keep, voiceIn, clock, ids })

  async function voiceIn(language: Language, zone: string): Promise<Voice> {
    return createVoice({ language, zone, now: clock.now(), titles: await titles() })
  }

  /** decode is the adapter's; identify → parse → authorise → approve → run → show. */
  async function hear(said: Said): Promise<readonly ShownCard[]> {
    const began = clock.now()
    const direct = said.chat.direct ?? true
    // What people say to each other is neither answered nor kept.
    if (!direct && answers.isTalk(said.text)) return []
    const session = await open(said, { isTap: false })
    if (!(await isNew(session, said, said.text))) return []
    return guarded(session, async () => {
      if (isDisabled(session.asker)) return showing.show(session, disabledReply(session))
      const answer = await answers.say(session.turn, said.text, { direct })
      observe.command(answer.command, answer.outcome, clock.now() - began)
      return showing.show(session, answer.replies)
    })
  }

  async function press(given: Pressed): Promise<readonly ShownCard[]> {
    const began = clock.now()
    const pressed = { ...given, press: await whole(given.press) }
    const tap = await taps.read(pressed.press)
    const chat = tap.is === 'signed' ? await chatOf(tap.kept, pressed) : pressed.chat
    const session = await open({ ...pressed, chat }, { isTap: true })
    return guarded(session, async () => {
      if (isDisabled(session.asker)) return showing.show(session, disabledReply(session))
      const answer = await taps.answer(session, tap, {
        pressed,
        hearAs: (text) => isNew(session, pressed, text),
      })
      observe.press(answer.kind, answer.outcome, clock.now() - began)
      return showing.show(session, answer.replies, tap.is === 'signed' ? tap.kept : null)
    })
  }

  async function heardTooLate(late: Said | Pressed): Promise<readonly ShownCard[]> {
    const session = await open(late, { isTap: !('text' in late) })
    const said = 'text' in late ? maskSaid(late.text) : null
    const begun = (late.tries ?? 1) > 1
    const drawn = tooLateCard({ said, ageMs: clock.now() - late.at, begun }, session.turn.voice)
    return guarded(session, () => showing.show(session, { card: drawn, aside: true }))
  }

  async function cardOf(short: string, account: AccountRef): Promise<ShownCard | null> {
    const tap = await taps.read(await whole(short))
    if (tap.is !== 'signed') return null
    const { kept } = tap
    const member = kept.onlyFor === null ? null : await platform.access.memberOf(account)
    return kept.onlyFor === (member?.id ?? null) ? shownCard(kept, signer) : null
  }

  /** Long presses travel by a short name. */
  async function whole(press: string): Promise<string> {
    return isShortName(press) ? ((await outside.presses.byId(press)) ?? press) : press
  }

  /** Keeps and shows what was said; a button's words are said by who tapped it. False: it was heard before. */
  async function isNew(
    { turn, asker }: Session,
    inbound: Omit<Said, 'text'>,
    text: string,
  ): Promise<boolean> {
    const heard = await conversation.hear({
      chat: turn.chat.id,
      eventId: inbound.eventId,
      memberId: asker.by?.member.id ?? null,
      speaker: asker.displayName,
      text: maskSaid(text),
      at: inbound.at,
    })
    if (heard) publish.utterance(heard)
    // Heard, but perhaps not answered: whoever began died.
    return heard !== null || (inbound.tries ?? 1) > 1
  }

  async function open(inbound: Omit<Said, 'text'>, { isTap }: { isTap: boolean }): Promise<Session> {
    const where = { via: inbound.chat.id, requestId: inbound.requestId }
    const asker = await identify(inbound.speaker, where, platform)
    const member = asker.by?.member
    const chat = await conversation.chat(inbound.chat, firstLanguage(inbound, asker), inbound.at)
    const voice = await voiceIn(
      inbound.language ?? member?.language ?? chat.language,
      member?.zone ?? defaultZone(chat.language),
    )
    const cardIds = cardIdsOf(ids, inbound)
    const turn = turnOf(chat, asker, { voice, cardIds, requestId: inbound.requestId })
    return { turn, asker, isTap, cardIds }
  }

  function turnOf(
    chat: Chat,
    { by, account }: Asker,
    { voice, cardIds, requestId }: { voice: Voice; cardIds: CardIds; requestId: string },
  ): Turn {
    return {
      platform,
      commands,
      chat,
      voice,
      by,
      account,
      requestId,
      may: (verb, subject) => by !== null && platform.access.mightDo(by.member, by.token, verb, subject),
      setChat: (change) => conversation.setChat(chat.id, change),
      desk: outside.desk,
      pictures,
      call: (wanted) => call(chat, cardIds.next(), wanted),
    }
  }

  /** A card of their own, by the best way there is, with the vendor's urgent means. */
  async function call(
    chat: Chat,
    id: string,
    wanted: Parameters<Turn['call']>[0],
  ): Promise<readonly Vendor[]> {
    const { member, means, draw } = wanted
    const voice = await voiceIn(member.language, member.zone)
    const card = draw(voice)
    const way = {
      memberId: member.id,
      from: chat,
      urgency: 'urgent',
      ring: { means, text: card.title },
    } as const
    const deliveries = await outside.carriage.toPerson(way)
    if (deliveries.length === 0) return []
    const whose = { onlyFor: member.id, memberId: member.id }
    await keep({ id, chat, subject: null, subjectVersion: 0, voice, card, ...whose }, deliveries)
    return deliveries.map(({ vendor }) => vendor)
  }

  /** A card of our page is answered on it; one that was carried elsewhere, where it was tapped. */
  async function chatOf(kept: KeptCard, pressed: Pressed): Promise<ChatRef> {
    if (pressed.chat.vendor !== 'web') return pressed.chat
    const chat = await conversation.chatById(kept.chat)
    return chat ? { ...chat, pair: chat.direct } : pressed.chat
  }

  /** A surprise is ours: it is logged, and the asker is told what to quote. */
  async function guarded(
    session: Session,
    work: () => Promise<readonly ShownCard[]>,
  ): Promise<readonly ShownCard[]> {
    try {
      return await work()
    } catch (error) {
      const { requestId, voice, chat } = session.turn
      log.error({ error, requestId, chat: chat.id }, 'A message could not be answered')
      observe.command('-', 'fault', 0)
      return showing.show(session, { card: faultCard(requestId, voice) })
    }
  }

  function publishCard(kept: KeptCard): void {
    publish.card(shownCard(kept, signer))
  }

  return {
    ...news,
    ...notices,
    hear,
    press,
    heardTooLate,
    cardOf,
    complete: (text, caret, by) => complete({ text, caret, by }, { platform, commands }),
    follow: following.follow,
    async tend() {
      for (const { subject, incidents } of await storms.calm()) {
        await following.follow(subject)
        for (const id of incidents) await following.follow(`incident:${id}`)
      }
    },
    shown: (kept) => shownCard(kept, signer),
    async openChat(ref, settings) {
      const chat = await conversation.chat(ref, settings.language, clock.now())
      await conversation.setChat(chat.id, settings)
      return { ...chat, ...settings }
    },
  }
}

/** Of a chat that is new to us: a group's is not that of who happens to speak first. */
function firstLanguage({ language, chat }: Pick<Said, 'language' | 'chat'>, { by }: Asker): Language {
  const usual = languageOf(chat.vendor)
  const isGroup = vendorOf(chat) !== null && chat.pair !== true
  return language ?? (isGroup ? usual : (by?.member.language ?? usual))
}

function isDisabled({ by }: Asker): boolean {
  return by?.member.disabled === true
}

function disabledReply({ turn, asker }: Session): Reply {
  return { card: disabledCard(asker.displayName, turn.voice) }
}
