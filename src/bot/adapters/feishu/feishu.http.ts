import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { ShownCard, Tone } from '../../cards/card.ts'
import type {
  AdapterParts,
  ChatAdapter,
  Connection,
  Handle,
  Posted,
  TapAnswer,
  Webhooks,
} from '../adapter.ts'
import { FEISHU_ABILITIES, FEISHU_PACE } from './abilities.ts'
import { checkFeishu } from './check.ts'
import { decodeEvent } from './decode.ts'
import { directChats } from './direct-chats.ts'
import { feishuDirectory } from './directory.ts'
import { createFeishuApi } from './feishu-api.http.ts'
import { createFeishuSocket } from './feishu-socket.http.ts'
import { feishuWebhooks } from './feishu-webhook.http.ts'
import { acceptedAt, isGone, postedOf, type Reply } from './outcome.ts'
import { uploadedPictures } from './pictures.ts'
import { cardFits, renderCard } from './render.ts'
import type { FeishuSetup } from './settings.ts'

/** Feishu and Lark: self-built app, its bot, cards of schema 2.0. */
export function createFeishu(parts: AdapterParts<FeishuSetup>): ChatAdapter & { webhooks?: Webhooks } {
  const { setup, inbox, clock, log } = parts
  const api = createFeishuApi(setup, clock)
  const directs = directChats()
  const pictures = uploadedPictures(api, digestOf)
  const bot = rememberedBot(api.call)
  const socket = createFeishuSocket({ ...parts, take })
  let heardAt: number | null = null
  let waiting: Connection = { is: 'stopped' }

  // --- in ---------------------------------------------------------------------------------------------------------

  /** Stored before it is acknowledged; past the deadline Feishu sends an event again. */
  async function take(body: unknown): Promise<unknown> {
    const heardBy = clock.now()
    heardAt = heardBy
    const left = () => heardBy + ACK_MS - clock.now()
    if (setup.mode === 'webhook') waiting = { is: 'waiting-for-calls', lastAt: heardBy }
    const own = await within(OWN_ID_MS, bot.info(), null)
    const decoded = decodeEvent(body, { appId: setup.appId, botId: own?.id ?? null, ...directs })
    switch (decoded.is) {
      case 'said':
        if (decoded.said.chat.direct) directs.remember(decoded.said.from.id, decoded.said.chat.id)
        return within(left(), inbox.said(decoded.said).then(nothing), LATE)
      case 'pressed':
        return within(left(), inbox.pressed(decoded.pressed).then(toastOf, brokenToast), STILL_WORKING)
      case 'told':
        return within(left(), inbox.told(decoded.told).then(nothing), LATE)
      case 'ignored':
        log.debug({ vendor: 'feishu', because: decoded.because }, 'an event was ignored')
        return {}
    }
  }

  async function within<T, U>(ms: number, work: Promise<T>, late: U | typeof LATE): Promise<T | U> {
    const enough = new AbortController()
    const winner = await Promise.race([work, clock.sleep(ms, enough.signal).then(() => late)]).finally(() =>
      enough.abort(),
    )
    if (winner === LATE) throw new Error('Not stored in time')
    return winner as T | U
  }

  // --- out --------------------------------------------------------------------------------------------------------

  async function draw(shown: ShownCard, look: { mention?: readonly string[]; direct: boolean }) {
    const keys = await pictures.keysFor(shown)
    return keys.is === 'failed'
      ? keys
      : { is: 'drawn' as const, content: JSON.stringify(renderCard(shown, { ...look, pictures: keys.keys })) }
  }

  const post: ChatAdapter['post'] = async ({ to, shown, key, mention, after }) => {
    const drawn = await draw(shown, { mention, direct: to.is === 'person' })
    if (drawn.is === 'failed') return notSent(drawn.reply)
    const message = { msg_type: 'interactive', content: drawn.content, uuid: key }
    const reply = await sendAfter(after, message, to.id)
    if (reply.is !== 'done') return postedOf(reply, 'post')
    const handle = handleOf(reply.body)
    if (handle === null) return unreadable('post')
    if (to.is === 'person' && handle.chatId) directs.remember(to.id, handle.chatId)
    return acceptedAt(handle)
  }

  /** As a reply to what it goes on from, while that is there. */
  async function sendAfter(
    after: Handle | null,
    message: Record<string, string>,
    to: string,
  ): Promise<Reply> {
    if (after?.messageId) {
      const path = `/open-apis/im/v1/messages/${encodeURIComponent(after.messageId)}/reply`
      const reply = await api.call({ method: 'POST', path, data: message })
      if (!isGone(reply)) return reply
    }
    return api.call({
      method: 'POST',
      path: '/open-apis/im/v1/messages',
      params: { receive_id_type: to.startsWith('oc_') ? 'chat_id' : 'open_id' },
      data: { receive_id: to, ...message },
    })
  }

  const edit: ChatAdapter['edit'] = async ({ to, at, shown }) => {
    const drawn = await draw(shown, { direct: to.is === 'person' })
    if (drawn.is === 'failed') return notSent(drawn.reply)
    const path = messagePath(at)
    const reply = await api.call({ method: 'PATCH', path, data: { content: drawn.content } })
    return reply.is === 'done' ? acceptedAt(at) : postedOf(reply, 'edit')
  }

  const urge: NonNullable<ChatAdapter['urge']> = async ({ at, people, means }) => {
    const reply = await api.call({
      method: 'PATCH',
      path: `${messagePath(at)}/urgent_${means}`,
      params: { user_id_type: 'open_id' },
      data: { user_id_list: people },
    })
    return reply.is === 'done' ? acceptedAt(at, missedBy(reply.body)) : postedOf(reply, 'urge')
  }

  // --- being there ------------------------------------------------------------------------------------------------

  const deaf = setup.mode === 'webhook' && setup.encryptKey === null

  async function start(): Promise<void> {
    await bot.info()
    if (setup.mode === 'socket') return socket.start()
    waiting = deaf
      ? {
          is: 'connecting',
          since: clock.now(),
          because: 'FEISHU_ENCRYPT_KEY is missing: nothing could be verified',
        }
      : { is: 'waiting-for-calls', lastAt: null }
    if (deaf) log.error({ vendor: 'feishu' }, 'webhook mode needs FEISHU_ENCRYPT_KEY; no event is taken')
  }

  async function stop(): Promise<void> {
    waiting = { is: 'stopped' }
    await socket.stop()
    api.stop()
  }

  const connection = () => (setup.mode === 'socket' ? socket.connection() : waiting)

  return {
    vendor: 'feishu',
    abilities: FEISHU_ABILITIES,
    pace: FEISHU_PACE,
    start,
    stop,
    connection,
    fits: (shown) => cardFits(renderCard(shown, { pictures: pictures.placeholders(shown), direct: true })),
    post,
    edit,
    urge,
    directory: feishuDirectory(api),
    async titleOf(chat) {
      const reply = await api.call({
        method: 'GET',
        path: `/open-apis/im/v1/chats/${encodeURIComponent(chat)}`,
      })
      const read = chatBody.safeParse(reply.is === 'done' ? reply.body : null)
      return read.success ? read.data.data.name || null : null
    },
    check: () => checkFeishu({ api, setup, connection: connection(), heardAt }),
    ...(setup.mode === 'webhook' ? { webhooks: feishuWebhooks({ setup, take, clock, log }) } : {}),
  }
}

