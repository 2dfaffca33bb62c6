import type { Clock } from '../lib/clock.ts'
import { never } from '../lib/never.ts'
import type { Language, Member, Notice, NoticeContent, Platform } from '../platform/platform.ts'
import type { Card } from './cards/card.ts'
import { digestCard } from './cards/digest-card.ts'
import { incidentCard } from './cards/incident-card.ts'
import { ackEndsCard, gapCard, handoffCard, silenceEndsCard, swapCard } from './cards/notice-cards.ts'
import { stormCard } from './cards/storm-card.ts'
import type { Chat, Conversation } from './conversation.ts'
import type { NewDelivery } from './delivery/delivery.ts'
import { followingId, type Keep } from './keep.ts'
import type { Outside } from './outside.ts'
import { digestChart } from './pictures/digest-chart.ts'
import type { Pictures } from './pictures/pictures.ts'
import { defaultZone } from './session.ts'
import { CALM } from './storms/storm.ts'
import type { Storms } from './storms/storms.ts'
import { teamChats } from './team-chats.ts'
import type { Voice } from './texts/voice.ts'

export type TellAnswer = 'told' | 'no-way'

export interface Notices {
  /** Tells people what a notice says, once however often it is asked. `no-way`: there is none to reach them. */
  tell(notice: Notice): Promise<TellAnswer>
}

export interface NoticesDependencies {
  platform: Platform
  conversation: Conversation
  carriage: Outside['carriage']
  keep: Keep
  storms: Storms
  voiceIn(language: Language, zone: string): Promise<Voice>
  clock: Clock
  /** Null: cards go without. */
  pictures: Pictures | null
}

interface Drawn {
  draw(voice: Voice): Card
  follows: { subject: string; version: number } | null
}

