import type { MessageMetadata } from '@slack/types'
import type { Clock } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type { ShownCard } from '../../cards/card.ts'
import type { ChatAdapter, Edit, Handle, Post, Posted, Receiver, Urge } from '../adapter.ts'
import { EDITS } from './abilities.ts'
import { type Budget, take } from './budget.ts'
import { keyOf, metadataOf, URGE_EVENT } from './key.ts'
import { type Fault, postedOf, wordsOf } from './outcome.ts'
import type { Pictures } from './pictures.http.ts'
import { draw, isPerson } from './render.ts'
import type { Asked, SlackApi } from './slack-api.http.ts'
import { escaped } from './text.ts'

export interface MessagesParts {
  api: SlackApi
  pictures: Pictures
  clock: Clock
  log: Log
}

export type Messages = Required<Pick<ChatAdapter, 'post' | 'edit' | 'find' | 'urge'>>

type Found = Awaited<ReturnType<Messages['find']>>

const PICTURE_READY_MS = 1_000
const NO_PLACE = {
  is: 'no',
  code: 'message_not_found',
  message: 'no place was kept',
  retryAfterMs: null,
} as const
const NO_CHANNEL = { ...NO_PLACE, code: 'channel_not_found', message: 'no conversation was opened' } as const
/** The thread to go on in is gone or closed: then without it. */
const THREAD_GONE = new Set([
  'thread_not_found',
  'message_not_found',
  'cannot_reply_to_message',
  'thread_locked',
])

export function createMessages({ api, pictures, clock, log }: MessagesParts): Messages {
  /** Conversations of two, by person: they never change. */
  const conversations = new Map<string, string>()
  let edits: Budget = { left: EDITS.count, at: clock.now() }

  async function channelOf(to: Receiver): Promise<{ ok: true; id: string } | { ok: false; fault: Fault }> {
    if (to.is === 'chat') return { ok: true, id: to.id }
    const known = conversations.get(to.id)
    if (known) return { ok: true, id: known }
    const opened = await api.ask((client) => client.conversations.open({ users: to.id }))
    if (!opened.ok) return opened
    const id = opened.value.channel?.id
    if (!id) return { ok: false, fault: NO_CHANNEL }
    conversations.set(to.id, id)
    return { ok: true, id }
  }

  // --- post -------------------------------------------------------------------------------------------------------

  async function post(wanted: Post): Promise<Posted> {
    const channel = await channelOf(wanted.to)
    if (!channel.ok) return postedOf(channel.fault, 'step')
    const blocked = await withPictures(wanted.shown)
    if (blocked) return blocked
    const thread = wanted.after?.channel === channel.id ? (wanted.after.ts ?? null) : null
    const sent = await send({ wanted, channel: channel.id, thread })
    if (sent.is === 'refused' && sent.said.code === 'channel_not_found' && wanted.to.is === 'person') {
      conversations.delete(wanted.to.id)
    }
    return sent
  }

  /** What must come of the picture first; null: go on. Where files are not allowed, words stand instead. */
  async function withPictures(shown: ShownCard): Promise<Posted | null> {
    const uploaded = await pictures.upload(shown)
    if (uploaded.ok) return null
    const posted = postedOf(uploaded.fault, 'step')
    if (posted.is === 'limited' || posted.is === 'unreached') return posted
    log.warn({ code: wordsOf(uploaded.fault).code }, 'slack: a picture was not taken; its words are shown')
    return null
  }

  interface Sending {
    wanted: Post
    channel: string
    thread: string | null
    /** Pictures as words. */
    inWords?: boolean
    again?: boolean
  }

  async function send(sending: Sending): Promise<Posted> {
    const { wanted, channel, thread, inWords = false } = sending
    const drawn = draw(wanted.shown, {
      mention: wanted.mention,
      fileOf: inWords ? () => null : pictures.fileOf,
    })
    const message = {
      channel,
      ...drawn,
      ...PLAIN,
      metadata: metadataOf(wanted.key) as MessageMetadata,
    }
    const inThread = thread === null ? null : ({ thread_ts: thread, reply_broadcast: true } as const)
    const asked = await api.ask(({ chat }) =>
      inThread ? chat.postMessage({ ...message, ...inThread }) : chat.postMessage(message),
    )
    if (asked.ok) return placed(asked.value)
    const another = nextTry(sending, asked.fault)
    if (!another) return postedOf(asked.fault, 'post')
    if (another.again) await clock.sleep(PICTURE_READY_MS)
    return send(another)
  }

  // --- edit -------------------------------------------------------------------------------------------------------

  async function edit({ at, shown, key }: Edit): Promise<Posted> {
    const { channel, ts } = at
    if (!channel || !ts) return postedOf(NO_PLACE, 'edit')
    // Slack counts edits of all messages together; the outbox counts them per message.
    const taken = take(edits, EDITS, clock.now())
    edits = taken.budget
    if (taken.waitMs !== null) return postedOf({ is: 'limited', ms: taken.waitMs }, 'edit')
    const blocked = await withPictures(shown)
    if (blocked) return blocked
    const drawn = draw(shown, { mention: [], fileOf: pictures.fileOf })
    const metadata = metadataOf(key) as MessageMetadata
    const asked = await api.ask((client) =>
      client.chat.update({ channel, ts, ...drawn, ...AS_IT_IS, metadata }),
    )
    return asked.ok ? { is: 'accepted', handle: { channel, ts } } : postedOf(asked.fault, 'edit')
  }

  // --- find -------------------------------------------------------------------------------------------------------

  /** Looks for our key among what was said since the card was made. */
  async function find({ to, key, shown, after }: Post): Promise<Found> {
    const channel = await channelOf(to)
    if (!channel.ok) return { is: 'unknown' }
    const since = (Math.min(shown.createdAt, clock.now()) - SKEW_MS) / 1_000
    const history = { channel: channel.id, oldest: since.toFixed(6) }
    const there = await search(key, channel.id, (page) =>
      api.ask((client) => client.conversations.history({ ...history, ...page })),
    )
    if (there.is !== 'absent' || after?.channel !== channel.id || !after.ts) return there
    const thread = { channel: channel.id, ts: after.ts }
    return search(key, channel.id, (page) =>
      api.ask((client) => client.conversations.replies({ ...thread, ...page })),
    )
  }

  // --- urge -------------------------------------------------------------------------------------------------------

  async function urge({ at, people, means, text }: Urge): Promise<Posted> {
    if (means !== 'app') return NO_SUCH_MEANS
    const outcomes: { person: string; posted: Posted }[] = []
    for (const person of people) outcomes.push({ person, posted: await urgeOne(person, { at, text }) })
    const reached = outcomes.find(({ posted }) => posted.is === 'accepted')
    const [first] = outcomes
    if (!reached) return first?.posted ?? { is: 'accepted', handle: at }
    const missed = outcomes.flatMap(({ person, posted }) => (posted.is === 'accepted' ? [] : [person]))
    return { is: 'accepted', handle: at, missed }
  }

  /** Their own conversation rings, wherever they are: in the thread of the message when it is there, else with a link to it. */
  async function urgeOne(person: string, { at, text }: Pick<Urge, 'at' | 'text'>): Promise<Posted> {
    const channel = await channelOf({ is: 'person', id: person })
    if (!channel.ok) return postedOf(channel.fault, 'step')
    const isThere = channel.id === at.channel
    const link = isThere ? null : await linkTo(at)
    const asked = await api.ask((client) =>
      client.chat.postMessage({
        channel: channel.id,
        text: [isPerson(person) ? `<@${person}>` : '', escaped(text), link ? `<${link}>` : '']
          .filter(Boolean)
          .join(' '),
        unfurl_links: false,
        unfurl_media: false,
        metadata: { event_type: URGE_EVENT, event_payload: { channel: at.channel ?? '', ts: at.ts ?? '' } },
        ...(isThere && at.ts && { thread_ts: at.ts }),
      }),
    )
    return asked.ok ? placed(asked.value) : postedOf(asked.fault, 'post')
  }

  async function linkTo({ channel, ts }: Handle): Promise<string | null> {
    if (!channel || !ts) return null
    const asked = await api.ask((client) => client.chat.getPermalink({ channel, message_ts: ts }))
    return asked.ok ? (asked.value.permalink ?? null) : null
  }

  return { post, edit, find, urge }

  function nextTry(sending: Sending, fault: Fault): Sending | null {
    if (fault.is !== 'no') return null
    if (sending.thread !== null && THREAD_GONE.has(fault.code)) return { ...sending, thread: null }
    const hasPictures = sending.wanted.shown.card.body.some(({ is }) => is === 'picture')
    if (fault.code !== 'invalid_blocks' || !hasPictures || sending.inWords) return null
    // A file that has just come may not be ready to be shown; if it is no better later, its words are.
    return sending.again ? { ...sending, inWords: true, again: false } : { ...sending, again: true }
  }
}

