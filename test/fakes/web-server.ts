/**
 * A server for the page alone: the wire as it is, data that looks like a team's day, and a policy as strict as the
 * real one. For developing the page and for its tests in a browser; it knows no rules, so it proves nothing about them.
 * `npx tsx test/fakes/web-server.ts [port] [directory]` starts one.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Request, Response } from 'express'
import express from 'express'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import type { Job, Operation, Order, Paged, ReleaseChange } from '../../web/wire.ts'
import type { Stored } from './web-chat.ts'
import {
  approval,
  asksJob,
  FakeChat,
  failure,
  help,
  jobList,
  restarting,
  runsAgain,
  unknownCommand,
} from './web-chat.ts'
import {
  FLINK_VERSIONS,
  iso,
  MEMBERS,
  makeAttempts,
  makeAudit,
  makeClusters,
  makeJobs,
  makeOperation,
  makePage,
  makeReleases,
  makeSavepoints,
  TEAMS,
} from './web-data.ts'

export interface FakeWebServer {
  url: string
  /** Something happens in the chat without anybody asking. */
  chat: (name: string) => FakeChat
  /** Takes the next step of everything under way. */
  step: () => void
  /** Breaks every live connection, as a network does. */
  cutLive: () => void
  /** Requests are answered 503 while true. */
  setBroken: (broken: boolean) => void
  close: () => Promise<void>
}

const CHANGES: readonly ReleaseChange[] = [
  { field: 'program', key: null, before: 'orders-1.2.0.jar', after: 'orders-1.3.0.jar' },
  { field: 'setting', key: 'execution.checkpointing.interval', before: '60s', after: '30s' },
  { field: 'parallelism', key: null, before: null, after: '8' },
]

interface Listener {
  socket: WebSocket
  member: string
  chat: string | null
}

const COMMANDS = [
  ['/job list', '作业列表', 'list the jobs'],
  ['/job show ', '看一个作业', 'show one job'],
  ['/job restart ', '重启', 'restart a job'],
  ['/job rollback ', '回滚', 'roll back a job'],
  ['/job stop ', '停止', 'stop a job'],
  ['/cluster list', '集群列表', 'list the clusters'],
  ['/help', '帮助', 'what I can do'],
] as const

