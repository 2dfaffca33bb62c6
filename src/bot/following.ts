import type { Clock } from '../lib/clock.ts'
import type { Language, Platform } from '../platform/platform.ts'
import type { Card } from './cards/card.ts'
import { incidentCard } from './cards/incident-card.ts'
import { operationCard } from './cards/operation-card.ts'
import { testCard, testOf } from './cards/test-card.ts'
import type { Conversation, KeptCard } from './conversation.ts'
import { followingId, type Keep } from './keep.ts'
import { teamChats } from './team-chats.ts'
import type { Voice } from './texts/voice.ts'

export interface Following {
  /** Draws every card of the subject anew, and shows it in the team's chats when people must see it. */
  follow(subject: string): Promise<void>
  /** Draws this one card anew if its subject has moved on. */
  catchUp(kept: KeptCard): Promise<KeptCard>
}

export interface FollowingDependencies {
  platform: Platform
  conversation: Conversation
  clock: Clock
  voiceIn(language: Language, zone: string): Promise<Voice>
  keep: Keep
  publishCard(kept: KeptCard): void
}

/** What cards follow, as it is now. */
interface Followed {
  subject: string
  version: number
  draw(voice: Voice): Card
  /** Shown in the team's chats without anybody asking. */
  announced: boolean
  team: string | null
  /** Null: of no environment in particular. */
  environment: string | null
  /** Where it was asked for: its card is there. */
  via: string | null
}

const TRIES = 5

export function createFollowing(dependencies: FollowingDependencies): Following {
  const { platform, conversation, clock, voiceIn, keep, publishCard } = dependencies

  async function follow(subject: string): Promise<void> {
    const followed = await lookUp(subject)
    if (!followed) return
    const cards = await conversation.cardsOf(subject)
    for (const kept of cards) await redraw(kept, followed)
    if (followed.announced) await announce(followed, new Set(cards.map(({ chat }) => chat)))
  }

  async function catchUp(kept: KeptCard): Promise<KeptCard> {
    const followed = kept.subject === null ? null : await lookUp(kept.subject)
    return followed ? redraw(kept, followed) : kept
  }

  async function lookUp(subject: string): Promise<Followed | null> {
    const [kind, id = ''] = subject.split(':')
    if (kind === 'operation') return operationOf(subject, id)
    if (kind === 'incident') return incidentOf(subject, id)
    return kind === 'chat-test' ? testFollowed(subject, id) : null
  }

  async function operationOf(subject: string, id: string): Promise<Followed | null> {
    const operation = await platform.operations.byId(id)
    if (!operation) return null
    const job = await platform.jobs.find(operation.job.name)
    const view = { operation, job: job.ok ? job.value : null, joined: false }
    return {
      subject,
      version: operation.version,
      draw: (voice) => operationCard(view, voice),
      announced: operation.state === 'waiting-approval',
      team: operation.job.team,
      environment: operation.job.environment,
      via: operation.via,
    }
  }

  async function incidentOf(subject: string, id: string): Promise<Followed | null> {
    const incident = await platform.incidents.byId(id)
    if (!incident) return null
    const job = incident.subject.is === 'job' ? await platform.jobs.find(incident.subject.name) : null
    return {
      subject,
      version: incident.version,
      draw: (voice) => incidentCard(incident, job?.ok ? job.value : null, voice),
      announced: incident.closed === null,
      team: incident.team,
      environment: incident.environment,
      via: null,
    }
  }

  async function testFollowed(subject: string, test: string): Promise<Followed> {
    const tap = await conversation.tapOf(testOf(test).pressId)
    return {
      subject,
      version: tap ? 2 : 1,
      draw: (voice) => testCard(test, tap, voice),
      announced: false,
      team: null,
      environment: null,
      via: null,
    }
  }

  /** Somebody else may draw it at the same time: whoever shows the newer version wins. */
  async function redraw(kept: KeptCard, followed: Followed): Promise<KeptCard> {
    let now = kept
    for (let tries = 0; tries < TRIES && now.subjectVersion < followed.version; tries++) {
      const voice = await voiceIn(now.language, now.zone)
      const edited = await conversation.edit(now.id, {
        version: now.version,
        subjectVersion: followed.version,
        card: followed.draw(voice),
        at: clock.now(),
      })
      if (edited) {
        publishCard(edited)
        return edited
      }
      now = (await conversation.card(now.id)) ?? now
    }
    return now
  }

  async function announce(followed: Followed, shownIn: ReadonlySet<string>): Promise<void> {
    for (const { chat, zone } of await teamChats(followed, { conversation, access: platform.access })) {
      // The card of who asked comes with the answer; it may only not be there yet.
      if (shownIn.has(chat.id) || chat.id === followed.via) continue
      const voice = await voiceIn(chat.language, zone)
      await keep({
        id: followingId(`${followed.subject} ${chat.id}`),
        chat,
        subject: followed.subject,
        subjectVersion: followed.version,
        voice,
        card: followed.draw(voice),
        onlyFor: null,
        memberId: null,
      })
    }
  }

  return { follow, catchUp }
}
