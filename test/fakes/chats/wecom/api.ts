import express, { type Express, type Request, type Response } from 'express'
import { type Body, checkBody, checkCard } from './messages.ts'
import { Refusal } from './refusal.ts'
import { checkLimits, hex, type Message, show, slidingWindows, takeFault, type World } from './world.ts'

const CODE_MS = 72 * 3_600_000
const RECALL_MS = 24 * 3_600_000
const PICTURE_BYTES = 5 * 1024 * 1024
/** The real number is not published. */
export const CODE_IS_SPENT = 42_099

/** Every answer is HTTP 200 with a code of its own. */
export function wecomApis(world: World): Express {
  const app = express()
  const windows = slidingWindows(world.now)
  app.disable('x-powered-by')
  app.use((_request, _response, next) => setTimeout(next, world.faults.slowMs))
  app.use(express.json({ limit: '2mb' }))
  app.use((request, _response, next) => {
    world.calls.push({ method: request.method, path: request.path, body: request.body })
    next()
  })
  app.get('/cgi-bin/gettoken', answering(giveToken))
  app.use('/cgi-bin', (request, response, next) => {
    const refusal = tokenRefusal(request)
    const { path: _path, more, ...answer } = (refusal ? null : prepared(request)) ?? {}
    if (refusal) refuse(response, refusal)
    else if ('errcode' in answer) response.json({ ...answer, ...more })
    else next()
  })
  app.post('/cgi-bin/message/send', showing('posts', sendMessage))
  app.post('/cgi-bin/message/update_template_card', showing('edits', updateCard))
  app.post('/cgi-bin/message/recall', answering(recall))
  app.post('/cgi-bin/appchat/create', answering(createGroup))
  app.post('/cgi-bin/appchat/send', showing('posts', sendToGroup))
  app.get('/cgi-bin/appchat/get', answering(groupInfo))
  app.post(
    '/cgi-bin/media/upload',
    express.raw({ type: 'multipart/form-data', limit: '12mb' }),
    answering(upload),
  )
  app.post('/cgi-bin/pstncc/call', answering(ring))
  app.get('/cgi-bin/agent/get', answering(agentInfo))
  app.get('/cgi-bin/user/get', answering(userInfo))
  app.get('/cgi-bin/user/list', answering(users))
  app.get('/cgi-bin/department/simplelist', answering(departments))
  return app

  // --- tokens -----------------------------------------------------------------------------------------------------

  function giveToken({ query }: Request): object {
    if (query.corpid !== world.corpId) throw new Refusal(40013, 'invalid corpid')
    if (query.corpsecret !== world.secret) throw new Refusal(40001, 'invalid credential')
    world.counts.tokens++
    const [live] = [...world.tokens].find(([, until]) => until > world.now()) ?? []
    const token = live ?? `wtoken-${hex(32)}`
    const until = world.tokens.get(token) ?? world.now() + world.faults.tokenSeconds * 1_000
    world.tokens.set(token, until)
    world.issued.add(token)
    return { access_token: token, expires_in: Math.floor((until - world.now()) / 1_000) }
  }

  function tokenRefusal({ query }: Request): Refusal | null {
    const token = query.access_token
    if (typeof token !== 'string' || token === '') return new Refusal(41001, 'access_token missing')
    const until = world.tokens.get(token)
    if (until === undefined) return new Refusal(40014, `invalid access_token ${token}`)
    return until <= world.now() ? new Refusal(42001, 'access_token expired') : null
  }

  function prepared({ originalUrl }: Request): Partial<World['faults']['answers'][number]> | null {
    const at = world.faults.answers.findIndex(({ path }) => path.test(originalUrl))
    return (at < 0 ? null : world.faults.answers.splice(at, 1)[0]) ?? null
  }

  // --- answering --------------------------------------------------------------------------------------------------

  function answering(work: (request: Request) => object) {
    return (request: Request, response: Response) => {
      try {
        response.json({ errcode: 0, errmsg: 'ok', ...work(request) })
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
        if (takeFault(world, 'garbage'))
          return void response.status(502).type('html').send('<html>Bad Gateway</html>')
        checkLimits(world)
        const told = work(request)
        if (takeFault(world, 'drop')) return void request.socket.destroy()
        response.json({ errcode: 0, errmsg: 'ok', ...told })
      } catch (error) {
        refuse(response, error)
      }
    }
  }

  function refuse(response: Response, error: unknown): void {
    if (!(error instanceof Refusal)) throw error
    const { errcode, message } = error
    if (errcode === 45009 || errcode === 45033) world.counts.limited++
    if (MALFORMED.has(errcode)) world.counts.refused++
    response.json({ errcode, errmsg: `${message}, hint: [${hex(6)}]` })
  }

  // --- messages ---------------------------------------------------------------------------------------------------

  function sendMessage({ body }: Request): object {
    const { touser, agentid, enable_duplicate_check, duplicate_check_interval = 1_800, ...message } = body
    if (agentid !== world.agentId)
      throw new Refusal(301_002, 'not allow operate another agent with this accesstoken')
    const receivers = String(touser ?? '')
      .split('|')
      .filter(Boolean)
    const reached = receivers.filter((id) => world.people.get(id.toLowerCase())?.active)
    if (reached.length === 0) throw new Refusal(81_013, 'user & party & tag all invalid')
    const invalid = receivers.filter((id) => !reached.includes(id)).map((id) => id.toLowerCase())
    const json = JSON.stringify(body)
    const before = world.requests.get(json)
    const same = before && world.now() - before.at < duplicate_check_interval * 1_000
    if (enable_duplicate_check === 1 && same) return { msgid: before.msgid, invaliduser: '' }
    const kinds = ['markdown', 'text', 'image', 'template_card']
    const checked = checkBody(message, { ...known(), kinds })
    if (same && checked.msgtype !== 'image') world.counts.duplicates++
    const shown = reached.map((id) => deliver(id.toLowerCase(), checked))
    const [first] = shown
    if (!first) throw new Refusal(-1, 'system busy')
    for (const one of shown) one.id = first.id
    world.requests.set(json, { at: world.now(), msgid: first.id })
    return {
      msgid: first.id,
      ...(invalid.length > 0 ? { invaliduser: invalid.join('|') } : {}),
      ...codeFor(first),
    }
  }

  function known() {
    return {
      media: (id: string) => (world.media.get(id) ?? 0) > world.now(),
      takesTask: (task: string) => !world.tasks.has(task) && Boolean(world.tasks.add(task)),
    }
  }

  /** Over a member's share it is taken all the same, and never arrives. */
  function deliver(member: string, body: Body): Message {
    const message = show(world, `user:${member}`, body)
    if (!world.pace) return message
    const fits =
      windows.take(`minute ${member}`, 30, 60_000) && windows.take(`hour ${member}`, 1_000, 3_600_000)
    if (!fits) {
      message.undelivered = true
      world.counts.overLimit++
    }
    return message
  }

  function codeFor(message: Message): object {
    if (message.body.msgtype !== 'template_card') return {}
    return message.body.template_card.card_type === 'button_interaction'
      ? { response_code: mintCode(world, message) }
      : {}
  }

  function updateCard({ body }: Request): object {
    if (body.agentid !== world.agentId) throw new Refusal(301_002, 'not allow operate another agent')
    if (body.userids !== undefined && !Array.isArray(body.userids)) throw new Refusal(40_058, 'userids')
    const code = world.codes.get(body.response_code)
    const spent = !code || code.used || world.now() - code.at > CODE_MS
    if (spent) throw new Refusal(CODE_IS_SPENT, 'response_code is invalid')
    if (!body.userids?.includes(code.message.chat.replace('user:', ''))) return { invaliduser: [] }
    const next = checkCard(body.template_card, known())
    code.used = true
    code.message.body = { msgtype: 'template_card', template_card: next }
    code.message.edits++
    return { invaliduser: [] }
  }

  function recall({ body }: Request): object {
    const message = world.messages.find(({ id }) => id === body.msgid)
    if (!message || world.now() - message.at > RECALL_MS) throw new Refusal(40_058, 'invalid msgid')
    message.recalled = true
    return {}
  }

  // --- groups of the app ------------------------------------------------------------------------------------------

  function createGroup({ body }: Request): object {
    const members: string[] = body.userlist ?? []
    if (members.length < 2) throw new Refusal(86_001, 'invalid chat members')
    const id: string = body.chatid ?? hex(8)
    const state = { is: 'app-group', robotIn: false, greeted: false } as const
    world.chats.set(id, { id, title: body.name, members: new Set(members), ...state })
    return { chatid: id }
  }

  function sendToGroup({ body }: Request): object {
    const { chatid, ...message } = body
    if (world.chats.get(chatid)?.is !== 'app-group') throw new Refusal(86_003, 'invalid chatid')
    show(world, `group:${chatid}`, checkBody(message, { ...known(), kinds: ['markdown', 'text', 'image'] }))
    return {}
  }

  function groupInfo({ query }: Request): object {
    const chat = world.chats.get(String(query.chatid))
    if (chat?.is !== 'app-group') throw new Refusal(86_003, 'invalid chatid')
    return { chat_info: { chatid: chat.id, name: chat.title, userlist: [...chat.members] } }
  }

  // --- pictures, calls, people ------------------------------------------------------------------------------------

  function upload(request: Request): object {
    const raw: unknown = request.body
    if (!Buffer.isBuffer(raw) || !raw.includes('name="media"')) throw new Refusal(44_001, 'empty media data')
    if (raw.length > PICTURE_BYTES) throw new Refusal(45_001, 'media size out of limit')
    const png = raw.includes(Buffer.from([0x89, 0x50, 0x4e, 0x47]))
    if (!png) throw new Refusal(40_009, 'invalid image size')
    const media_id = `media-${hex(20)}`
    world.media.set(media_id, world.now() + 3 * 24 * 3_600_000)
    return { type: 'image', media_id, created_at: String(Math.floor(world.now() / 1_000)) }
  }

  function ring({ body }: Request): object {
    const called: string[] = body.callee_userid ?? []
    const reached = called.filter((id) => world.people.get(id)?.active)
    const last = world.messages.filter(({ chat }) => reached.some((id) => chat === `user:${id}`)).at(-1)
    last?.urged.push({ means: 'phone', people: reached })
    return {
      states: called.map((userid) => ({
        code: reached.includes(userid) ? 0 : 40_003,
        callid: hex(8),
        userid,
      })),
    }
  }

  function agentInfo({ query }: Request): object {
    if (Number(query.agentid) !== world.agentId) throw new Refusal(301_002, 'not allow operate another agent')
    return { agentid: world.agentId, name: 'Sluice', close: 0 }
  }

  function userInfo({ query }: Request): object {
    const human = world.people.get(String(query.userid).toLowerCase())
    if (!human) throw new Refusal(60_111, 'userid not found')
    return member(human)
  }

  function users({ query }: Request): object {
    const department = Number(query.department_id)
    const there = [...world.people.values()].filter((one) => one.department === department)
    return { userlist: there.map(member) }
  }

  function departments(): object {
    const ids = new Set([1, ...[...world.people.values()].map(({ department }) => department)])
    return { department_id: [...ids].map((id) => ({ id, parentid: id === 1 ? 0 : 1, order: 1 })) }
  }

  function member({ id, name, email, staffNumber, active, department }: ReturnType<typeof humanOf>): object {
    return {
      userid: id,
      name,
      department: [department],
      ...(email ? { email } : {}),
      status: active ? 1 : 5,
      extattr: { attrs: staffNumber ? [{ type: 0, name: '工号', value: staffNumber }] : [] },
    }
  }

  function humanOf(id: string) {
    const human = world.people.get(id)
    if (!human) throw new Refusal(60_111, 'userid not found')
    return human
  }
}

const MALFORMED: ReadonlySet<number> = new Set([40_008, 40_058, 42_045, 44_004, 45_002])

/** One of a sending, and one of every tap. */
export function mintCode(world: World, message: Message): string {
  const code = `code-${hex(24)}`
  world.codes.set(code, { message, at: world.now(), used: false })
  return code
}
