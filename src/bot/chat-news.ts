import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { AccountRef, Language, Member, Operation, Platform } from '../platform/platform.ts'
import type { Vendor } from './adapters/adapter.ts'
import { card, says, text } from './cards/build.ts'
import type { Card } from './cards/card.ts'
import { leftCard } from './cards/left-card.ts'
import { languageOf } from './cards/problem-cards.ts'
import { testCard, testOf } from './cards/test-card.ts'
import type { Conversation } from './conversation.ts'
import type { ChatRef } from './inbound.ts'
import { followingId, type Keep } from './keep.ts'
import { defaultZone } from './session.ts'
import { teamChats } from './team-chats.ts'
import type { Voice } from './texts/voice.ts'

/** What happens in chats besides talking. Each may be told twice and is done once. */
export interface ChatNews {
  /** We were let into a group: we say hello, and how to go on. */
  joined(chat: ChatRef, requestId: string): Promise<void>
  /** We were put out of it: nothing is shown there any more. */
  leftChat(chat: ChatRef): Promise<void>
  /** A card to one person's account there, to see whether that chat works: `testOf` tells what became of it. */
  test(test: { id: string; vendor: Vendor; account: string; member: Member }): Promise<void>
  /** Somebody left the company: their account is refused from now on, and their teams hear what is still open. */
  personLeft(account: Pick<AccountRef, 'vendor' | 'externalId'>, requestId: string): Promise<void>
}

export interface ChatNewsDependencies {
  platform: Platform
  conversation: Conversation
  keep: Keep
  voiceIn(language: Language, zone: string): Promise<Voice>
  clock: Clock
  ids: Ids
}

export function createChatNews(dependencies: ChatNewsDependencies): ChatNews {
  const { platform, conversation, keep, voiceIn, clock, ids } = dependencies

  async function tellTeams(left: Member, open: readonly Operation[], requestId: string): Promise<void> {
    const teams = [...left.roles.values()].map(({ team }) => team)
    const { access } = platform
    const around = await Promise.all(
      teams.map((team) => teamChats({ team, environment: null }, { conversation, access })),
    )
    const places = new Map(around.flat().map((place) => [place.chat.id, place]))
    for (const { chat, zone } of places.values()) {
      const voice = await voiceIn(chat.language, zone)
      const whose = { chat, subject: null, subjectVersion: 0, onlyFor: null, memberId: null }
      await keep({
        ...whose,
        id: followingId(`${requestId} ${chat.id}`),
        voice,
        card: leftCard(left.displayName, open, voice),
      })
    }
  }

  return {
    async joined(ref, requestId) {
      const chat = await conversation.chat(ref, languageOf(ref.vendor), clock.now())
      const voice = await voiceIn(chat.language, defaultZone(chat.language))
      const whose = { chat, subject: null, subjectVersion: 0, onlyFor: null, memberId: null }
      await keep({ ...whose, id: followingId(requestId), voice, card: helloCard(voice) })
    },
    async leftChat(ref) {
      if (await conversation.chatById(ref.id)) await conversation.setChat(ref.id, { leftAt: clock.now() })
    },
    async test({ id, vendor, account, member }) {
      // A conversation of two, whose place with the vendor nobody knows before they speak.
      const place = { id: `${vendor}:@${member.id}`, vendor, title: member.displayName, pair: true }
      const chat = await conversation.chat(place, member.language, clock.now())
      const voice = await voiceIn(member.language, member.zone)
      const draft = { id, chat, subject: testOf(id).subject, subjectVersion: 1, voice }
      const whose = { onlyFor: member.id, memberId: member.id }
      const way = { receiver: { is: 'person', id: account }, urgency: 'ordinary' } as const
      await keep({ ...draft, ...whose, card: testCard(id, null, voice) }, [
        { id: ids.next('dlv'), vendor, memberId: member.id, ...way },
      ])
    },
    async personLeft(account, requestId) {
      const left = await platform.access.accountLeft(account, requestId)
      if (left) await tellTeams(left, await platform.operations.openBy(left.id), requestId)
    },
  }
}

function helloCard({ t }: Voice): Card {
  return card('neutral', t.chat.hello, {
    body: [text(t.chat.helloText)],
    buttons: [says(t.button.help, '/help')],
  })
}
