import type { Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { checkBody, checkCard } from './messages.ts'
import { Refusal } from './refusal.ts'
import { checkLimits, hex, type Message, show, slidingWindows, takeFault, type World } from './world.ts'

interface Frame {
  cmd?: string
  headers: { req_id: string }
  body?: Record<string, unknown>
}

const UPDATE_MS = 5_000

/** The smart robot's long connection: one at a time, the newer one ends the older. */
export interface RobotGateway {
  /** False: nobody is connected. */
  push(cmd: 'aibot_msg_callback' | 'aibot_event_callback', body: object): boolean
  /** A tap: its card may be changed once, within five seconds. Resolves when it was, or when it cannot be any more. */
  tap(message: Message, body: object): Promise<boolean>
  connections(): number
  /** How often somebody else's connection was ended by a new one. */
  kicked(): number
  disconnect(): Promise<void>
  close(): void
}

export function robotGateway(world: World, server: Server): RobotGateway {
  const sockets = new WebSocketServer({ server })
  const windows = slidingWindows(world.now)
  const open = new Set<WebSocket>()
  const taps = new Map<string, { message: Message; at: number; changed: (done: boolean) => void }>()
  const uploads = new Map<string, Buffer[]>()
  let live: WebSocket | null = null
  let kicks = 0

  sockets.on('connection', (socket) => {
    open.add(socket)
    socket.on('close', () => {
      open.delete(socket)
      if (live === socket) live = null
    })
    socket.on('error', () => {})
    socket.on('message', (data) => heard(socket, JSON.parse(String(data)) as Frame))
  })

  function heard(socket: WebSocket, frame: Frame): void {
    if (frame.cmd === 'aibot_subscribe') return void subscribe(socket, frame)
    if (socket !== live) return void acknowledge(socket, frame, new Refusal(40_001, 'not subscribed'))
    try {
      const told = COMMANDS[frame.cmd ?? '']?.(frame)
      if (!told) throw new Refusal(40_035, `unknown cmd ${frame.cmd}`)
      // It was shown, and nobody will ever hear of it.
      if (frame.cmd === 'aibot_send_msg' && takeFault(world, 'drop')) return void socket.terminate()
      acknowledge(socket, frame, told)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (error.errcode === 45009 || error.errcode === 45033) world.counts.limited++
      if ([40_008, 40_058, 42_045, 44_004, 45_002].includes(error.errcode)) world.counts.refused++
      acknowledge(socket, frame, error)
    }
  }

  function acknowledge(socket: WebSocket, { headers }: Frame, told: object | Refusal): void {
    const answer =
      told instanceof Refusal
        ? { headers, errcode: told.errcode, errmsg: told.message }
        : { headers, errcode: 0, errmsg: 'ok', body: told }
    socket.send(JSON.stringify(answer))
  }

  function subscribe(socket: WebSocket, frame: Frame): void {
    const { bot_id, secret } = frame.body ?? {}
    if (bot_id !== world.botId || secret !== world.botSecret) {
      acknowledge(socket, frame, new Refusal(40_001, 'invalid secret'))
      socket.close()
      return
    }
    const older = live
    live = socket
    acknowledge(socket, frame, {})
    if (!older) return
    kicks++
    older.send(
      JSON.stringify({
        cmd: 'aibot_event_callback',
        headers: { req_id: hex(8) },
        body: { msgid: hex(8), msgtype: 'event', event: { eventtype: 'disconnected_event' } },
      }),
    )
    older.close()
  }

  const COMMANDS: Readonly<Record<string, (frame: Frame) => object>> = {
    ping: () => ({}),
    aibot_send_msg: send,
    aibot_respond_update_msg: update,
    aibot_upload_media_init: () => {
      const upload_id = hex(8)
      uploads.set(upload_id, [])
      return { upload_id }
    },
    aibot_upload_media_chunk: ({ body = {} }) => {
      uploads.get(String(body.upload_id))?.push(Buffer.from(String(body.base64_data), 'base64'))
      return {}
    },
    aibot_upload_media_finish: ({ body = {} }) => {
      const bytes = Buffer.concat(uploads.get(String(body.upload_id)) ?? [])
      if (bytes.length <= 5) throw new Refusal(44_001, 'empty media data')
      const media_id = `media-${hex(20)}`
      world.media.set(media_id, world.now() + 3 * 24 * 3_600_000)
      return { type: 'image', media_id, created_at: Math.floor(world.now() / 1_000) }
    },
  }

  function send({ body = {} }: Frame): object {
    world.counts.posts++
    const { chatid, ...message } = body
    const id = String(chatid)
    checkLimits(world)
    const chat = world.chats.get(id)
    if (!chat?.robotIn || !chat.greeted) throw new Refusal(40_050, 'chatid is invalid')
    if (world.pace && !(windows.take(id, 30, 60_000) && windows.take(`${id} hour`, 1_000, 3_600_000))) {
      world.counts.overLimit++
      throw new Refusal(45009, 'api freq out of limit')
    }
    const known = {
      media: (one: string) => world.media.has(one),
      takesTask: (task: string) => !world.tasks.has(task) && Boolean(world.tasks.add(task)),
    }
    // Texts are refused here, unlike everywhere else.
    const checked = checkBody(message, { ...known, kinds: ['markdown', 'template_card', 'image'] })
    show(world, `bot:${id}`, checked)
    return {}
  }

  function update({ headers, body = {} }: Frame): object {
    world.counts.edits++
    const tap = taps.get(headers.req_id)
    if (!tap || world.now() - tap.at > UPDATE_MS) throw new Refusal(40_058, 'req_id is not one of a tap')
    taps.delete(headers.req_id)
    const { message } = tap
    const before = message.body.msgtype === 'template_card' ? message.body.template_card.task_id : undefined
    const card = checkCard(body.template_card, { takesTask: (task) => task === before })
    message.body = { msgtype: 'template_card', template_card: card }
    message.edits++
    tap.changed(true)
    return {}
  }

  function push(cmd: string, body: object, req_id = hex(8)): boolean {
    if (!live) return false
    live.send(JSON.stringify({ cmd, headers: { req_id }, body }))
    return true
  }

  return {
    push: (cmd, body) => push(cmd, body),
    tap(message, body) {
      const id = hex(8)
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, UPDATE_MS, false)
        const changed = (done: boolean) => {
          clearTimeout(timer)
          resolve(done)
        }
        taps.set(id, { message, at: world.now(), changed })
        if (!push('aibot_event_callback', body, id)) changed(false)
      })
    },
    connections: () => (live ? 1 : 0),
    kicked: () => kicks,
    async disconnect() {
      const closing = [...open].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
      for (const socket of open) socket.terminate()
      await Promise.all(closing)
    },
    close() {
      for (const socket of open) socket.terminate()
      sockets.close()
    },
  }
}