/** Nothing in `text` is to become a link or a mention but what we mark as one. */
const AS_IT_IS = { parse: 'none', link_names: false } as const
const PLAIN = { ...AS_IT_IS, unfurl_links: false, unfurl_media: false } as const

const NO_SUCH_MEANS: Posted = {
  is: 'refused',
  said: { code: 'no_such_means', message: 'Slack sends no text messages and makes no calls' },
}

function placed({ channel, ts }: { channel?: string; ts?: string }): Posted {
  if (channel && ts) return { is: 'accepted', handle: { channel, ts } }
  return {
    is: 'unreached',
    uncertain: true,
    said: { code: 'no_place', message: 'an answer without a place' },
  }
}

// --- looking for a key --------------------------------------------------------------------------------------------

const SKEW_MS = 5 * 60_000
const PAGE = 200
const MOST_PAGES = 5

interface Page {
  limit: number
  include_all_metadata: true
  cursor?: string
}

interface Listed {
  messages?: { ts?: string; metadata?: unknown }[]
  response_metadata?: { next_cursor?: string }
}

async function search(
  key: string,
  channel: string,
  ask: (page: Page) => Promise<Asked<Listed>>,
): Promise<Found> {
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const asked = await ask({ limit: PAGE, include_all_metadata: true, ...(cursor && { cursor }) })
    if (!asked.ok) return { is: 'unknown' }
    const found = asked.value.messages?.find(({ metadata }) => keyOf(metadata) === key)
    if (found?.ts) return { is: 'there', handle: { channel, ts: found.ts } }
    cursor = asked.value.response_metadata?.next_cursor
    if (!cursor) return { is: 'absent' }
  }
  return { is: 'unknown' }
}
