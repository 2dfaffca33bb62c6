// Vendors' servers and the people on them, in a process of their own: their CPU time is not the server's.
import type { Vendor } from '../../src/bot/adapters/adapter.ts'
import type { FakeChat, FakePerson, SeenMessage } from '../../test/fakes/chats/fake-chat.ts'
import { environmentOf, START_FAKE } from '../../test/fakes/chats/start.ts'
import type { Answers, Ask, PeopleOptions, Rate } from './chat-people.ts'
import { atRate } from './open-loop.ts'

const fakes = new Map<Vendor, FakeChat>()
const people = new Map<Vendor, FakePerson[]>()

const answer: { [A in Ask['do']]: (ask: Extract<Ask, { do: A }>) => Promise<Answers[A]> } = {
  async open({ vendors, each, pace, slowMs }: PeopleOptions) {
    let environment = {}
    for (const vendor of vendors) {
      const fake = await START_FAKE[vendor]({ pace })
      fake.faults.slow(slowMs)
      fakes.set(vendor, fake)
      people.set(
        vendor,
        Array.from({ length: each }, (_, n) => fake.person(`P${n}`, { email: `p${n}@example.com` })),
      )
      environment = { ...environment, ...environmentOf(vendor, fake) }
    }
    return {
      environment,
      people: [...people].map(([vendor, all]) => ({ vendor, ids: all.map(({ id }) => id) })),
    }
  },
  async callAt({ address }) {
    for (const fake of fakes.values()) if (fake.vendor === 'wecom') fake.callAt(address)
    return null
  },
  async say({ text, rates, seconds }) {
    const took = await Promise.all(rates.map((rate) => sayAtRate(rate, text, seconds)))
    return { took: took.flatMap((one) => one.took), late: took.reduce((sum, { late }) => sum + late, 0) }
  },
  async tap({ vendor, label, perSecond, count }) {
    const all = peopleOf(vendor)
    const fake = fakeOf(vendor)
    const cards = all.map((person) => fake.messages({ person }).at(-1))
    return atRate(perSecond, count, async (at) => {
      const [person, card] = [all[at % all.length], cards[at % all.length]]
      const { toast } = (card && (await person?.press(card, label))) ?? {}
      if (!toast || toast === '…') throw new Error(`A tap was answered with ${toast}`)
    })
  },
  async seenAt({ vendor, title }) {
    const { at } = await fakeOf(vendor).seen((message) => message.text.includes(title))
    return at
  },
}

/** From when the vendor told of it until it had taken the first card of it. */
async function sayAtRate(
  { vendor, perSecond }: Rate,
  text: string,
  seconds: number,
): Promise<Answers['say']> {
  const all = peopleOf(vendor)
  let late = 0
  const said: { person: FakePerson; at: number }[] = []
  await atRate(perSecond, Math.round(perSecond * seconds), async (at) => {
    const person = all[at % all.length]
    if (!person) return
    said.push({ person, at: Date.now() })
    const { ok } = await person.say(text)
    if (!ok) late++
  })
  const deadline = Date.now() + 20_000
  for (;;) {
    const took = answersTo(vendor, said)
    if (took.length === said.length) return { took: took.map((ms) => ({ vendor, ms })), late }
    if (Date.now() > deadline)
      throw new Error(`${vendor}: ${said.length - took.length} of ${said.length} were not answered`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function answersTo(vendor: Vendor, said: readonly { person: FakePerson; at: number }[]): number[] {
  const fake = fakeOf(vendor)
  const messages = new Map<FakePerson, readonly SeenMessage[]>()
  return said.flatMap(({ person, at }) => {
    const all = messages.get(person) ?? fake.messages({ person })
    messages.set(person, all)
    const first = all.find((message) => message.at >= at)
    return first ? [first.at - at] : []
  })
}

function fakeOf(vendor: Vendor): FakeChat {
  const fake = fakes.get(vendor)
  if (!fake) throw new Error(`${vendor} is not there`)
  return fake
}

function peopleOf(vendor: Vendor): FakePerson[] {
  return people.get(vendor) ?? []
}

process.on('message', async (ask: Ask) => {
  try {
    // The table has an answer of the right form for each ask.
    const told = await (answer[ask.do] as (ask: Ask) => Promise<unknown>)(ask)
    process.send?.({ told })
  } catch (error) {
    process.send?.({ failed: error instanceof Error ? error.message : String(error) })
  }
})
process.on('disconnect', () => process.exit(0))
