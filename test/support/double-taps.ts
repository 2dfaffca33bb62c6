import type { App } from '../../src/app.ts'
import type { ShownCard } from '../../src/bot/cards/card.ts'
import { randomIds } from '../../src/lib/ids.ts'
import type { MemberId } from '../../src/platform/platform.ts'
import { endings, type RunningJob } from './running-jobs.ts'

export interface TapWorld {
  app: App
  people: readonly [MemberId, MemberId]
  /** All running. */
  jobs: readonly RunningJob[]
}

/** What was counted in the database before and after. */
export interface TapCount {
  operations: number
  done: number
  restarts: number
  attempts: number
  liveAttempts: number
  /** Asked for, and joined to an equal one that was open. */
  joined: number
}

export interface TapReport {
  taps: number
  tookMs: number
  /** From a tap to its answer, in ms. */
  waits: number[]
  counted: TapCount
}

type Way = 'two people' | 'one person twice' | 'two people, each on their own card'
const WAYS: readonly Way[] = ['two people', 'one person twice', 'two people, each on their own card']
const BUTTONS = ['Restart', 'Savepoint']
const CHAT = { id: 'web:ops', vendor: 'web', title: 'ops' }

/**
 * Taps the same button twice at once, over all jobs side by side: in every way in turn, Restart and Savepoint in turn,
 * on a fresh card each time and only when the former operation of the job has ended.
 */
export async function doubleTaps(world: TapWorld, taps: number): Promise<TapReport> {
  const { app, jobs } = world
  const before = await count(app)
  const ended = endings(app.core)
  const waits: number[] = []
  let next = 0
  const began = performance.now()
  async function onOneJob(job: RunningJob): Promise<void> {
    for (let tap = next++; tap < taps; tap = next++) {
      const operationId = await tapTwice(world, { job, tap, waits })
      await ended.of(operationId)
    }
  }
  await Promise.all(jobs.map(onOneJob))
  const tookMs = performance.now() - began
  ended.stop()
  const after = await count(app)
  const since = (key: keyof TapCount) => after[key] - before[key]
  const counted = {
    operations: since('operations'),
    done: since('done'),
    restarts: since('restarts'),
    attempts: since('attempts'),
    liveAttempts: after.liveAttempts,
    joined: since('joined'),
  }
  return { taps, tookMs, waits, counted }
}

interface OneTap {
  job: RunningJob
  tap: number
  waits: number[]
}

/** The operation that came of it. */
async function tapTwice({ app, people }: TapWorld, { job, tap, waits }: OneTap): Promise<string> {
  const way = WAYS[tap % WAYS.length] ?? 'two people'
  const label = BUTTONS[Math.floor(tap / WAYS.length) % BUTTONS.length] ?? ''
  const [one, other] = people
  const first = await showJob(app, job, one)
  const second = way === 'two people, each on their own card' ? await showJob(app, job, other) : first
  const who = way === 'one person twice' ? one : other
  const answers = await Promise.all([
    press(app, first, label, one, waits),
    press(app, second, label, who, waits),
  ])
  const subjects = answers
    .flat()
    .flatMap(({ subject }) => (subject?.startsWith('operation:') ? [subject] : []))
  const [subject] = subjects
  if (!subject)
    throw new Error(`Nothing came of ${label} on ${job.name}: ${answers.flat().map(({ text }) => text)}`)
  return subject.slice('operation:'.length)
}

async function showJob(app: App, { name }: RunningJob, memberId: MemberId): Promise<ShownCard> {
  const [card] = await app.bot.hear({ ...inbound(memberId), text: `/job show ${name}` })
  if (!card) throw new Error(`No card of ${name}`)
  return card
}

async function press(app: App, card: ShownCard, label: string, memberId: MemberId, waits: number[]) {
  const button = card.buttons.find((one) => one.label === label)
  if (!button) throw new Error(`No button ${label} on: ${card.text}`)
  const began = performance.now()
  const cards = await app.bot.press({ ...inbound(memberId), press: button.press, values: {} })
  waits.push(performance.now() - began)
  return cards
}

function inbound(memberId: MemberId) {
  return {
    eventId: randomIds.next('evt'),
    chat: CHAT,
    speaker: { is: 'session', memberId } as const,
    at: Date.now(),
    requestId: randomIds.next('req'),
    language: 'en' as const,
  }
}

async function count({ database }: Pick<App, 'database'>): Promise<TapCount> {
  const [row] = await database.sql<Record<keyof TapCount, number>>(COUNT)
  if (!row) throw new Error('Nothing was counted.')
  return row
}

const COUNT = `SELECT
  (SELECT count(*)::int FROM "Operation") AS operations,
  (SELECT count(*)::int FROM "Operation" WHERE state = 'done') AS done,
  (SELECT count(*)::int FROM "Operation" WHERE verb = 'restart') AS restarts,
  (SELECT count(*)::int FROM "Attempt") AS attempts,
  (SELECT count(*)::int FROM "Attempt" WHERE state <> 'over') AS "liveAttempts",
  (SELECT count(*)::int FROM "AuditEntry" WHERE because = 'joined an equal one that is open') AS joined`
