import { z } from 'zod'
import type { Instant } from '../../../lib/clock.ts'
import { never } from '../../../lib/never.ts'
import type { ShownCard } from '../../cards/card.ts'
import type { Edit, Handle, Post, Posted, Urge } from '../adapter.ts'
import { type Answer, type Failed, type Failure, failureOf, taskIsKnown } from './answers.ts'
import { codeHandle, liveCodes, withoutCodes } from './codes.ts'
import { taskOf } from './decode.ts'
import { type Place, placeOf } from './places.ts'
import { drawCard, drawMarkdown, drawText } from './render.ts'

export interface ShowingParts {
  api: { post(path: string, body: object): Promise<Answer> }
  /** Null: none is set up. */
  robot: {
    send(chat: string, body: object): Promise<Answer>
    upload(png: Uint8Array): Promise<Answer>
  } | null
  /** What WeCom calls a picture; null: it does not take it. */
  picture(png: string): Promise<{ is: 'ready'; id: string | null } | { is: 'failed'; failure: Failure }>
  agentId: number
  now(): Instant
}

/** Shows cards, changes them, and rings people. */
export interface Showing {
  post(post: Post): Promise<Posted>
  edit(edit: Edit): Promise<Posted>
  urge(urge: Urge): Promise<Posted>
}

/** One message of what may be several: a card does not hold much. */
type Message =
  | { is: 'markdown'; content: string }
  | { is: 'text'; content: string; mention: readonly string[] }
  | { is: 'picture'; png: string }
  | { is: 'card'; card: object }

// As long as WeCom compares requests.
const SAME_SECONDS = 14_400
const MOST_BEGUN = 200