// Feishu waits 3 s for an answer.
const ACK_MS = 2_700
const OWN_ID_MS = 500
const LATE = Symbol('late')

const TOASTS = {
  neutral: 'info',
  progress: 'info',
  good: 'success',
  warning: 'warning',
  bad: 'error',
} as const satisfies Record<Tone, string>

function toastOf({ tone, text }: TapAnswer): unknown {
  return { toast: { type: TOASTS[tone], content: text } }
}

function brokenToast(): unknown {
  return toastOf({
    tone: 'bad',
    text: '我们这边出错了，没有任何改动 · Something broke on our side; nothing was changed',
  })
}

const STILL_WORKING = toastOf({ tone: 'progress', text: '正在处理 · Working on it' })

function nothing(): unknown {
  return {}
}

// --- bodies -------------------------------------------------------------------------------------------------------

const messageBody = z.object({
  data: z.object({ message_id: z.string().min(1), chat_id: z.string().optional() }),
})
const urgentBody = z.object({ data: z.object({ invalid_user_id_list: z.array(z.string()).catch([]) }) })
const chatBody = z.object({ data: z.object({ name: z.string().optional() }) })
const botBody = z.object({ bot: z.object({ open_id: z.string().min(1) }) })

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

function messagePath(at: Handle): string {
  return `/open-apis/im/v1/messages/${encodeURIComponent(at.messageId ?? '')}`
}

function unreadable(doing: 'post'): Posted {
  return postedOf(
    { is: 'unreached', code: 'unreadable', message: 'The answer names no message', sent: true },
    doing,
  )
}

/** A picture could not be uploaded: nothing was shown yet. */
function notSent(reply: Exclude<Reply, { is: 'done' }>): Posted {
  const posted = postedOf(reply, 'post')
  return posted.is === 'unreached' ? { ...posted, uncertain: false } : posted
}

function digestOf(png: string): string {
  return createHash('sha256').update(png).digest('hex')
}

/** Asked once; asked again only while it is not known. */
function rememberedBot(call: (ask: { method: 'GET'; path: string }) => Promise<Reply>) {
  let known: { id: string } | null = null
  let asking: Promise<{ id: string } | null> | null = null

  async function ask() {
    const reply = await call({ method: 'GET', path: '/open-apis/bot/v3/info' })
    const read = botBody.safeParse(reply.is === 'done' ? reply.body : null)
    known = read.success ? { id: read.data.bot.open_id } : null
    return known
  }

  return {
    async info(): Promise<{ id: string } | null> {
      if (known) return known
      asking ??= ask().finally(() => {
        asking = null
      })
      return asking
    },
  }
}
