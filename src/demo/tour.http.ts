import { randomUUID } from 'node:crypto'
import type { DemoPort } from '../api/ports.ts'
import { systemClock } from '../lib/clock.ts'
import { DEMO_JOBS } from './seed.ts'

export interface TourOptions {
  url: string
  /** Address of the Flink behind it, to look for ourselves whether what the cards say is true. */
  flink: string
  language: 'zh' | 'en'
  demo: DemoPort
  say(line: string): void
  breakFragile(): Promise<void>
}

/** A card as the wire carries it: only what the tour looks at. */
interface WireCard {
  id: string
  subject: string | null
  text: string
  card: { title: string; tone: string; body: readonly { is: string }[] }
  buttons: readonly { label: string; press: string }[]
}

interface WireOperation {
  state: string
  outcome: { is: string; why?: string; release?: number; restoredFrom?: string | null } | null
}

/** Something was not as it should be; the tour ends with exit code 1. */
class TourStop extends Error {
  override name = 'TourStop'
}

const WAIT_MS = 180_000
const POLL_MS = 250

/**
 * Speaks to a running server as people do, over the same path as their messages, and checks each outcome: on the card,
 * in the operation, and where it matters in Flink itself. Resolves with the exit code.
 */
export async function runTour(options: TourOptions): Promise<number> {
  const began = systemClock.now()
  try {
    const people = {
      lin: await person(options, 'lin'),
      wei: await person(options, 'wei'),
      mei: await person(options, 'mei'),
    }
    await story(options, people)
    options.say(`\n✓ ${Math.round((systemClock.now() - began) / 1000)} s`)
    return 0
  } catch (error) {
    if (!(error instanceof TourStop)) throw error
    options.say(`\n✗ ${error.message}`)
    return 1
  }
}

type Person = Awaited<ReturnType<typeof person>>

async function story(
  options: TourOptions,
  { lin, wei, mei }: Record<'lin' | 'wei' | 'mei', Person>,
): Promise<void> {
  const { counter, fragile, sql } = DEMO_JOBS
  const check = checker(options)

  const list = await lin.says('/job list')
  check(
    'the list names all three jobs',
    [counter, fragile, sql].every((name) => list.text.includes(name)),
  )

  const started = await lin.operates(`/job start ${counter}`)
  check('it runs release 1', started.outcome?.is === 'running' && started.outcome.release === 1)
  const before = await gauge(options, counter, 'counter', (value) => value > 20)

  const saved = await lin.operates(`/job savepoint ${counter}`)
  check('a savepoint was taken', saved.outcome?.is === 'savepoint-taken')

  const release = await lin.says(`/job release ${counter} parallelism=2 note="twice as wide"`)
  check('there is a release 2', release.text.includes('2') && release.card.tone !== 'bad')
  const onTwo = await lin.operates(`/job restart ${counter} to 2`)
  check(
    'it runs release 2, from its savepoint',
    onTwo.outcome?.release === 2 && Boolean(onTwo.outcome.restoredFrom),
  )

  const back = await lin.operates(`/job rollback ${counter}`)
  check(
    'it runs release 1 again, from a savepoint',
    back.outcome?.release === 1 && Boolean(back.outcome.restoredFrom),
  )
  const startedFrom = await gauge(options, counter, 'startedFrom', (value) => value > 0)
  check(
    `its state came back: it counted on from ${startedFrom}, and had ${before} before`,
    startedFrom >= before,
  )

  const asked = await wei.says(`/job start ${sql}`)
  check('production asks for a second person', asked.buttons.length > 0 && Boolean(asked.subject))
  const own = await wei.taps(asked, APPROVE[options.language])
  check('nobody approves their own request', own.card.tone !== 'good' && own.card.tone !== 'progress')
  await mei.taps(await mei.sees(asked.subject), APPROVE[options.language])
  const approved = await wei.awaits(asked)
  check('it runs once somebody else approved', approved.outcome?.is === 'running')

  await lin.operates(`/job start ${fragile}`)
  // Long enough for a checkpoint, so that the restart has something to go on from.
  await gauge(options, fragile, 'counter', (value) => value > 40)
  options.say(`\n… ${fragile} is told to break`)
  await options.breakFragile()
  const alert = await lin.awaitsCard(
    (card) => Boolean(card.subject?.startsWith('incident:')) && card.text.includes(BROKEN),
  )
  options.say(indent(alert.text))
  await lin.taps(alert, ACKNOWLEDGE[options.language])
  const taken = await lin.awaitsCard(
    (card) => card.id === alert.id && ON_IT[options.language].test(card.text),
  )
  check('the card says who is on it', taken.card.title === alert.card.title)
  const restart = taken.buttons.find((button) => button.label === RESTART[options.language])
  check('the card about the failure has a button to restart', Boolean(restart))
  const restarted = await lin.awaits(await lin.taps(taken, RESTART[options.language]))
  check(
    'one tap brought it back, from its last checkpoint',
    restarted.outcome?.is === 'running' && Boolean(restarted.outcome.restoredFrom),
  )
  const recovered = await lin.awaitsCard((card) => card.id === alert.id && card.card.tone === 'good')
  options.say(indent(recovered.text))
  check('the card about the failure edited itself', recovered.card.title !== alert.card.title)
  await afterwards(options, { lin, incident: alert.subject?.slice('incident:'.length) ?? '' })
}

