import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createMetrics } from '../../src/metrics.ts'
import { type SteeredClock, steeredClock } from '../fakes/steered-clock.ts'
import { draft, startApp, type TestApp, type Visitor } from './app.ts'

let app: TestApp
/** Each test has a chat of its own. */
let chat = ''
let chats = 0
const open = new Set<WebSocket>()
beforeAll(async () => {
  app = await startApp()
})
beforeEach(async () => {
  chat = `chat-${++chats}`
  await app.conversation.chat({ id: `web:${chat}`, vendor: 'web', title: chat }, 'en', 0)
})
afterEach(() => {
  for (const socket of open) socket.terminate()
  open.clear()
})
afterAll(() => app.close())

// biome-ignore lint/suspicious/noExplicitAny: the assertions are the type.
type Heard = any

/** A page that follows along: everything it hears, in order. */
async function page(visitor: Visitor, headers: Record<string, string> = {}, url = app.url) {
  const origin = visitor.headers.cookie ? { origin: app.url } : {}
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live`, {
    headers: { ...visitor.headers, ...origin, ...headers },
  })
  open.add(socket)
  const heard: Heard[] = []
  const waiting: { holds: (heard: Heard[]) => boolean; done: () => void }[] = []
  socket.on('message', (data) => {
    heard.push(JSON.parse(String(data)))
    for (const one of [...waiting]) if (one.holds(heard)) one.done()
  })
  const closed = once(socket, 'close').then(([code]) => code as number)
  const refused = once(socket, 'unexpected-response').then(([, response]) => response.statusCode as number)
  refused.catch(() => {})
  closed.catch(() => {})
  const opened = once(socket, 'open')
  opened.catch(() => {})
  socket.on('error', () => {})
  return {
    socket,
    heard,
    closed,
    refused,
    opened,
    say: (message: unknown) => socket.send(JSON.stringify(message)),
    until: (holds: (heard: Heard[]) => boolean) =>
      holds(heard)
        ? Promise.resolve()
        : new Promise<void>((done) => {
            waiting.push({ holds, done })
          }),
  }
}

const caughtUp = (heard: Heard[]) => heard.some((one) => 'caughtUp' in one)
const texts = (heard: Heard[]) =>
  heard.flatMap((one) =>
    one.card ? [`card ${one.card.text}`] : one.utterance ? [`said ${one.utterance.text}`] : [],
  )

describe('the live feed', () => {
  it('tells what was missed, then what happens', async () => {
    const lin = await app.token('lin')
    await lin.post('/say', { text: 'before', chat })
    const live = await page(lin)
    await live.opened

    live.say({ watch: { chat, after: '0' } })
    await live.until(caughtUp)
    await lin.post('/say', { text: 'after', chat })
    await live.until((heard) => texts(heard).includes('card after'))

    expect(texts(live.heard)).toEqual(['said before', 'card before', 'said after', 'card after'])
    expect(live.heard[0].utterance).toEqual({
      seq: '1',
      speaker: 'somebody',
      text: 'before',
      mine: true,
      at: expect.stringMatching(/Z$/),
    })
    expect(live.heard.find((one) => 'caughtUp' in one)).toEqual({ caughtUp: '2' })
  })

  it('begins with what comes when no position is given', async () => {
    const lin = await app.token('lin')
    await lin.post('/say', { text: 'before', chat })
    const live = await page(lin)
    await live.opened

    live.say({ watch: { chat } })
    await live.until(caughtUp)
    await lin.post('/say', { text: 'after', chat })
    await live.until((heard) => texts(heard).includes('card after'))

    expect(texts(live.heard)).toEqual(['said after', 'card after'])
  })

  it('catches up over more than one page of the store', async () => {
    for (let n = 1; n <= 250; n++) await app.conversation.insert({ ...draft(`web:${chat}`, `n${n}`), at: n })
    const live = await page(await app.token('lin'))
    await live.opened

    live.say({ watch: { chat, after: '0' } })
    await live.until(caughtUp)

    expect(texts(live.heard)).toEqual(Array.from({ length: 250 }, (_, n) => `card n${n + 1}`))
  })

  it('tells a card only to whom it is for', async () => {
    const [lin, mei] = await Promise.all([page(await app.token('lin')), page(await app.token('mei'))])
    for (const live of [lin, mei]) {
      await live.opened
      live.say({ watch: { chat, after: '0' } })
      await live.until(caughtUp)
    }
    const shown = { ...(await aCard('only lin')), onlyFor: 'mem_lin000000000' }

    app.live.publish({ is: 'card', card: shown })
    app.live.publish({ is: 'card', card: await aCard('everybody') })
    await mei.until((heard) => texts(heard).includes('card everybody'))
    await lin.until((heard) => texts(heard).includes('card everybody'))

    expect(texts(lin.heard)).toEqual(['card only lin', 'card everybody'])
    expect(texts(mei.heard)).toEqual(['card everybody'])
  })

  it('says why a chat cannot be watched, and stays open', async () => {
    const live = await page(await app.token('lin'))
    await live.opened

    live.say('nonsense')
    await live.until((heard) => heard.length === 1)
    live.say({ watch: { chat: 'ads', after: '0' } })
    await live.until((heard) => heard.length === 2)
    live.say({ watch: { chat, after: '0' } })
    await live.until(caughtUp)

    expect(live.heard.slice(0, 2).map(({ problem }) => problem.type)).toEqual([
      'urn:sluice:problem:not-valid',
      'urn:sluice:problem:not-found',
    ])
  })

  it('hints at changed jobs to those who may see them', async () => {
    const [lin, ada] = await Promise.all([page(await app.token('lin')), page(await app.token('ada'))])
    for (const live of [lin, ada]) {
      await live.opened
      live.say({ watch: { jobs: true } })
      live.say({ watch: { chat, after: '0' } })
      await live.until(caughtUp)
    }

    app.live.publish({ is: 'job', job: aJob })
    app.live.publish({ is: 'card', card: await aCard('end') })
    await lin.until((heard) => texts(heard).includes('card end'))
    await ada.until((heard) => texts(heard).includes('card end'))

    expect(lin.heard.filter((one) => one.job)).toEqual([
      {
        job: {
          id: 'job_1',
          name: 'orders',
          team: 'data',
          environment: 'prod',
          state: 'running',
          generation: 7,
        },
      },
    ])
    expect(ada.heard.filter((one) => one.job)).toEqual([])
  })

  it('is closed to strangers, strange pages and strange names', async () => {
    const lin = await app.signIn('lin')
    const refusals = await Promise.all([
      page(app.anonymous),
      page(lin, { origin: 'https://evil.example' }),
      page(lin, { origin: '' }),
      page(lin, { host: 'evil.example', origin: 'http://evil.example' }),
    ])

    expect(await Promise.all(refusals.map(({ refused }) => refused))).toEqual([401, 403, 403, 421])
  })

  it('ends with the session, and not with that of somebody else', async () => {
    const lin = await app.signIn('lin')
    const [gone, stays] = await Promise.all([page(lin), page(await app.signIn('mei'))])
    await Promise.all([gone.opened, stays.opened])

    await lin.delete('/session')

    expect(await gone.closed).toBe(4401)
    expect(stays.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('ends when the member is disabled', async () => {
    const mei = await page(await app.signIn('mei'))
    await mei.opened
    const root = await app.token('root')

    expect((await root.put('/members/mei', { disabled: true })).status).toBe(200)

    expect(await mei.closed).toBe(4401)
    await root.put('/members/mei', { disabled: false })
  })

  it('says good-bye when the server stops', async () => {
    const other = await startApp()
    const live = await page(await other.token('lin'), {}, other.url)
    await live.opened

    await other.close()

    expect(await live.closed).toBe(1001)
  })
})

describe('every twenty seconds', () => {
  it('what was lost on the way is read again, and who is no longer allowed leaves', async () => {
    const clock = tickingClock()
    const other = await startApp({ clock })
    const lin = await other.token('lin')
    const live = await page(lin, {}, other.url)
    await live.opened
    live.say({ watch: { chat: 'ops', after: '0' } })
    await live.until(caughtUp)

    await other.conversation.insert({ ...draft('web:ops', 'never told'), at: 1 })
    await clock.tick()
    await live.until((heard) => texts(heard).includes('card never told'))
    await roundTrip(live.socket)

    const [token] = (await lin.get('/tokens')).body
    await lin.delete(`/tokens/${token.id}`)
    await clock.tick()
    expect(await live.closed).toBe(4401)
    await other.close()
  })

  it('a page that did not answer the last time is let go', async () => {
    const clock = tickingClock()
    let left: () => void = () => {}
    const gone = new Promise<void>((resolve) => {
      left = resolve
    })
    const liveConnections = (open: number) => {
      if (open === 0) left()
    }
    const metrics = { ...createMetrics({ processMetrics: false }), liveConnections }
    const other = await startApp({ clock, metrics })
    const live = await page(await other.token('lin'), {}, other.url)
    await live.opened
    live.socket.pause()

    await clock.tick()
    await clock.tick()
    await gone
    live.socket.resume()

    expect(await live.closed).toBe(1006)
    await other.close()
  })
})

/** A clock whose `tick` lets twenty seconds pass as soon as the server has begun to wait for them. */
function tickingClock(): SteeredClock & { tick(): Promise<void> } {
  const clock = steeredClock()
  let wake: () => void = () => {}
  const next = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  let waiting = next()
  return {
    ...clock,
    sleep(ms, signal) {
      const slept = clock.sleep(ms, signal)
      if (ms === 20_000) wake()
      return slept
    },
    async tick() {
      await waiting
      waiting = next()
      clock.pass(20_000)
    },
  }
}

/** What was sent before has arrived: answers come in order. */
async function roundTrip(socket: WebSocket): Promise<void> {
  socket.ping()
  await once(socket, 'pong')
}

async function aCard(text: string) {
  const kept = await app.conversation.insert({ ...draft(`web:${chat}`, text), at: 1 })
  const answer = await (await app.token('root')).get(`/cards/${kept?.id}`)
  const { createdAt, updatedAt, ...card } = answer.body
  return { ...card, createdAt: Date.parse(createdAt), updatedAt: Date.parse(updatedAt) }
}

const aJob: Heard = {
  id: 'job_1',
  name: 'orders',
  team: { id: 'team_data00000000', name: 'data' },
  environment: 'prod',
  state: { is: 'running', attempt: 1, tasks: { total: 1, running: 1, finished: 0, failed: 0 } },
  generation: 7,
}
