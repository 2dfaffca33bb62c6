import type { ChatAdapter, Person, Vendor } from '../bot/adapters/adapter.ts'
import type { Bot } from '../bot/bot.ts'
import type { Conversation } from '../bot/conversation.ts'
import type { Clock, Instant } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Platform } from '../platform/platform.ts'

/** What vendors know about who speaks and where. Asked seldom, and never waited for long: a card is due. */
export interface People {
  /** What to call who speaks. Where an admin wants it, the directory says which member that is. */
  recognise(
    vendor: Vendor,
    who: { id: string; name: string | null },
    context: { requestId: string; bot: Pick<Bot, 'personLeft'> },
  ): Promise<string>
  titleOf(vendor: Vendor, chat: string): Promise<string | null>
}

export interface PeopleDependencies {
  access: Pick<Platform['access'], 'memberOf' | 'linkByDirectory'>
  conversation: Pick<Conversation, 'chatById'>
  open(
    vendor: Vendor,
  ): { adapter: Pick<ChatAdapter, 'directory' | 'titleOf'>; matchPeople: boolean } | undefined
  clock: Clock
  log: Log
}

const FRESH_MS = 10 * 60_000
const ENOUGH_MS = 1_000
const MOST_KNOWN = 20_000

export function createPeople({ access, conversation, open, clock, log }: PeopleDependencies): People {
  const persons = createMemory<Person | null>()
  const titles = createMemory<string | null>()

  function createMemory<T>() {
    const known = new Map<string, { value: T; at: Instant }>()
    return {
      async of(key: string, ask: () => Promise<T>): Promise<T> {
        const before = known.get(key)
        if (before && clock.now() - before.at < FRESH_MS) return before.value
        const value = await ask()
        if (known.size >= MOST_KNOWN) known.clear()
        known.set(key, { value, at: clock.now() })
        return value
      },
    }
  }

  /** Null when the vendor is slow or says no: then it is done without. */
  async function soon<T>(asked: Promise<T | null>, what: string): Promise<T | null> {
    const enough = new AbortController()
    const late = clock.sleep(ENOUGH_MS, enough.signal).then(() => null)
    const answer = asked.catch((error: unknown) => {
      log.warn({ error: error instanceof Error ? error.name : 'unknown' }, what)
      return null
    })
    try {
      return await Promise.race([answer, late])
    } finally {
      enough.abort()
    }
  }

  async function match(
    vendor: Vendor,
    person: Person,
    { requestId, bot }: Parameters<People['recognise']>[2],
  ): Promise<void> {
    const account = { vendor, externalId: person.id, displayName: person.name }
    const member = await access.memberOf(account)
    if (member && !person.active && !member.disabled) {
      await bot.personLeft({ vendor, externalId: person.id }, requestId)
    }
    if (!member && person.active) await access.linkByDirectory(account, person, requestId)
  }

  /** Mails go to the address that a member has with us; who presses in one holds it. */
  async function byAddress(
    address: string,
    name: string | null,
    { requestId }: { requestId: string },
  ): Promise<string> {
    const account = { vendor: 'email', externalId: address, displayName: name ?? address }
    if (!(await access.memberOf(account))) {
      await access.linkByDirectory(account, { email: address, staffNumber: null }, requestId)
    }
    return account.displayName
  }

  return {
    async recognise(vendor, { id, name }, context) {
      if (vendor === 'email') return byAddress(id, name, context)
      const chat = open(vendor)
      const directory = chat?.adapter.directory
      if (!chat || !directory || (name !== null && !chat.matchPeople)) return name ?? id
      const asked = persons.of(`${vendor} ${id}`, () => directory.person(id))
      const person = await soon(asked, 'A person could not be looked up')
      if (person && chat.matchPeople) await match(vendor, person, context)
      return name ?? person?.name ?? id
    },
    async titleOf(vendor, id) {
      const adapter = open(vendor)?.adapter
      const asked = adapter?.titleOf
      const title = asked
        ? await soon(
            titles.of(`${vendor} ${id}`, () => asked.call(adapter, id)),
            'A chat’s name could not be looked up',
          )
        : null
      return title ?? (await conversation.chatById(`${vendor}:${id}`))?.title ?? null
    },
  }
}