export function createShowing({ api, robot, picture, agentId, now }: ShowingParts): Showing {
  /** What was sent of posts that broke off in the middle: cards that are taken are not told about again. */
  const begun = new Map<string, Handle>()

  return {
    async post(post) {
      const place = placeOf(post.to)
      if (place === null) return NO_SUCH_RECEIVER
      if (place.is === 'robot-chat' && robot === null) return NO_ROBOT
      let handle = begun.get(post.key) ?? {}
      let isThere = false
      for (const message of messagesOf(post, place)) {
        const sent = await send(message, place)
        if (sent.is === 'failed') {
          keepBegun(post.key, handle)
          return sent.posted
        }
        handle = withMessage(handle, sent.handle)
        isThere ||= sent.isThere === true
      }
      begun.delete(post.key)
      if (post.after !== null) await recall(post.after)
      return { is: 'accepted', handle, ...(isThere ? { asFirst: true } : {}) }
    },

    /** A code counts for one change. Which code WeCom answers for one that is spent is not known: any refusal is that. */
    async edit({ to, at, shown, key }) {
      const place = placeOf(to)
      if (place?.is !== 'member') return NOT_EDITABLE
      const { card, whole } = drawCard(shown, { task: taskOf(key, shown.version), mayPoint: true })
      const codes = liveCodes(at, now())
      if (codes.length === 0) return NOT_EDITABLE
      // What would not be readable on the card goes on in a new message.
      if (!whole) return { is: 'fixed', said: TOO_LONG, asked: false }
      return change(place.id, { at, card, codes })
    },

    async urge({ at, people, means }) {
      if (means !== 'phone')
        return { is: 'refused', said: { code: 'no-such-means', message: `WeCom cannot ring by ${means}` } }
      const answer = await api.post('/cgi-bin/pstncc/call', { callee_userid: people })
      if (answer.is !== 'ok') return failureOf(answer)
      const missed = missedBy(answer.body)
      return { is: 'accepted', handle: at, ...(missed.length > 0 ? { missed } : {}) }
    },
  }

  function keepBegun(key: string, handle: Handle): void {
    if (Object.keys(handle).length === 0) return
    begun.set(key, handle)
    const [oldest] = begun.keys()
    if (begun.size > MOST_BEGUN && oldest !== undefined) begun.delete(oldest)
  }

  async function change(
    member: string,
    { at, card, codes }: { at: Handle; card: object; codes: readonly string[] },
  ): Promise<Posted> {
    let refusal: Posted = NOT_EDITABLE
    for (const [i, name] of codes.entries()) {
      const answer = await api.post('/cgi-bin/message/update_template_card', {
        userids: [member],
        agentid: agentId,
        response_code: at[name],
        template_card: card,
      })
      if (answer.is === 'ok') return changed(answer.body, withoutCodes(at, codes.slice(0, i + 1)), now())
      const failed = failureOf(answer)
      if (failed.is !== 'refused') return failed
      refusal = { is: 'fixed', said: failed.said }
    }
    return refusal
  }

  async function send(message: Message, place: Place): Promise<Sent> {
    if (message.is !== 'picture') return deliver(bodyOf(message), place)
    const { png } = message
    const ready = place.is === 'robot-chat' ? await robotPicture(png) : await picture(png)
    if (ready.is === 'failed') return failed(notShown(ready.failure))
    // What it shows is said in words beside it.
    return ready.id === null
      ? { is: 'sent', handle: {} }
      : deliver({ msgtype: 'image', image: { media_id: ready.id } }, place)
  }

  async function robotPicture(png: string): ReturnType<ShowingParts['picture']> {
    const answer = await (robot?.upload(Buffer.from(png, 'base64')) ?? NOTHING)
    if (answer.is !== 'ok')
      return failureOf(answer).is === 'refused'
        ? { is: 'ready', id: null }
        : { is: 'failed', failure: answer }
    return { is: 'ready', id: mediaIdOf(answer.body) }
  }

  async function deliver(body: Readonly<Record<string, unknown>>, place: Place): Promise<Sent> {
    switch (place.is) {
      case 'member':
        return toMember(body, place.id)
      case 'app-group':
        return sentOf(await api.post('/cgi-bin/appchat/send', { chatid: place.id, ...body }), 'receiver')
      case 'robot-chat':
        return sentOf(await (robot?.send(place.id, body) ?? NOTHING), 'receiver')
      default:
        return never(place)
    }
  }

  async function toMember(body: Readonly<Record<string, unknown>>, member: string): Promise<Sent> {
    // The same picture may be meant twice; everything else carries its key.
    const once =
      body.msgtype === 'image' ? {} : { enable_duplicate_check: 1, duplicate_check_interval: SAME_SECONDS }
    const answer = await api.post('/cgi-bin/message/send', {
      touser: member,
      agentid: agentId,
      ...body,
      ...once,
    })
    if (answer.is !== 'ok') return sentOf(answer, 'app')
    const { invaliduser, unlicenseduser, msgid, response_code } = sentBody.catch({}).parse(answer.body)
    if (invaliduser) return failed(refused('invaliduser', 'The member is unknown, or does not see the app'))
    if (unlicenseduser)
      return failed(refused('unlicenseduser', 'The member has no licence for this interface'))
    return {
      is: 'sent',
      handle: {
        ...(msgid ? { messages: msgid } : {}),
        ...(response_code ? codeHandle(response_code, now()) : {}),
      },
    }
  }

  /** What is out of date goes once the newer one stands. WeCom allows it for a day; later the old one stays. */
  async function recall({ messages = '' }: Handle): Promise<void> {
    for (const msgid of messages.split(' ').filter(Boolean))
      await api.post('/cgi-bin/message/recall', { msgid })
  }
}

// --- what goes out --------------------------------------------------------------------------------------------------

/** The card first: its title is the notification, and WeCom knows it again when a lost answer makes us send all of it anew. */
function messagesOf({ shown, key, mention }: Post, place: Place): readonly Message[] {
  const pictures = pngsOf(shown).map((png): Message => ({ is: 'picture', png }))
  if (place.is === 'app-group')
    return [{ is: 'text', content: drawText(shown, { key }), mention }, ...pictures]
  const calls = place.is === 'robot-chat' ? mention : []
  const markdown: Message = { is: 'markdown', content: drawMarkdown(shown, { key, mention: calls }) }
  if (shown.buttons.length === 0) return [markdown, ...pictures]
  const { card, whole } = drawCard(shown, { task: taskOf(key), mayPoint: true })
  // A card mentions nobody.
  const needsWords = !whole || calls.length > 0
  return [{ is: 'card', card }, ...(needsWords ? [markdown] : []), ...pictures]
}