/** What stays of an incident: its timeline, the day's summary; and who is on call for the next one. */
async function afterwards(
  options: TourOptions,
  { lin, incident }: { lin: Person; incident: string },
): Promise<void> {
  const check = checker(options)
  const timeline = await lin.says(`/incident timeline ${incident}`)
  check(
    'its timeline says who took it',
    timeline.text.split('\n').some((line) => /Lin|林/.test(line)),
  )

  const onCall = await lin.says('/oncall data')
  check('somebody is on call for the next one', onCall.card.tone === 'neutral')
  const month = await lin.says('/oncall month data-primary')
  check(
    'the month of the rota is a picture',
    month.card.body.some(({ is }) => is === 'picture'),
  )

  const route = await lin.says('/route test env=prod severity=critical team=data')
  check('a route explains itself', route.text.includes('P1'))

  const digest = await lin.says('/digest now team=data')
  check(
    'the day is summed up, with a picture',
    digest.card.body.some(({ is }) => is === 'picture'),
  )
}

/** What the fragile job says when it breaks; Flink passes it on, and the card must quote it. */
const BROKEN = 'broken on purpose'
const APPROVE = { zh: '批准', en: 'Approve' } as const
const ACKNOWLEDGE = { zh: '我来处理', en: 'Acknowledge' } as const
const ON_IT = { zh: /起在处理/, en: /is on it/ } as const
const RESTART = { zh: '重启', en: 'Restart' } as const

function checker({ say }: TourOptions): (what: string, holds: boolean) => void {
  return (what, holds) => {
    say(`  ${holds ? '✓' : '✗'} ${what}`)
    if (!holds) throw new TourStop(what)
  }
}

