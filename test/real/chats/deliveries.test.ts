import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VENDORS, type Vendor } from '../../../src/bot/adapters/adapter.ts'
import { card, text } from '../../../src/bot/cards/build.ts'
import { prismaConversation } from '../../../src/bot/conversation.prisma.ts'
import type { Conversation } from '../../../src/bot/conversation.ts'
import { prismaOutbox } from '../../../src/bot/delivery/outbox.prisma.ts'
import { silentLog } from '../../../src/lib/log.ts'
import type { Database } from '../../../src/platform/storage/database.prisma.ts'
import { openDatabase } from '../../../src/platform/storage/database.prisma.ts'
import { migrate } from '../../../src/platform/storage/migrate.prisma.ts'
import type { FakeChat } from '../../fakes/chats/fake-chat.ts'
import type { FakeSlack } from '../../fakes/chats/slack.ts'
import { environmentOf, START_FAKE } from '../../fakes/chats/start.ts'
import { kill } from '../../support/child.ts'
import type { DeliveryProcessOrder } from '../../support/delivery-process.ts'
import { type PrivatePostgres, postgresMissing, startPostgres } from '../../support/postgres.ts'
import { scaledClock } from '../../support/scaled-clock.ts'

/** How many cards go where; 10,000 in all. Mails are few: thirty a minute is what a mail server bears. */
const CARDS: Readonly<Record<Vendor, number>> = {
  feishu: 3_200,
  dingtalk: 3_000,
  wecom: 2_300,
  slack: 1_400,
  email: 100,
}
/** Of them, cards that change once, when half of all have been shown. */
const CHANGED = 0.1
const PEOPLE = 300
/** Vendors' minutes are long: time goes faster here, for them and for us. */
const SPEED = 12
const PROCESS = resolve(import.meta.dirname, '../../support/delivery-process.ts')

const missing = postgresMissing()