export async function startFakeWebServer(given: {
  directory: string
  port?: number
  demo?: boolean
}): Promise<FakeWebServer> {
  // A millisecond per look: nothing happens at the same time, as behind a database.
  let last = 0
  const now = () => {
    last = Math.max(Date.now(), last + 1)
    return last
  }
  const jobs = makeJobs(now())
  const clusters = makeClusters(now())
  const audit = makeAudit(now())
  const operations: Operation[] = jobs.flatMap((job, index) =>
    index < 20 ? [makeOperation(job, now() - (index + 1) * 3_600_000)] : [],
  )
  const listeners = new Set<Listener>()
  const steps: (() => void)[] = []
  let broken = false
  let signedIn: string | null = 'lin'

  const tell = (name: string) => (entry: Stored) => {
    for (const listener of listeners) {
      if (listener.chat === name) listener.socket.send(JSON.stringify(eventOf(entry, listener.member)))
    }
  }
  const chats = new Map(
    ['ops', 'data'].map((name) => [name, new FakeChat(name, { now, heard: tell(name) })] as const),
  )
  const chatNamed = (name: string): FakeChat => {
    const chat = chats.get(name.replace(/^web:/, ''))
    if (!chat) throw new Error(`No chat ${name}`)
    return chat
  }

  const app = express()
  app.use((_request, response, next) => {
    response.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    next()
  })
  const api = express.Router()
  app.use('/api/v1', api)
  api.use(express.json())
  api.use((request, response, next) => {
    if (broken) return void problem(response, 503, 'The database does not answer; try again in a minute.')
    if (signedIn === null && request.path !== '/session') return void problem(response, 401, 'Sign in first.')
    next()
  })

  const language = (request: Request) => (request.get('accept-language')?.startsWith('zh') ? 'zh' : 'en')
  const me = () => MEMBERS.find((member) => member.name === signedIn) ?? MEMBERS[0]
  const session = () => ({
    member: me(),
    csrf: 'csrf-of-the-fake',
    demo: given.demo ?? true,
    sandbox: false,
    version: '0.1.0',
  })

  api.get('/session', (_request, response) =>
    signedIn === null ? problem(response, 401, 'Sign in first.') : response.json(session()),
  )
  api.post('/session', (request, response) => {
    const { code, name, password } = request.body
    if (code === 'spent') return problem(response, 401, 'This link was used already. Ask for a new one.')
    if (!code && password !== 'open') return problem(response, 401, 'Name and password do not go together.')
    signedIn = MEMBERS.some((member) => member.name === name) ? name : 'lin'
    return response.json(session())
  })
  api.delete('/session', (_request, response) => {
    signedIn = null
    response.status(204).end()
  })
  api.get('/demo/members', (_request, response) => {
    response.json(
      MEMBERS.slice(0, 3).map((member) => ({
        name: member.name,
        displayName: member.displayName,
        role: member.teams[0]?.role ?? '',
      })),
    )
  })
  api.post('/demo/switch', (request, response) => {
    signedIn = request.body.member
    response.json(session())
  })

  // --- chat
  api.get('/chats', (request, response) => {
    const zh = language(request) === 'zh'
    response.json([
      { id: 'web:ops', name: 'ops', title: zh ? '值班' : 'Operations', team: null, language: 'zh' },
      { id: 'web:data', name: 'data', title: zh ? '数据组' : 'Team data', team: 'data', language: 'zh' },
    ])
  })
  api.get('/chats/:chat/history', (request, response) => {
    const before = request.query.before ? Number(request.query.before) : Number.POSITIVE_INFINITY
    response.json(
      chatNamed(request.params.chat).before(before, Number(request.query.limit ?? 40), signedIn ?? ''),
    )
  })
  api.get('/complete', (request, response) => {
    const text = String(request.query.text).slice(0, Number(request.query.at))
    const word = /\S*$/.exec(text)?.[0] ?? ''
    const names = jobs.map((job) => job.name).filter((name) => name.startsWith(word))
    const atJob = /^\/job (show|restart|rollback|stop) \S*$/.test(text)
    response.json(
      atJob
        ? {
            from: text.length - word.length,
            to: text.length,
            items: names.slice(0, 8).map((name) => ({ insert: name, label: name, detail: null })),
          }
        : {
            from: 0,
            to: text.length,
            items: COMMANDS.filter(([insert]) => insert.startsWith(text)).map(([insert, zh, en]) => ({
              insert,
              label: insert.trim(),
              detail: language(request) === 'zh' ? zh : en,
            })),
          },
    )
  })
  const seenKeys = new Map<string, unknown>()
  api.post('/say', (request, response) => {
    const key = request.get('idempotency-key') ?? ''
    const known = seenKeys.get(key)
    if (known) return response.json(known)
    const chat = chatNamed(request.body.chat)
    const text = String(request.body.text)
    chat.say(signedIn ?? '', me()?.displayName ?? '', text)
    const answer = { cards: [answerTo(chat, text, language(request))] }
    seenKeys.set(key, answer)
    return response.json(answer)
  })
  function answerTo(chat: FakeChat, text: string, words: 'zh' | 'en') {
    const job = /^\/job \w+ (\S+)/.exec(text)?.[1]
    if (/^\/job list|列表/.test(text)) return chat.show(jobList(words))
    if (/^\/help|^\/帮助/.test(text)) return chat.show(help(words))
    if (/^\/job restart \S/.test(text) && job) return restart(chat, job, words)
    if (/^\/job rollback \S/.test(text) && job) return chat.show(approval(words, job, 'Lin'))
    if (/^\/job rollback/.test(text)) return chat.show(asksJob(words))
    return chat.show(unknownCommand(words, text))
  }
  function restart(chat: FakeChat, job: string, words: 'zh' | 'en') {
    const card = chat.show(restarting(words, job, 'Lin', 0.2))
    steps.push(() => {
      chat.edit(card.id, restarting(words, job, 'Lin', 0.7))
      steps.push(() => chat.edit(card.id, runsAgain(words, job)))
    })
    return card
  }
  api.post('/press', (request, response) => {
    const [what, job = 'orders-cdc'] = String(request.body.press).split(':')
    const words = language(request)
    const chat = chatNamed(request.body.chat)
    if (what === 'compare')
      return problem(response, 409, 'This card is from 13:40; orders-cdc was restarted since.')
    if (what === 'restart') return response.json({ cards: [restart(chat, job, words)] })
    if (what === 'submit')
      return response.json({ cards: [chat.show(approval(words, request.body.values.job, 'Lin'))] })
    return response.json({ cards: [chat.show(runsAgain(words, job))] })
  })

  // --- jobs
  const found = (request: Request, response: Response): Job | null => {
    const job = jobs.find((one) => one.name === request.params.name)
    if (!job) problem(response, 404, `There is no job ${request.params.name}. Did you mean orders-cdc?`)
    return job ?? null
  }
  api.get('/jobs', (request, response) => {
    const { team, environment, state, cluster, like, archived } = request.query
    const matching = jobs.filter(
      (job) =>
        (!team || job.team.name === team) &&
        (!environment || job.environment === environment) &&
        (!cluster || job.cluster.name === cluster) &&
        (!like || job.name.includes(String(like))) &&
        Boolean(job.archivedAt) === (archived === 'true'),
    )
    const counts: Record<string, number> = {}
    for (const job of matching) counts[job.state.is] = (counts[job.state.is] ?? 0) + 1
    const listed = matching.filter((job) => !state || job.state.is === state)
    response.json({ ...paged(listed, request), counts })
  })
  api.post('/jobs', (request, response) => {
    const [first] = jobs
    if (!first || jobs.some((job) => job.name === request.body.name)) {
      const message = `A job named ${request.body.name} exists already.`
      return problem(response, 409, message, [{ path: 'name', message }])
    }
    const job: Job = {
      ...first,
      id: `job_${jobs.length}`,
      name: request.body.name,
      state: { is: 'new' },
      releases: 1,
      effectiveRelease: null,
    }
    jobs.unshift(job)
    return response.status(201).json({ job, release: makeReleases(job, now())[0] })
  })
  api.get('/jobs/:name', (request, response) => {
    const job = found(request, response)
    if (!job) return
    const operation = operations.find((one) => one.job.id === job.id && one.endedAt === null) ?? null
    response.json({ ...makePage(job, clusters, now()), operation })
  })
  api.get('/jobs/:name/releases', (request, response) => {
    const job = found(request, response)
    if (job) response.json(paged(makeReleases(job, now()), request))
  })
  api.post('/jobs/:name/releases', (request, response) => {
    const job = found(request, response)
    if (!job) return
    job.releases += 1
    response.status(201).json(makeReleases(job, now())[0])
  })
  api.get('/jobs/:name/releases/:number', (request, response) => {
    const job = found(request, response)
    if (job)
      response.json(makeReleases(job, now()).find((one) => one.number === Number(request.params.number)))
  })
  api.get('/jobs/:name/diff', (request, response) => {
    const from = Number(request.query.from)
    const to = Number(request.query.to)
    response.json({ from, to, changes: from === to ? [] : CHANGES })
  })
  api.get('/jobs/:name/savepoints', (request, response) => {
    const job = found(request, response)
    if (job) response.json(paged(makeSavepoints(job, now()), request))
  })
  api.get('/jobs/:name/attempts', (request, response) => {
    const job = found(request, response)
    if (job) response.json(paged(makeAttempts(job, now()), request))
  })
  api.get('/jobs/:name/causes', (request, response) => {
    const job = found(request, response)
    if (job) response.json(job.state.is === 'failed' && job.state.cause ? [job.state.cause] : [])
  })
  api.get('/jobs/:name/logs', (request, response) => {
    const all = Array.from(
      { length: 900 },
      (_, index) =>
        `2026-11-22 14:${String(Math.floor(index / 60) % 60).padStart(2, '0')}:${String(index % 60).padStart(2, '0')},118 ${index % 41 === 0 ? 'WARN ' : 'INFO '} org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Completed checkpoint ${index} for job 4444 (1480000 bytes, checkpointDuration=1840 ms).`,
    ).filter((line) => !request.query.grep || line.includes(String(request.query.grep)))
    const skip = Number(request.query.skip ?? 0)
    const lines = Number(request.query.lines ?? 200)
    const end = all.length - skip
    response.json([
      {
        source: 'jobmanager',
        lines: all.slice(Math.max(0, end - lines), end),
        more: Math.max(0, end - lines),
      },
      { source: 'taskmanager-1', lines: all.slice(0, 3), more: 0 },
    ])
  })
  api.post('/jobs/:name/operations', (request, response) => {
    const job = found(request, response)
    if (!job) return
    const { reason, force, ...order } = request.body
    if (order.verb === 'scale' && order.parallelism === 8) {
      return void problem(response, 409, 'It runs with parallelism 8 already.')
    }
    const waits = job.environment === 'prod' && order.verb !== 'savepoint'
    const operation = makeOperation(job, now(), {
      id: `op_new_${operations.length}`,
      order: order as Order,
      state: waits ? 'waiting-approval' : 'running',
      approval: waits
        ? { state: 'open', expiresAt: iso(now() + 15 * 60_000), decider: null, decidedAt: null, note: null }
        : null,
      progress: waits
        ? null
        : { phase: 'stopping-with-savepoint', since: iso(now()), tasks: { running: 3, total: 8 } },
      outcome: null,
      endedAt: null,
      reason: reason ?? null,
      requester: { memberId: `mem_${signedIn}`, name: me()?.displayName ?? '' },
      version: 1,
    })
    operations.unshift(operation)
    if (!waits) finishLater(operation)
    response.status(202).json(operation)
  })
  function finishLater(operation: Operation): void {
    steps.push(() =>
      change(operation.id, {
        progress: { phase: 'waiting-for-tasks', since: iso(now()), tasks: { running: 6, total: 8 } },
      }),
    )
    steps.push(() =>
      change(operation.id, {
        state: 'done',
        progress: null,
        endedAt: iso(now()),
        outcome: {
          is: 'running',
          release: 3,
          attempt: 5,
          tookMs: 4100,
          restoredFrom: null,
          tasks: { running: 8, total: 8 },
          parallelism: 8,
        },
      }),
    )
  }
  function change(id: string, facts: Partial<Operation>): Operation | null {
    const at = operations.findIndex((one) => one.id === id)
    const former = operations[at]
    if (!former) return null
    const changed = { ...former, ...facts, version: former.version + 1 }
    operations[at] = changed
    for (const listener of listeners) {
      listener.socket.send(JSON.stringify({ job: { name: changed.job.name, state: 'running' } }))
    }
    return changed
  }
  api.get('/operations', (request, response) => {
    response.json(
      paged(
        operations.filter((one) => !request.query.job || one.job.name === request.query.job),
        request,
      ),
    )
  })
  api.get('/operations/:id', (request, response) => {
    const operation = operations.find((one) => one.id === request.params.id)
    if (operation) response.json(operation)
    else problem(response, 404, 'There is no such operation.')
  })
  api.post('/operations/:id/:what', (request, response) => {
    const operation = operations.find((one) => one.id === request.params.id)
    if (!operation) return void problem(response, 404, 'There is no such operation.')
    if (request.params.what === 'approve' && operation.requester.memberId === `mem_${signedIn}`) {
      return void problem(response, 409, 'Your own request needs somebody else.')
    }
    const decided = {
      decider: me()?.displayName ?? '',
      decidedAt: iso(now()),
      note: request.body.note ?? null,
    }
    const approved = request.params.what === 'approve'
    const facts: Partial<Operation> = approved
      ? { state: 'running', progress: { phase: 'stopping-with-savepoint', since: iso(now()), tasks: null } }
      : { state: request.params.what === 'reject' ? 'refused' : 'cancelled', endedAt: iso(now()) }
    const changed = change(operation.id, {
      ...facts,
      approval: operation.approval && {
        ...operation.approval,
        ...decided,
        state: approved ? 'approved' : 'rejected',
      },
    })
    if (changed && approved) finishLater(changed)
    response.json(changed)
  })
  api.post('/incidents/:id/acknowledge', (_request, response) => {
    response.json({})
  })
  api.post('/jobs/:name/archive', (request, response) => {
    const job = found(request, response)
    if (!job) return
    if (job.state.is === 'running') return void problem(response, 409, `${job.name} runs. Stop it first.`)
    job.archivedAt = iso(now())
    response.json(job)
  })

  // --- the rest
  api.put('/me', (_request, response) => {
    response.json(me())
  })
  api.get('/clusters', (_request, response) => {
    response.json(clusters)
  })
  api.post('/clusters', (request, response) => {
    problem(response, 422, `Nothing answers at ${request.body.address}.`, [
      { path: 'address', message: 'Nothing answers there.' },
    ])
  })
  api.get('/flink-versions', (_request, response) => {
    response.json(FLINK_VERSIONS)
  })
  api.get('/environments', (_request, response) => {
    response.json([
      { name: 'prod', title: { zh: '生产', en: 'Production' }, approvals: ['job:stop'], expiresMin: 15 },
      { name: 'preprod', title: { zh: '预发', en: 'Pre-production' }, approvals: [], expiresMin: 15 },
    ])
  })
  api.get('/teams', (_request, response) => {
    response.json(TEAMS)
  })
  api.get('/members', (request, response) => {
    response.json(paged(MEMBERS, request))
  })
  api.get('/audit', (request, response) => {
    const { job, member, verb } = request.query
    if (signedIn === 'bo') return void problem(response, 403, 'You may not look at the audit; Mei can.')
    response.json(
      paged(
        audit.filter(
          (entry) =>
            (!job || entry.subject.endsWith(`/${job}`)) &&
            (!member || entry.actor === member) &&
            (!verb || entry.verb === verb),
        ),
        request,
      ),
    )
  })
  api.post('/artifacts', (request, response) => {
    let size = 0
    request.on('data', (part: Buffer) => {
      size += part.length
    })
    request.on('end', () => {
      const fileName = String(request.query.name)
      if (size < 100) return void problem(response, 422, `${fileName} is not a JAR: it has no manifest.`)
      response.status(201).json({
        digest: 'ab'.repeat(32),
        fileName,
        size,
        entryClass: 'com.example.orders.OrdersJob',
        createdAt: iso(now()),
      })
    })
  })
  api.use((request, response) => {
    problem(response, 404, `Nothing is at ${request.path}.`)
  })
  app.use(express.static(given.directory, { index: false }))
  app.get(/.*/, (_request, response) => {
    response.sendFile(path.join(given.directory, 'index.html'))
  })

  // --- live
  const server = createServer(app)
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, stream, head) => {
    if (broken) return void stream.destroy()
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const listener: Listener = { socket, member: signedIn ?? '', chat: null }
      listeners.add(listener)
      socket.on('close', () => listeners.delete(listener))
      socket.on('message', (message) => onWatch(listener, JSON.parse(String(message))))
    })
  })
  function onWatch(listener: Listener, { watch }: { watch: { chat?: string; after?: string } }): void {
    if (!watch.chat) return
    listener.chat = watch.chat
    const chat = chatNamed(watch.chat)
    const missed = chat.after(Number(watch.after ?? 0), listener.member)
    for (const utterance of missed.utterances) listener.socket.send(JSON.stringify({ utterance }))
    for (const card of missed.cards) listener.socket.send(JSON.stringify({ card }))
    listener.socket.send(JSON.stringify({ caughtUp: chat.newest }))
  }

  await new Promise<void>((resolve) => server.listen(given.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    chat: chatNamed,
    step: () => {
      for (const step of steps.splice(0)) step()
    },
    cutLive: () => {
      for (const { socket } of listeners) socket.terminate()
    },
    setBroken: (value) => {
      broken = value
    },
    close: () =>
      new Promise((resolve) => {
        for (const { socket } of listeners) socket.terminate()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function eventOf(entry: Stored, member: string) {
  return entry.is === 'card'
    ? { card: entry.card }
    : { utterance: { ...entry.said, mine: entry.by === member } }
}

function paged<T>(all: readonly T[], request: Request): Paged<T> {
  const from = Number(request.query.cursor ?? 0)
  const to = from + Number(request.query.limit ?? 50)
  return { items: all.slice(from, to), next: to < all.length ? String(to) : null }
}

function problem(
  response: Response,
  status: number,
  detail: string,
  errors: readonly { path: string; message: string }[] = [],
): void {
  response
    .status(status)
    .type('application/problem+json')
    .json({ type: 'about:blank', title: 'Not possible', status, detail, requestId: '7f3a91c2', errors })
}

/** A chat as it looks in the middle of a day. */
export function fillChat(chat: FakeChat, language: 'zh' | 'en'): void {
  chat.say('mei', 'Mei 美玲', language === 'zh' ? '/作业 列表' : '/job list')
  chat.show(jobList(language))
  chat.show(failure(language, 'dm-orders'))
  chat.say('lin', 'Lin 林晓', '/job restart orders-cdc')
  const card = chat.show(restarting(language, 'orders-cdc', 'Lin', 0.3))
  chat.edit(card.id, runsAgain(language, 'orders-cdc'))
  chat.say(
    'bo',
    'Bo 博文',
    language === 'zh' ? '/作业 回滚 orders-cdc 到 11' : '/job rollback orders-cdc to 11',
  )
  chat.show(approval(language, 'orders-cdc', 'Bo'))
  chat.say('lin', 'Lin 林晓', '/job restart clicks-raw')
  chat.show(restarting(language, 'clicks-raw', 'Lin', 0.55))
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = await startFakeWebServer({
    port: Number(process.argv[2] ?? 4173),
    directory: path.resolve(process.argv[3] ?? 'dist/web'),
  })
  fillChat(server.chat('ops'), 'zh')
  setInterval(() => server.step(), 2500)
  process.stdout.write(`${server.url}\n`)
}
