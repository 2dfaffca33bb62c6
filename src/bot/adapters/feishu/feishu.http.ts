import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Instant } from '../../../lib/clock.ts'
import type { AdapterParts, ChatAdapter, Connection, Webhooks } from '../adapter.ts'
import { FEISHU_ABILITIES, FEISHU_PACE } from './abilities.ts'
import { checkFeishu } from './check.ts'
import { directChats } from './direct-chats.ts'
import { feishuDirectory } from './directory.ts'
import { createFeishuApi, type FeishuApi } from './feishu-api.http.ts'
import { createFeishuSocket } from './feishu-socket.http.ts'
import { feishuWebhooks } from './feishu-webhook.http.ts'
import { createHearing } from './hearing.ts'
import { uploadedPictures } from './pictures.ts'
import { cardFits, renderCard } from './render.ts'
import type { FeishuSetup } from './settings.ts'
import { createShowing } from './showing.ts'

/** Feishu and Lark: a self-built app, its bot, cards of schema 2.0. */
export function createFeishu(parts: AdapterParts<FeishuSetup>): ChatAdapter & { webhooks?: Webhooks } {
  const { setup, clock, log } = parts
  const api = createFeishuApi(setup, clock)
  const directs = directChats()
  const pictures = uploadedPictures(api, digestOf)
  const botId = rememberedBotId(api)
  const hearing = createHearing({ ...parts, appId: setup.appId, directs, botId })
  const events = setup.mode === 'socket' ? overSocket() : overCalls()

  function overSocket(): Events {
    return createFeishuSocket({ ...parts, take: hearing.take })
  }

  function overCalls(): Events {
    const deaf = setup.encryptKey === null
    let startedAt: Instant | null = null
    return {
      async start() {
        startedAt = clock.now()
        if (deaf) log.error({ vendor: 'feishu' }, `${DEAF}; no event is taken`)
      },
      async stop() {
        startedAt = null
      },
      connection() {
        if (startedAt === null) return { is: 'stopped' }
        return deaf
          ? { is: 'connecting', since: startedAt, because: DEAF }
          : { is: 'waiting-for-calls', lastAt: hearing.heardAt() }
      },
    }
  }

  return {
    vendor: 'feishu',
    abilities: FEISHU_ABILITIES,
    pace: FEISHU_PACE,
    async start() {
      await botId()
      await events.start()
    },
    async stop() {
      await events.stop()
      api.stop()
    },
    connection: events.connection,
    fits: (shown) => cardFits(renderCard(shown, { pictures: pictures.placeholders(shown), direct: true })),
    ...createShowing({ api, pictures, directs }),
    directory: feishuDirectory(api),
    titleOf: (chat) => titleOf(api, chat),
    check: () => checkFeishu({ api, setup, connection: events.connection(), heardAt: hearing.heardAt() }),
    ...(setup.mode === 'webhook' ? { webhooks: feishuWebhooks({ ...parts, take: hearing.take }) } : {}),
  }
}

interface Events {
  start(): Promise<void>
  stop(): Promise<void>
  connection(): Connection
}

const DEAF = 'FEISHU_ENCRYPT_KEY is missing, so that nothing could be verified'

const chatBody = z.object({ data: z.object({ name: z.string() }) })

async function titleOf(api: FeishuApi, chat: string): Promise<string | null> {
  const path = `/open-apis/im/v1/chats/${encodeURIComponent(chat)}`
  const reply = await api.call({ method: 'GET', path })
  const read = chatBody.safeParse(reply.is === 'done' ? reply.body : null)
  return read.success ? read.data.data.name || null : null
}

const botBody = z.object({ bot: z.object({ open_id: z.string().min(1) }) })

/** Asked once; again only while it is not known. */
function rememberedBotId(api: FeishuApi): () => Promise<string | null> {
  let known: string | null = null
  let asking: Promise<string | null> | null = null

  async function ask(): Promise<string | null> {
    const reply = await api.call({ method: 'GET', path: '/open-apis/bot/v3/info' })
    const read = botBody.safeParse(reply.is === 'done' ? reply.body : null)
    known = read.success ? read.data.bot.open_id : null
    return known
  }

  return async () => {
    if (known !== null) return known
    asking ??= ask().finally(() => {
      asking = null
    })
    return asking
  }
}

function digestOf(png: string): string {
  return createHash('sha256').update(png).digest('hex')
}
