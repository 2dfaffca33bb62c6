import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { By, Language, Platform } from '../platform/platform.ts'
import { createAnswers } from './answers.ts'
import type { ShownCard } from './cards/card.ts'
import { disabledCard, faultCard, languageOf } from './cards/problem-cards.ts'
import { shownCard, shownInstead } from './cards/shown.ts'
import type { Command, Replies, Reply, Turn } from './commands/command.ts'
import { COMMANDS } from './commands/registry.ts'
import type { Chat, Conversation, KeptCard, Utterance } from './conversation.ts'
import { createFollowing } from './following.ts'
import { type Completion, complete } from './grammar/complete.ts'
import { type Asker, identify } from './identity.ts'
import type { ChatRef, Pressed, Said } from './inbound.ts'
import { maskSaid } from './mask-said.ts'
import type { PressSigner } from './press.ts'
import { defaultZone, type KeepDraft, type Outcome, type Session } from './session.ts'
import { createTaps } from './taps.ts'
import { createVoice, type Voice } from './texts/voice.ts'
import { createTitles } from './titles.ts'

/** The conversation: what is said and tapped comes in, cards come out. */
export interface Bot {
  /** Words. Empty when they were heard before, or are not for us. */
  hear(said: Said): Promise<readonly ShownCard[]>
  /** A tap or a form. */
  press(pressed: Pressed): Promise<readonly ShownCard[]>
  complete(text: string, caret: number, by: By): Promise<Completion>
  /** Something changed (`operation:op_…`, `incident:inc_…`): its cards are drawn anew, and shown where they belong. */
  follow(subject: string): Promise<void>
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
}

const SILENT: Observe = { command() {}, press() {} }

export function createBot(dependencies: BotDependencies): Bot {
  const { platform, conversation, signer, publish, clock, ids, log, observe = SILENT } = dependencies
  const commands = dependencies.commands ?? COMMANDS
  const titles = createTitles(platform.access, clock)
  const answers = createAnswers({ platform, commands })
  const following = createFollowing({ platform, conversation, clock, voiceIn, keep, publishCard })
  const taps = createTaps({ platform, conversation, signer, clock, answers })

  async function voiceIn(language: Language, zone: string): Promise<Voice> {
    return createVoice({ language, zone, now: clock.now(), titles: await titles() })
  }

  /** decode is the adapter's; identify → parse → authorise → approve → run → show. */
  async function hear(said: Said): Promise<readonly ShownCard[]> {
    const began = clock.now()
    const session = await open(said)
    const heard = await conversation.hear({
      chat: session.turn.chat.id,
      eventId: said.eventId,
      memberId: session.asker.by?.member.id ?? null,
      speaker: session.asker.displayName,
      text: maskSaid(said.text),
      at: said.at,
    })
    if (!heard) return []
    publish.utterance(heard)

    return guarded(session, async () => {
      if (isDisabled(session.asker)) return show(session.turn, disabledReply(session))
      const direct = said.chat.direct ?? true
      const answer = await answers.say(session.turn, said.text, { direct })
      observe.command(answer.command, answer.outcome, clock.now() - began)
      return show(session.turn, answer.replies)
    })
  }

  async function press(pressed: Pressed): Promise<readonly ShownCard[]> {
    const began = clock.now()
    const tap = await taps.read(pressed.press)
    const chat = tap.is === 'signed' ? await chatOf(tap.kept, pressed) : pressed.chat
    const session = await open({ ...pressed, chat })
    return guarded(session, async () => {
      if (isDisabled(session.asker)) return show(session.turn, disabledReply(session))
      const answer = await taps.answer(session, tap, {
        pressed,
        hearAs: (text) => hearAs(session, pressed, text),
      })
      observe.press(answer.kind, answer.outcome, clock.now() - began)
      return show(session.turn, answer.replies, tap.is === 'signed' ? tap.kept : null)
    })
  }

  /** Words that a button stands for are shown as said by whoever tapped it. */
  async function hearAs({ turn, asker }: Session, { eventId, at }: Pressed, text: string): Promise<boolean> {
    const heard = await conversation.hear({
      chat: turn.chat.id,
      eventId,
      memberId: asker.by?.member.id ?? null,
      speaker: asker.displayName,
      text: maskSaid(text),
      at,
    })
    if (heard) publish.utterance(heard)
    return heard !== null
  }

  async function open(inbound: Omit<Said, 'text'>): Promise<Session> {
    const where = { via: inbound.chat.id, requestId: inbound.requestId }
    const asker = await identify(inbound.speaker, where, platform)
    const member = asker.by?.member
    const first = inbound.language ?? member?.language ?? languageOf(inbound.chat.vendor)
    const chat = await conversation.chat(inbound.chat, first, inbound.at)
    const voice = await voiceIn(
      inbound.language ?? member?.language ?? chat.language,
      member?.zone ?? defaultZone(chat.language),
    )
    return { turn: turnOf(chat, asker, voice, inbound.requestId), asker }
  }

  function turnOf(chat: Chat, { by, account }: Asker, voice: Voice, requestId: string): Turn {
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
    }
  }

  async function chatOf(kept: KeptCard, pressed: Pressed): Promise<ChatRef> {
    const chat = await conversation.chatById(kept.chat)
    return chat ?? pressed.chat
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
      return show(session.turn, { card: faultCard(requestId, voice) })
    }
  }

  async function show(
    turn: Turn,
    replies: Replies,
    on: KeptCard | null = null,
  ): Promise<readonly ShownCard[]> {
    const shown: ShownCard[] = []
    for (const reply of [replies].flat()) shown.push(await showOne(turn, reply, on))
    return shown
  }

  async function showOne(turn: Turn, reply: Reply, on: KeptCard | null): Promise<ShownCard> {
    // The card that was tapped shows what came of it; a second one would only repeat it.
    if (on && on.subject !== null && on.subject === reply.follows?.subject) {
      await following.follow(on.subject)
      return shownCard((await conversation.card(on.id)) ?? on, signer)
    }
    const kept = await keep({
      id: ids.next('card'),
      chat: turn.chat.id,
      subject: reply.follows?.subject ?? null,
      subjectVersion: reply.follows?.version ?? 0,
      voice: turn.voice,
      card: reply.card,
      onlyFor: reply.private ? (turn.by?.member.id ?? null) : null,
    })
    if (!kept) throw new Error('A card with a fresh id was there already')
    if (reply.once) return shownInstead(kept, reply.once, signer)
    // What it follows may have moved on before the card was there to be drawn anew.
    const newest = reply.follows ? await following.catchUp(kept) : kept
    return shownCard(newest, signer)
  }

  async function keep(draft: KeepDraft): Promise<KeptCard | null> {
    const { voice, ...card } = draft
    const { language, zone } = voice
    const kept = await conversation.insert({ ...card, language, zone, at: clock.now() })
    if (kept) publishCard(kept)
    return kept
  }

  function publishCard(kept: KeptCard): void {
    publish.card(shownCard(kept, signer))
  }

  return {
    hear,
    press,
    complete: (text, caret, by) => complete({ text, caret, by }, { platform, commands }),
    follow: following.follow,
    shown: (kept) => shownCard(kept, signer),
    async openChat(ref, settings) {
      const chat = await conversation.chat(ref, settings.language, clock.now())
      await conversation.setChat(chat.id, settings)
      return { ...chat, ...settings }
    },
  }
}

function isDisabled({ by }: Asker): boolean {
  return by?.member.disabled === true
}

function disabledReply({ turn, asker }: Session): Reply {
  return { card: disabledCard(asker.displayName, turn.voice) }
}
