import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { AdapterParts, ChatAdapter, Connection, Webhooks } from '../adapter.ts'
import { WECOM_PACE, wecomAbilities } from './abilities.ts'
import { createApi, type WecomApi } from './api.http.ts'
import { wecomDirectory } from './directory.ts'
import { findingsOf } from './findings.ts'
import { createHearing } from './hearing.ts'
import { uploadedPictures } from './pictures.ts'
import { placeOf } from './places.ts'
import { fitsWecom } from './render.ts'
import { createRobot } from './robot.http.ts'
import type { WecomSetup } from './settings.ts'
import { createShowing } from './showing.ts'
import { wecomWebhooks } from './webhooks.http.ts'

/** An app for members' own chats, and a smart robot for groups. */
export function createWecom(parts: AdapterParts<WecomSetup>): ChatAdapter & { webhooks?: Webhooks } {
  const { setup, inbox, clock, log, random } = parts
  const { corpId, agentId, callback, bot } = setup
  const api = createApi({ setup, clock })
  const hearing = createHearing({ app: { corpId, agentId }, robotId: bot?.id ?? null, inbox, clock, log })
  const robot = bot && createRobot({ bot, hearing, clock, random, log })
  const { picture } = uploadedPictures({ upload: api.upload, digestOf, now: clock.now })
  const { post, edit, urge } = createShowing({ api, robot, picture, agentId, now: clock.now })

  function connection(): Connection {
    const held = robot?.connection()
    // Another process may hold the robot's connection; calls to the app are taken by every one.
    if (held && (held.is !== 'stopped' || callback === null)) return held
    return callback === null
      ? { is: 'outgoing-only' }
      : { is: 'waiting-for-calls', lastAt: hearing.calledAt() }
  }

  return {
    vendor: 'wecom',
    abilities: wecomAbilities(setup),
    pace: WECOM_PACE,
    // A second connection of the same robot ends the first.
    ...(robot ? { alone: true as const } : {}),
    async start() {
      await robot?.start()
    },
    async stop() {
      await robot?.stop()
      await api.close()
    },
    connection,
    fits: fitsWecom,
    post,
    edit,
    urge,
    directory: wecomDirectory(api),
    titleOf: (chat) => titleOf(api, chat),
    async check() {
      const token = await api.token()
      const works = token.is === 'ok'
      const agent = works ? await api.get('/cgi-bin/agent/get', { agentid: String(agentId) }) : null
      const directory = works ? await api.get('/cgi-bin/department/simplelist') : null
      const looked = {
        token,
        agent,
        directory,
        calledAt: hearing.calledAt(),
        robot: robot?.connection() ?? null,
      }
      return findingsOf(looked, setup)
    },
    ...(callback ? { webhooks: wecomWebhooks({ corpId, callback, hearing, clock, log }) } : {}),
  }
}

const chatBody = z.object({ chat_info: z.object({ name: z.string() }) })

/** Of groups that the app made; nothing tells the name of a robot's group. */
async function titleOf(api: WecomApi, chat: string): Promise<string | null> {
  const place = placeOf({ is: 'chat', id: chat })
  if (place?.is !== 'app-group') return null
  const answer = await api.get('/cgi-bin/appchat/get', { chatid: place.id })
  const read = chatBody.safeParse(answer.is === 'ok' ? answer.body : null)
  return read.success ? read.data.chat_info.name || null : null
}

function digestOf(png: string): string {
  return createHash('sha256').update(png).digest('hex')
}