function bodyOf(message: Exclude<Message, { is: 'picture' }>): Readonly<Record<string, unknown>> {
  switch (message.is) {
    case 'markdown':
      return { msgtype: 'markdown', markdown: { content: message.content } }
    case 'text': {
      const { content, mention } = message
      const list = mention.length > 0 ? { mentioned_list: mention } : {}
      return { msgtype: 'text', text: { content, ...list } }
    }
    case 'card':
      return { msgtype: 'template_card', template_card: message.card }
    default:
      return never(message)
  }
}

function pngsOf({ card }: ShownCard): readonly string[] {
  return card.body.flatMap((block) => (block.is === 'picture' ? [block.png] : []))
}

// --- what came of it ------------------------------------------------------------------------------------------------

/** `isThere`: sent before, and left as it was. */
type Sent = { is: 'sent'; handle: Handle; isThere?: true } | { is: 'failed'; posted: Failed }

const sentBody = z.object({
  invaliduser: z.string().optional().catch(undefined),
  unlicenseduser: z.string().optional().catch(undefined),
  msgid: z.string().optional().catch(undefined),
  response_code: z.string().optional().catch(undefined),
})

function sentOf(answer: Answer, scope: 'app' | 'receiver'): Sent {
  if (taskIsKnown(answer)) return { is: 'sent', handle: {}, isThere: true }
  if (answer.is === 'ok') return { is: 'sent', handle: {} }
  return failed(failureOf(answer, scope))
}

function failed(posted: Failed): Sent {
  return { is: 'failed', posted }
}

function withMessage(handle: Handle, { messages, ...more }: Handle): Handle {
  const all = [...new Set([...idsIn(handle.messages), ...idsIn(messages)])].join(' ')
  return { ...handle, ...more, ...(all === '' ? {} : { messages: all }) }
}

function idsIn(messages = ''): string[] {
  return messages.split(' ').filter(Boolean)
}

/** An update may bring another code; the documents do not say so. */
function changed(body: unknown, handle: Handle, now: Instant): Posted {
  const read = sentBody.safeParse(body)
  const code = read.success ? read.data.response_code : undefined
  return { is: 'accepted', handle: code ? { ...handle, ...codeHandle(code, now) } : handle }
}

/** A picture could not be uploaded for now: nothing was shown. */
function notShown(failure: Failure): Failed {
  const posted = failureOf(failure)
  return posted.is === 'unreached' ? { ...posted, uncertain: false } : posted
}

export function mediaIdOf(body: unknown): string | null {
  const id = (body as { media_id?: unknown } | null)?.media_id
  return typeof id === 'string' && id !== '' ? id : null
}

const states = z.object({
  states: z.array(z.object({ code: z.number(), userid: z.string() })).catch([]),
})

function missedBy(body: unknown): string[] {
  const read = states.safeParse(body)
  return read.success ? read.data.states.filter(({ code }) => code !== 0).map(({ userid }) => userid) : []
}

function refused(code: string, message: string): Failed {
  return { is: 'refused', said: { code, message } }
}

const NO_SUCH_RECEIVER = refused('no-such-receiver', 'WeCom has no receivers of this form')
const NO_ROBOT = refused('no-robot', 'No robot is set up for this group')
const TOO_LONG = { code: 'too-long', message: 'It does not fit on the card any more' }
const NOT_EDITABLE: Posted = {
  is: 'fixed',
  said: { code: 'no-code', message: 'WeCom gave no code to change this message with' },
  asked: false,
}
const NOTHING: Answer = { is: 'lost', code: 'no-robot', message: 'No robot is set up', sent: false }
