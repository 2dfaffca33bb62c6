import type { Clock } from '../lib/clock.ts'
import type { IncidentView, Language, Platform } from '../platform/platform.ts'
import type { Card } from './cards/card.ts'
import { incidentCard } from './cards/incident-card.ts'
import { swapCard } from './cards/notice-cards.ts'
import { operationCard } from './cards/operation-card.ts'
import { stormCard } from './cards/storm-card.ts'
import { testCard, testOf } from './cards/test-card.ts'
import type { Chat, Conversation, KeptCard } from './conversation.ts'
import type { NewDelivery, Urgency } from './delivery/delivery.ts'
import { followingId, type Keep } from './keep.ts'
import type { Outside } from './outside.ts'
import { defaultZone } from './session.ts'
import type { Storms } from './storms/storms.ts'
import { type Place, teamChats } from './team-chats.ts'
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
  carriage: Outside['carriage']
  storms: Storms
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
  /** Whether the team's own chats, and which others. */
  toTeam: boolean
  chats: readonly string[]
  urgency: Urgency
  /** Members who are named in the message, where the chat can. */
  mention: readonly string[]
  /** An incident, of which there may be too many at once for cards of their own. */
  incident: IncidentView | null
}

const TRIES = 5
/** What is told as everything is. */
const PLAIN = { toTeam: true, chats: [], urgency: 'ordinary', mention: [], incident: null } as const

export function createFollowing(dependencies: FollowingDependencies): Following {
  const { platform, conversation, clock, voiceIn, keep, carriage, storms, publishCard } = dependencies

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
    if (kind === 'swap') return swapOf(subject, id)
    if (kind === 'storm') return stormOf(subject)
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
      ...PLAIN,
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
      // What waits for the digest is shown to who asks.
      announced: incident.closed === null && incident.tier !== 'P3',
      team: incident.team,
      environment: incident.environment === '' ? null : incident.environment,
      via: null,
      toTeam: incident.toTeam,
      chats: incident.chats,
      urgency: incident.tier === 'P0' ? 'urgent' : 'ordinary',
      incident,
      mention: callsPeople(incident) ? incident.onCall.map(({ memberId }) => memberId) : [],
    }
  }

  async function stormOf(subject: string): Promise<Followed | null> {
    const found = await storms.ofSubject(subject)
    if (!found) return null
    const { storm, chatId } = found
    const place = { announced: storm.since !== null, team: null, environment: null, via: null }
    const only = { ...PLAIN, toTeam: false, chats: [chatId], urgency: 'urgent' as const }
    return { subject, version: storm.version, draw: (voice) => stormCard(storm, voice), ...place, ...only }
  }

  async function swapOf(subject: string, id: string): Promise<Followed | null> {
    const swap = await platform.onCall.swap(id)
    if (!swap) return null
    const { version } = swap
    const nowhere = { announced: false, team: null, environment: null, via: null }
    return { subject, version, draw: (voice) => swapCard(swap, voice), ...nowhere, ...PLAIN }
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
      ...PLAIN,
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
    for (const { chat, zone } of await placesOf(followed)) {
      // The card of who asked comes with the answer; it may only not be there yet.
      if (shownIn.has(chat.id) || chat.id === followed.via) continue
      if (followed.incident && !(await isAdmitted(chat.id, followed.incident))) continue
      const voice = await voiceIn(chat.language, zone)
      const draft = {
        id: followingId(`${followed.subject} ${chat.id}`),
        chat,
        subject: followed.subject,
        subjectVersion: followed.version,
        voice,
        card: followed.draw(voice),
        onlyFor: null,
        memberId: null,
      }
      await keep(draft, await deliveriesTo(chat, followed))
    }
  }

  /** What is folded is told by the storm's card. */
  async function isAdmitted(chatId: string, incident: IncidentView): Promise<boolean> {
    const admitted = await storms.admit(chatId, incident)
    if (!admitted.show) await follow(admitted.subject)
    return admitted.show
  }

  async function placesOf(followed: Followed): Promise<readonly Place[]> {
    const places = followed.toTeam ? await teamChats(followed, { conversation, access: platform.access }) : []
    const known = new Set(places.map(({ chat }) => chat.id))
    const others = await Promise.all(
      followed.chats.filter((id) => !known.has(id)).map((id) => conversation.chatById(id)),
    )
    const there = others.flatMap((chat) => (chat && chat.leftAt === null ? [chat] : []))
    return [...places, ...there.map((chat) => ({ chat, zone: defaultZone(chat.language) }))]
  }

  async function deliveriesTo(chat: Chat, { urgency, mention }: Followed): Promise<readonly NewDelivery[]> {
    const parcel = { chat, onlyFor: null, memberId: null, account: null, once: null }
    const deliveries = await carriage.of(parcel)
    if (urgency === 'ordinary' && mention.length === 0) return deliveries
    const reaches = await Promise.all(mention.map((id) => platform.access.reachOf(id)))
    const accounts = reaches.flatMap((reach) => reach?.accounts ?? [])
    return deliveries.map((delivery) => ({
      ...delivery,
      urgency,
      mention: accounts
        .filter(({ vendor }) => vendor === delivery.vendor)
        .map(({ externalId }) => externalId),
    }))
  }

  return { follow, catchUp }
}

/** P0 and P1 are somebody's to answer, as long as nobody has. */
function callsPeople({ tier, state }: IncidentView): boolean {
  return (tier === 'P0' || tier === 'P1') && state === 'triggered'
}