export function createNotices(dependencies: NoticesDependencies): Notices {
  const { platform, conversation, carriage, keep, storms, voiceIn, clock, pictures } = dependencies

  async function tell({ id, content }: Notice): Promise<TellAnswer> {
    switch (content.is) {
      case 'page':
        return page(id, content)
      case 'ack-ends':
        return toMember(id, content.memberId, await ofIncident(content.incidentId, ackEndsCard))
      case 'chat':
        return toChat(id, content.chatId, await ofIncident(content.incidentId, null))
      case 'silence-ends':
        return silenceEnds(id, content.silenceId)
      case 'handoff':
      case 'gap':
        return toTeam(id, content)
      case 'swap':
        return swapAsked(id, content.swapId)
      case 'digest':
        return digest(id, content.digestId)
      case 'hook':
        throw new Error(`A notice of the kind ${content.is} is told elsewhere.`)
      default:
        return never(content)
    }
  }

  async function page(id: string, content: Extract<NoticeContent, { is: 'page' }>): Promise<TellAnswer> {
    const storm = await foldedInto(content)
    if (storm) return toMember(`${content.memberId} ${storm.subject}`, content.memberId, storm.drawn, content)
    const drawn = await ofIncident(content.incidentId, null)
    return toMember(id, content.memberId, drawn, content)
  }

  /** Who is called for hundreds of things is called once for all of them. */
  async function foldedInto({ incidentId, memberId }: { incidentId: string; memberId: string }) {
    const incident = await platform.incidents.byId(incidentId)
    const admitted = incident ? await storms.admit(`member:${memberId}`, incident) : { show: true as const }
    if (admitted.show) return null
    const { subject } = admitted
    const storm = (await storms.ofSubject(subject))?.storm
    const draw = (voice: Voice) => stormCard(storm ?? CALM, voice)
    return { subject, drawn: { draw, follows: { subject, version: storm?.version ?? 0 } } }
  }

  /** `draw` null: the incident's own card, which follows it. */
  async function ofIncident(incidentId: string, draw: typeof ackEndsCard | null): Promise<Drawn | null> {
    const incident = await platform.incidents.byId(incidentId)
    if (!incident) return null
    if (draw) return { draw: (voice) => draw(incident, voice), follows: null }
    const job = incident.subject.is === 'job' ? await platform.jobs.find(incident.subject.name) : null
    return {
      draw: (voice) => incidentCard(incident, job?.ok ? job.value : null, voice),
      follows: { subject: `incident:${incident.id}`, version: incident.version },
    }
  }

  /** In their own chat, by the way they prefer, and rung by its urgent means where they are called. */
  async function toMember(
    noticeId: string,
    memberId: string,
    drawn: Drawn | null,
    call: Pick<Extract<NoticeContent, { is: 'page' }>, 'means' | 'vendor'> | null = null,
  ): Promise<TellAnswer> {
    const member = await platform.access.memberById(memberId)
    if (!member || member.disabled || !drawn) return 'no-way'
    const voice = await voiceIn(member.language, member.zone)
    const card = drawn.draw(voice)
    const chat = await pairChat(member, call?.vendor ?? 'web')
    const means = call && call.means !== 'message' ? call.means : null
    const deliveries = await carriage.toPerson({
      memberId,
      from: chat,
      urgency: call ? 'urgent' : 'ordinary',
      ring: means && { means, text: card.title },
    })
    if (deliveries.length === 0) return 'no-way'
    await keepOnce(noticeId, { chat, voice, card, follows: drawn.follows, onlyFor: memberId }, deliveries)
    return 'told'
  }

  /** A conversation of two, whose place with the vendor is found by who they are. */
  function pairChat(member: Member, vendor: string): Promise<Chat> {
    const place = { id: `${vendor}:@${member.id}`, vendor, title: member.displayName, pair: true }
    return conversation.chat(place, member.language, clock.now())
  }

  async function toChat(noticeId: string, chatId: string, drawn: Drawn | null): Promise<TellAnswer> {
    const chat = await conversation.chatById(chatId)
    if (!chat || chat.leftAt !== null || !drawn) return 'no-way'
    const voice = await voiceIn(chat.language, defaultZone(chat.language))
    await keepOnce(`${noticeId} ${chat.id}`, {
      ...{ chat, voice, card: drawn.draw(voice), follows: drawn.follows, onlyFor: null },
    })
    return 'told'
  }

  async function silenceEnds(noticeId: string, silenceId: string): Promise<TellAnswer> {
    const silence = await platform.silences.byId(silenceId)
    if (silence?.state !== 'active' || silence.chatId === null) return 'no-way'
    const { count } = await platform.silences.preview(silence.matchers)
    const draw = (voice: Voice) => silenceEndsCard(silence, count, voice)
    return toChat(noticeId, silence.chatId, { draw, follows: null })
  }

  async function toTeam(
    noticeId: string,
    content: Extract<NoticeContent, { is: 'handoff' | 'gap' }>,
  ): Promise<TellAnswer> {
    const schedule = await platform.onCall.scheduleById(content.scheduleId)
    if (!schedule) return 'no-way'
    const draw =
      content.is === 'gap' ? gapOf(schedule.name, content) : await handoffOf(schedule.team, content)
    if (!draw) return 'no-way'
    const places = await teamChats(
      { team: schedule.team, environment: null },
      { conversation, access: platform.access },
    )
    for (const { chat, zone } of places) {
      const voice = await voiceIn(chat.language, zone)
      await keepOnce(`${noticeId} ${chat.id}`, {
        chat,
        voice,
        card: draw(voice),
        follows: null,
        onlyFor: null,
      })
    }
    return places.length > 0 ? 'told' : 'no-way'
  }

  /** To the team's chats, in the language of each, with a picture where one can be drawn. */
  async function digest(noticeId: string, digestId: string): Promise<TellAnswer> {
    const known = await platform.digests.byId(digestId)
    if (!known) return 'no-way'
    const about = { team: known.team, environment: null }
    const places = await teamChats(about, { conversation, access: platform.access })
    for (const { chat } of places) {
      const voice = await voiceIn(chat.language, known.facts.zone)
      const png = pictures && (await pictures.png(digestChart(known.facts, voice)))
      await keepOnce(`${noticeId} ${chat.id}`, {
        ...{ chat, voice, card: digestCard(known, png, voice), follows: null, onlyFor: null },
      })
    }
    return places.length > 0 ? 'told' : 'no-way'
  }

  function gapOf(schedule: string, { from, to }: Extract<NoticeContent, { is: 'gap' }>) {
    return (voice: Voice) => gapCard({ schedule, from, to }, voice)
  }

  async function handoffOf(
    team: string,
    { at, before, schedule }: Extract<NoticeContent, { is: 'handoff' }>,
  ) {
    const now = (await platform.onCall.now(team, at)).find((each) => each.schedule === schedule)
    if (!now) return null
    const open = await platform.incidents.openOfTeam(team)
    return (voice: Voice) => handoffCard({ now, before, open }, voice)
  }

  async function swapAsked(noticeId: string, swapId: string): Promise<TellAnswer> {
    const swap = await platform.onCall.swap(swapId)
    if (!swap) return 'no-way'
    const member = await platform.access.memberByName(swap.asked.name)
    const follows = { subject: `swap:${swap.id}`, version: swap.version }
    return member
      ? toMember(noticeId, member.id, { draw: (voice) => swapCard(swap, voice), follows })
      : 'no-way'
  }

  async function keepOnce(
    of: string,
    {
      follows,
      onlyFor,
      ...rest
    }: {
      chat: Chat
      voice: Voice
      card: Card
      follows: Drawn['follows']
      onlyFor: string | null
    },
    deliveries?: readonly NewDelivery[],
  ): Promise<void> {
    const whose = { onlyFor, memberId: onlyFor }
    const subject = { subject: follows?.subject ?? null, subjectVersion: follows?.version ?? 0 }
    await keep({ id: followingId(of), ...rest, ...whose, ...subject }, deliveries)
  }

  return { tell }
}
