import express, { type Express, type Request, type Response } from 'express'
import { checkCard } from './card.ts'
import { type Chat, hex, type Message, slidingWindows, type World } from './world.ts'

const UUID_MS = 3_600_000
const EDITABLE_MS = 14 * 24 * 3_600_000
const CARD_BYTES = 30 * 1024
const PICTURE_BYTES = 10 * 1024 * 1024

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
  }
}

/** The open platform's HTTP interface, as far as a bot uses it. */
export function openApis(world: World): Express {
  const app = express()
  const windows = slidingWindows(world.now)
  app.disable('x-powered-by')
  app.use((request, response, next) => {
    world.calls.push({
      method: request.method,
      path: request.path,
      authorization: request.get('authorization') ?? '',
    })
    setTimeout(next, world.faults.slowMs)
    response.setHeader('x-tt-logid', hex(8))
  })
  app.use(express.json({ limit: '2mb' }))
  app.post('/open-apis/auth/v3/tenant_access_token/internal', (request, response) =>
    giveToken(request, response),
  )
  app.use('/open-apis', checkToken)
  app.use('/open-apis', injected)

  app.get('/open-apis/bot/v3/info', (_, response) => {
    const bot = { activate_status: 2, app_name: 'Sluice', avatar_url: '', open_id: world.botId }
    response.json({ code: 0, msg: 'ok', bot })
  })
  app.post('/open-apis/im/v1/messages', showing('posts', createMessage))
  app.post('/open-apis/im/v1/messages/:id/reply', showing('posts', replyToMessage))
  app.patch('/open-apis/im/v1/messages/:id', showing('edits', patchMessage))
  app.patch('/open-apis/im/v1/messages/:id/:urgent', answering(urge))
  app.post(
    '/open-apis/im/v1/images',
    express.raw({ type: 'multipart/form-data', limit: '12mb' }),
    answering(takePicture),
  )
  app.get('/open-apis/im/v1/chats/:id', answering(chatInfo))
  app.get('/open-apis/contact/v3/users/find_by_department', answering(departmentPeople))
  app.get('/open-apis/contact/v3/users/:id', answering(userInfo))
  app.get('/open-apis/contact/v3/departments/0/children', answering(departments))

  // --- tokens -----------------------------------------------------------------------------------------------------

  function giveToken({ body }: Request, response: Response): void {
    if (body.app_id !== world.appId) return void response.json({ code: 10003, msg: 'invalid app_id' })
    if (body.app_secret !== world.appSecret)
      return void response.json({ code: 10014, msg: 'app secret invalid' })
    const token = `t-${hex(16)}`
    world.counts.tokens++
    world.issued.add(token)
    world.tokens.set(token, world.now() + world.faults.tokenSeconds * 1_000)
    response.json({ code: 0, msg: 'ok', tenant_access_token: token, expire: world.faults.tokenSeconds })
  }

  function checkToken(request: Request, response: Response, next: () => void): void {
    const token = /^Bearer (t-\w+)$/.exec(request.get('authorization') ?? '')?.[1]
    const error = { log_id: hex(10) }
    if (!token)
      return void response
        .status(400)
        .json({ code: 99991661, msg: 'Missing access token for authorization', error })
    if ((world.tokens.get(token) ?? 0) <= world.now())
      return void response
        .status(400)
        .json({ code: 99991663, msg: 'Invalid access token for authorization', error })
    next()
  }

  function injected(request: Request, response: Response, next: () => void): void {
    const at = world.faults.answers.findIndex(({ path }) => path.test(request.originalUrl))
    const [answer] = at < 0 ? [] : world.faults.answers.splice(at, 1)
    if (!answer) next()
    else
      response.status(answer.status).json({ code: answer.code, msg: answer.msg, error: { log_id: hex(10) } })
  }

  // --- answering --------------------------------------------------------------------------------------------------

  function answering(work: (request: Request) => object) {
    return (request: Request, response: Response) => {
      try {
        limitApp(request)
        response.json({ code: 0, msg: 'success', data: work(request) })
      } catch (error) {
        refuse(response, error)
      }
    }
  }

  /** Calls that show something: faults strike here. */
  function showing(kind: 'posts' | 'edits', work: (request: Request) => object) {
    return (request: Request, response: Response) => {
      world.counts[kind]++
      try {
        if (takeFault('garbage'))
          return void response.status(502).type('html').send('<html>Bad Gateway</html>')
        limitByFault()
        limitApp(request)
        const data = work(request)
        if (takeFault('drop') || chanceOf('droppedAfterAccept')) return void request.socket.destroy()
        response.json({ code: 0, msg: 'success', data })
      } catch (error) {
        refuse(response, error)
      }
    }
  }

  function refuse(response: Response, error: unknown): void {
    if (!(error instanceof Refusal)) throw error
    if (isLimit(error)) world.counts.limited++
    else if ([230001, 230025, 230099].includes(error.code) && !error.message.includes('receive_id'))
      world.counts.refused++
    const { status, code, message: msg, headers } = error
    response
      .status(status)
      .set(headers)
      .json({ code, msg, error: { log_id: hex(10) } })
  }

  function takeFault(which: 'garbage' | 'drop' | 'limit'): boolean {
    if (world.faults[which] <= 0) return false
    world.faults[which]--
    return true
  }

  function chanceOf(which: 'limited' | 'droppedAfterAccept'): boolean {
    const { chance } = world.faults
    return chance !== null && chance.next() < chance[which]
  }

  function limitByFault(): void {
    if (takeFault('limit') || chanceOf('limited')) throw gatewayLimit()
  }

  function limitApp({ method, route }: Request): void {
    const api = `app ${method} ${route.path}`
    paced(api, 50, 1_000, gatewayLimit)
    paced(`${api} minute`, 1_000, 60_000, gatewayLimit)
  }

  function paced(key: string, count: number, ms: number, refusal: () => Refusal): void {
    if (!world.pace || windows.take(key, count, ms)) return
    world.counts.overLimit++
    throw refusal()
  }

  // --- messages ---------------------------------------------------------------------------------------------------

  function createMessage({ query, body }: Request): object {
    const kind = query.receive_id_type
    if (kind !== 'chat_id' && kind !== 'open_id')
      throw new Refusal(400, 230001, 'ext=invalid receive_id_type')
    const chat = kind === 'chat_id' ? world.chats.get(body.receive_id) : p2pWith(body.receive_id)
    if (!chat)
      throw new Refusal(
        400,
        230001,
        'Your request contains an invalid request parameter, ext=invalid receive_id',
      )
    return show(chat, body, kind === 'open_id' ? `person ${body.receive_id}` : `chat ${chat.id}`, null)
  }

  function replyToMessage({ params, body }: Request): object {
    const to = messageOf(params.id)
    return show(to.chat, body, `chat ${to.chat.id}`, to.id)
  }

  function show(chat: Chat, body: Record<string, string>, limit: string, replyTo: string | null): object {
    if (!chat.botIn) throw new Refusal(400, 230002, 'Bot/User can NOT be out of the chat.')
    if (chat.type === 'p2p' && [...chat.members].some((id) => !world.people.get(id)?.active))
      throw new Refusal(400, 230013, 'Bot has NO availability to this user.')
    if (body.uuid !== undefined && body.uuid.length > 50) throw new Refusal(400, 230001, 'ext=invalid uuid')
    const before = world.byUuid.get(body.uuid ?? '')
    if (before && world.now() - before.at < UUID_MS) return told(before.message)
    paced(limit, 5, 1_000, receiverLimit)
    const card = cardOf(body)
    if (before) world.counts.duplicates++
    const message: Message = {
      id: `om_${hex(16)}`,
      chat,
      card,
      uuid: body.uuid ?? '',
      at: world.now(),
      edits: 0,
      recalled: false,
      foreign: false,
      replyTo,
      urged: [],
    }
    world.messages.push(message)
    if (body.uuid) world.byUuid.set(body.uuid, { message, at: world.now() })
    return told(message)
  }

  function patchMessage({ params, body }: Request): object {
    const message = messageOf(params.id)
    if (message.foreign) throw new Refusal(400, 230012, 'Bot is NOT the sender of the message.')
    if (world.now() - message.at > EDITABLE_MS)
      throw new Refusal(400, 230031, 'The message is too old to be updated.')
    paced(`message ${message.id}`, 5, 1_000, receiverLimit)
    message.card = cardOf({ msg_type: 'interactive', ...body })
    message.edits++
    return {}
  }

  function cardOf(body: Record<string, unknown>): Message['card'] {
    if (body.msg_type !== 'interactive') throw new Refusal(400, 230001, 'ext=only cards are shown here')
    if (typeof body.content !== 'string') throw new Refusal(400, 230001, 'ext=content is not a string')
    if (Buffer.byteLength(JSON.stringify(body)) > CARD_BYTES)
      throw new Refusal(400, 230025, 'The length of the message content reaches its limit.')
    const checked = checkCard(body.content, {
      picture: (key) => world.pictures.has(key),
      person: (id) => world.people.has(id) || id === 'all',
    })
    if (!checked.ok) throw new Refusal(400, 230099, `Failed to create card content, ext=${checked.why}`)
    return checked.card
  }

  function messageOf(id: unknown): Message {
    const message = world.messages.find((one) => one.id === id)
    if (!message) throw new Refusal(400, 230001, 'ext=invalid message_id')
    if (message.recalled) throw new Refusal(400, 230011, 'The message was recalled.')
    return message
  }

  function p2pWith(person: string): Chat | undefined {
    return world.chats.get(world.people.get(person)?.p2p ?? '')
  }

  function urge({ params, body, query }: Request): object {
    const means = /^urgent_(app|sms|phone)$/.exec(String(params.urgent))?.[1]
    if (!means || query.user_id_type !== 'open_id') throw new Refusal(400, 230001, 'ext=invalid urgent')
    const message = messageOf(params.id)
    const asked: string[] = body.user_id_list ?? []
    const there = asked.filter((id) => message.chat.members.has(id) && world.people.get(id)?.active)
    message.urged.push({ means, people: there })
    return { invalid_user_id_list: asked.filter((id) => !there.includes(id)) }
  }

  // --- pictures, chats, people ------------------------------------------------------------------------------------

  function takePicture({ body }: Request): object {
    const raw = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
    const head = raw.toString('latin1')
    const image = /name="image"[^\r]*\r\n(?:[^\r]+\r\n)*\r\n/.exec(head)
    if (!head.includes('name="image_type"') || !image)
      throw new Refusal(400, 234001, 'Invalid request param.')
    const bytes = raw.length - (image.index + image[0].length)
    if (bytes > PICTURE_BYTES) throw new Refusal(400, 234006, 'The file size exceed the max value.')
    if (!head.slice(image.index + image[0].length).startsWith('\x89PNG'))
      throw new Refusal(400, 234011, "Can't recognize the image format.")
    const key = `img_v3_${hex(12)}`
    world.pictures.add(key)
    return { image_key: key }
  }

  function chatInfo({ params }: Request): object {
    const chat = world.chats.get(String(params.id))
    if (!chat?.botIn) throw new Refusal(400, 232006, 'Your request specifies a chat_id which is invalid.')
    return { name: chat.title, chat_mode: chat.type, chat_type: 'private', tenant_key: world.tenant }
  }

  function userInfo({ params }: Request): object {
    const human = world.people.get(String(params.id))
    if (!human) throw new Refusal(400, 41012, 'user id invalid error')
    return { user: userOf(human.id) }
  }

  function userOf(id: string): object {
    const human = world.people.get(id)
    return {
      open_id: id,
      name: human?.name,
      email: human?.email ?? '',
      employee_no: human?.staffNumber ?? '',
      status: {
        is_frozen: false,
        is_resigned: !human?.active,
        is_activated: true,
        is_exited: false,
        is_unjoin: false,
      },
    }
  }

  function departmentPeople({ query }: Request): object {
    const there = [...world.people.values()].filter((one) => one.department === query.department_id)
    const from = Number(query.page_token ?? 0)
    const to = from + Number(query.page_size ?? 10)
    return {
      items: there.slice(from, to).map(({ id }) => userOf(id)),
      has_more: to < there.length,
      ...(to < there.length ? { page_token: String(to) } : {}),
    }
  }

  function departments(): object {
    const names = new Set([...world.people.values()].map(({ department }) => department))
    names.delete('0')
    return { items: [...names].map((open_department_id) => ({ open_department_id })), has_more: false }
  }

  return app
}

function told(message: Message): object {
  return {
    message_id: message.id,
    chat_id: message.chat.id,
    msg_type: 'interactive',
    create_time: String(message.at),
  }
}

function gatewayLimit(): Refusal {
  return new Refusal(429, 99991400, 'request trigger frequency limit', {
    'x-ogw-ratelimit-limit': '50',
    'x-ogw-ratelimit-reset': '1',
  })
}

function receiverLimit(): Refusal {
  return new Refusal(400, 230020, 'This operation triggers the frequency limit.')
}

function isLimit({ code }: Refusal): boolean {
  return code === 230020 || code === 99991400
}