/** One of the demo's members, signed in, in the demo's chat. */
async function person(options: TourOptions, name: string) {
  const { url, demo, say } = options
  const session = await demo.signInAs(name)
  if (!session) throw new TourStop(`${name} could not sign in`)
  const headers = {
    cookie: `sluice_session=${session.cookie}`,
    'x-csrf-token': session.csrf,
    'content-type': 'application/json',
  }

  async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { ...headers, 'idempotency-key': randomUUID() },
      ...sent,
    })
    const text = await response.text()
    if (!response.ok)
      throw new TourStop(`${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`)
    // Our own server's answer, whose shape its tests check.
    return JSON.parse(text) as T
  }

  async function says(text: string): Promise<WireCard> {
    say(`\n> ${name}: ${text}`)
    const { cards } = await ask<{ cards: WireCard[] }>('POST', '/say', { text, chat: 'ops' })
    for (const card of cards) say(indent(card.text))
    const [first] = cards
    if (!first) throw new TourStop(`nothing was answered to ${text}`)
    return first
  }

  async function taps(card: WireCard, label: string): Promise<WireCard> {
    const button = card.buttons.find((one) => one.label === label)
    if (!button) throw new TourStop(`there is no button ${label} on "${card.card.title}"`)
    say(`\n> ${name}: [${label}]`)
    const { cards } = await ask<{ cards: WireCard[] }>('POST', '/press', { press: button.press, chat: 'ops' })
    for (const answer of cards) say(indent(answer.text))
    return cards[0] ?? card
  }

  async function recent(): Promise<readonly WireCard[]> {
    return (await ask<{ cards: WireCard[] }>('GET', '/chats/ops/history?limit=50')).cards
  }

  async function awaitsCard(wanted: (card: WireCard) => boolean): Promise<WireCard> {
    const until = systemClock.now() + WAIT_MS
    while (systemClock.now() < until) {
      const found = (await recent()).findLast(wanted)
      if (found) return found
      await systemClock.sleep(POLL_MS)
    }
    throw new TourStop('a card that should have come did not')
  }

  /** The operation behind a card, once it has ended, with the card as it is then. */
  async function awaits(card: WireCard): Promise<WireOperation> {
    const id = card.subject?.startsWith('operation:') ? card.subject.slice('operation:'.length) : null
    if (!id) throw new TourStop(`"${card.card.title}" is not about an operation`)
    const until = systemClock.now() + WAIT_MS
    for (;;) {
      const operation = await ask<WireOperation>('GET', `/operations/${id}?wait=30s`)
      const over = ['done', 'failed', 'refused', 'cancelled'].includes(operation.state)
      if (!over && systemClock.now() < until) continue
      const shown = await awaitsCard(
        (one) => one.subject === card.subject && (one.card.tone !== 'progress' || !over),
      )
      say(indent(shown.text))
      if (!over) throw new TourStop(`the operation behind "${card.card.title}" did not end in time`)
      return operation
    }
  }

  return {
    says,
    taps,
    awaits,
    awaitsCard,
    operates: async (text: string) => awaits(await says(text)),
    sees: (subject: string | null) => awaitsCard((card) => card.subject === subject),
  }
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
}

/** Reads a gauge of the example job from Flink itself. Values come in the background there: an empty answer is not zero. */
async function gauge(
  { flink }: TourOptions,
  jobName: string,
  name: 'counter' | 'startedFrom',
  wanted: (value: number) => boolean,
): Promise<number> {
  const get = async (path: string) => (await fetch(`${flink}${path}`)).json() as Promise<never>
  const until = systemClock.now() + WAIT_MS
  while (systemClock.now() < until) {
    const { jobs } = (await get('/jobs/overview')) as { jobs: { jid: string; name: string; state: string }[] }
    const job = jobs.find((one) => one.name === jobName && one.state === 'RUNNING')
    const value = job && (await readGauge(get, job.jid, name))
    if (value !== undefined && wanted(value)) return value
    await systemClock.sleep(POLL_MS)
  }
  throw new TourStop(`the gauge ${name} of ${jobName} never showed what it should`)
}

async function readGauge(
  get: (path: string) => Promise<never>,
  id: string,
  name: string,
): Promise<number | undefined> {
  const { vertices } = (await get(`/jobs/${id}`)) as { vertices: { id: string; name: string }[] }
  for (const vertex of vertices) {
    const ids = [0, 1].map((subtask) => `${subtask}.count.${name}`).join(',')
    const found = (await get(`/jobs/${id}/vertices/${vertex.id}/metrics?get=${ids},${name}`)) as {
      value?: string
    }[]
    const values = found.flatMap(({ value }) => (value === undefined ? [] : [Number(value)]))
    if (values.length > 0) return Math.max(...values)
  }
  return undefined
}