describe.skipIf(missing !== null)(
  `10,000 deliveries with faults and kills${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    const time = { speed: SPEED, from: Date.now() }
    const clock = scaledClock(time)
    const fakes = new Map<Vendor, FakeChat>()
    const faults: string[] = []
    let postgres: PrivatePostgres
    let database: Database
    let conversation: Conversation
    let order: DeliveryProcessOrder
    let home: string

    beforeAll(async () => {
      postgres = await startPostgres()
      home = await mkdtemp(join(tmpdir(), 'sluice-deliveries-'))
      const url = await postgres.emptyDatabase()
      database = await openDatabase({ is: 'server', url }, silentLog)
      await migrate(database, silentLog)
      conversation = prismaConversation(database)
      let chats = {}
      for (const [number, vendor] of VENDORS.entries()) {
        const fake = await START_FAKE[vendor]({ now: clock.now, pace: true })
        fake.faults.chance({ limited: 0.2, droppedAfterAccept: 0.05, seed: number + 1 })
        fakes.set(vendor, fake)
        chats = { ...chats, ...environmentOf(vendor, fake) }
      }
      order = { url, home, chats, clock: time }
    }, 120_000)

    afterAll(async () => {
      await Promise.all([...fakes.values()].map((fake) => fake.close()))
      await database?.close()
      postgres?.stop()
      await rm(home, { recursive: true, force: true })
    })

    it('loses none, and shows none twice where the vendor has a key', async () => {
      const kills = await whileKilled(async () => {
        await Promise.all(VENDORS.map((vendor) => writeAll(vendor).then(() => downTo(vendor, 0))))
      })

      const found = VENDORS.map((vendor) => countOf(vendor))
      for (const one of found) console.log(lineOf(one))
      console.log(`killed ${kills} times, ${faults.length} complaints`)
      expect(kills).toBeGreaterThan(5)
      expect(found.map(({ vendor, lost, stale, overLimit }) => ({ vendor, lost, stale, overLimit }))).toEqual(
        VENDORS.map((vendor) => ({ vendor, lost: 0, stale: 0, overLimit: 0 })),
      )
      const twice = Object.fromEntries(found.map(({ vendor, twice }) => [vendor, twice]))
      // A mail server has no key: what it took without saying so comes again, with the same Message-ID.
      expect({ ...twice, email: 0 }).toEqual({ feishu: 0, dingtalk: 0, wecom: 0, slack: 0, email: 0 })
      expect(faults).toEqual([])
    }, 600_000)

    /** The process that sends dies every few seconds, and tokens are revoked; until the work is done. */
    async function whileKilled(work: () => Promise<void>): Promise<number> {
      let isDone = false
      let kills = 0
      let child = await sending()
      const killing = (async () => {
        while (!isDone) {
          await pause(2_500 + ((kills * 1_370) % 4_000))
          if (isDone) break
          await kill(child)
          kills++
          if (kills % 3 === 0) revokeTokens()
          child = await sending()
        }
      })()
      try {
        await work()
      } finally {
        isDone = true
        await killing
        await kill(child)
      }
      return kills
    }

    /** Slack's own never expire: that one stands for an app that was taken away, and given back. */
    function revokeTokens(): void {
      for (const fake of fakes.values()) {
        if ('grantTokens' in fake) {
          const { grantTokens } = fake as FakeSlack
          setTimeout(grantTokens, 1_000)
        }
        fake.faults.revokeTokens()
      }
    }

    async function sending(): Promise<ChildProcess> {
      const child = spawn(process.execPath, ['--import', 'tsx', PROCESS, JSON.stringify(order)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await new Promise<void>((ready, failed) => {
        child.once('exit', (code) => failed(new Error(`The process ended with ${code}`)))
        createInterface({ input: child.stdout }).on('line', (line) => {
          if (line === '{"is":"ready"}') ready()
          else if (line.includes('"fault"')) faults.push(line)
        })
      })
      return child
    }

    async function writeAll(vendor: Vendor): Promise<void> {
      const fake = fakeOf(vendor)
      const people = Array.from({ length: PEOPLE }, (_, n) =>
        fake.person(`P${n}`, { email: `p${n}@example.com` }),
      )
      const chat = `${vendor}:outbox`
      await conversation.chat({ id: chat, vendor, title: 'outbox' }, 'en', clock.now())
      for (let n = 0; n < CARDS[vendor]; n++) {
        const person = people[n % PEOPLE]
        const id = `card_${vendor}_${n}`
        const to = { is: 'person' as const, id: person?.id ?? '' }
        const delivery = {
          id: `dlv_${vendor}_${n}`,
          vendor,
          receiver: to,
          memberId: null,
          urgency: 'low' as const,
        }
        await conversation.insert(
          {
            ...{ id, chat, subject: null, subjectVersion: 0, language: 'en', zone: 'UTC', onlyFor: null },
            card: aCard(n, 1),
            at: clock.now(),
          },
          [delivery],
        )
      }
      await downTo(vendor, CARDS[vendor] / 2)
      const at = clock.now()
      for (let n = 0; n < CARDS[vendor]; n++) {
        const newer = { version: 1, subjectVersion: 0, card: aCard(n, 2), at }
        if (isChanged(vendor, n)) await conversation.edit(`card_${vendor}_${n}`, newer)
      }
    }

    async function downTo(vendor: Vendor, left: number): Promise<void> {
      const outbox = prismaOutbox(database)
      const until = Date.now() + 400_000
      for (;;) {
        const depth = (await outbox.depth(clock.now())).find((each) => each.vendor === vendor)
        if ((depth?.waiting ?? 0) <= left) return
        if (Date.now() > until) throw new Error(`Still waiting: ${JSON.stringify(depth)}`)
        await pause(200)
      }
    }

    function countOf(vendor: Vendor): Count {
      const { counts, ...fake } = fakeOf(vendor)
      const seen = new Map<number, string[]>()
      for (const message of fake.messages()) {
        const [, number, version] = /card (\d+), version (\d)/.exec(message.text) ?? []
        if (number === undefined) continue
        seen.set(Number(number), [...(seen.get(Number(number)) ?? []), version ?? ''])
      }
      const count = { vendor, lost: 0, twice: 0, stale: 0, ...counts }
      for (let n = 0; n < CARDS[vendor]; n++) {
        const versions = seen.get(n) ?? []
        if (versions.length === 0) count.lost++
        if (versions.length > new Set(versions).size) count.twice++
        if (isChanged(vendor, n) && versions.length > 0 && !versions.includes('2')) count.stale++
      }
      return count
    }

    function fakeOf(vendor: Vendor): FakeChat {
      const fake = fakes.get(vendor)
      if (!fake) throw new Error(`There is no ${vendor}`)
      return fake
    }
  },
)

interface Count {
  vendor: Vendor
  /** Shown nowhere; shown more than once in the same version; the newer version shown nowhere. */
  lost: number
  twice: number
  stale: number
  posts: number
  edits: number
  tokens: number
  limited: number
  overLimit: number
}

function lineOf({ vendor, ...count }: Count): string {
  return `${vendor}: ${CARDS[vendor]} cards; ${Object.entries(count)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}`
}

/** Mails are never edited; what changes there is told when it has settled. */
function isChanged(vendor: Vendor, n: number): boolean {
  return vendor !== 'email' && n % Math.round(1 / CHANGED) === 0
}

function aCard(n: number, version: number) {
  return card('neutral', `card ${n}, version ${version}`, {
    body: [text('What happened, and what to do next.')],
  })
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
