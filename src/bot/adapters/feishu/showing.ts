import { z } from 'zod'
import type { ShownCard } from '../../cards/card.ts'
import type { Edit, Handle, Post, Posted, Receiver, Urge } from '../adapter.ts'
import type { DirectChats } from './direct-chats.ts'
import { acceptedAt, type Failure, isGone, postedOf, type Reply } from './outcome.ts'
import type { Pictures } from './pictures.ts'
import { renderCard } from './render.ts'

interface ShowingParts {
  api: {
    call(ask: {
      method: 'POST' | 'PATCH'
      path: string
      params?: Readonly<Record<string, string>>
      data: Readonly<Record<string, unknown>>
    }): Promise<Reply>
  }
  pictures: Pictures
  directs: DirectChats
}

/** Shows cards, edits them, and rings people about them. */
export interface Showing {
  post(post: Post): Promise<Posted>
  edit(edit: Edit): Promise<Posted>
  urge(urge: Urge): Promise<Posted>
}

export function createShowing({ api, pictures, directs }: ShowingParts): Showing {
  async function draw(shown: ShownCard, to: Receiver, mention: readonly string[] = []): Promise<Drawn> {
    const ready = await pictures.keysFor(shown)
    if (ready.is === 'failed') return ready
    const card = renderCard(shown, { pictures: ready.keys, mention, direct: to.is === 'person' })
    return { is: 'drawn', content: JSON.stringify(card) }
  }

  /** As a reply to what it goes on from, while that is there. */
  async function send({ to, after }: Post, message: Readonly<Record<string, string>>): Promise<Reply> {
    if (after !== null) {
      const reply = await api.call({ method: 'POST', path: `${pathOf(after)}/reply`, data: message })
      if (!isGone(reply)) return reply
    }
    return api.call({
      method: 'POST',
      path: MESSAGES,
      params: { receive_id_type: to.id.startsWith('oc_') ? 'chat_id' : 'open_id' },
      data: { receive_id: to.id, ...message },
    })
  }

  return {
    async post(post) {
      const drawn = await draw(post.shown, post.to, post.mention)
      if (drawn.is === 'failed') return notSent(drawn.reply)
      const message = { msg_type: 'interactive', content: drawn.content, uuid: post.key }
      const reply = await send(post, message)
      if (reply.is !== 'done') return postedOf(reply, 'post')
      const handle = handleOf(reply.body)
      if (handle === null) return postedOf(NAMELESS, 'post')
      if (post.to.is === 'person' && handle.chatId) directs.remember(post.to.id, handle.chatId)
      return { is: 'accepted', handle, asFirst: true }
    },
    async edit({ to, at, shown }) {
      const drawn = await draw(shown, to)
      if (drawn.is === 'failed') return notSent(drawn.reply)
      const reply = await api.call({ method: 'PATCH', path: pathOf(at), data: { content: drawn.content } })
      return reply.is === 'done' ? acceptedAt(at) : postedOf(reply, 'edit')
    },
    async urge({ at, people, means }) {
      const reply = await api.call({
        method: 'PATCH',
        path: `${pathOf(at)}/urgent_${means}`,
        params: { user_id_type: 'open_id' },
        data: { user_id_list: people },
      })
      return reply.is === 'done' ? acceptedAt(at, missedBy(reply.body)) : postedOf(reply, 'urge')
    },
  }
}

type Drawn = { is: 'drawn'; content: string } | { is: 'failed'; reply: Failure }

const MESSAGES = '/open-apis/im/v1/messages'

function pathOf({ messageId = '' }: Handle): string {
  return `${MESSAGES}/${encodeURIComponent(messageId)}`
}

const messageBody = z.object({
  data: z.object({ message_id: z.string().min(1), chat_id: z.string().optional() }),
})
const urgentBody = z.object({ data: z.object({ invalid_user_id_list: z.array(z.string()).catch([]) }) })

function handleOf(body: unknown): Handle | null {
  const read = messageBody.safeParse(body)
  if (!read.success) return null
  const { message_id, chat_id } = read.data.data
  return { messageId: message_id, ...(chat_id ? { chatId: chat_id } : {}) }
}

function missedBy(body: unknown): readonly string[] {
  const read = urgentBody.safeParse(body)
  return read.success ? read.data.data.invalid_user_id_list : []
}

const NAMELESS: Failure = {
  is: 'unreached',
  code: 'unreadable',
  message: 'The answer names no message',
  sent: true,
}

/** A picture could not be uploaded for now: nothing was shown. */
function notSent(reply: Failure): Posted {
  const posted = postedOf(reply, 'post')
  return posted.is === 'unreached' ? { ...posted, uncertain: false } : posted
}
