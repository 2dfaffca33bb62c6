import { type Bot, createBot } from '../../src/bot/bot.ts'
import type { ShownBlock, ShownButton, ShownCard } from '../../src/bot/cards/card.ts'
import type { Utterance } from '../../src/bot/conversation.ts'
import type { Speaker } from '../../src/bot/inbound.ts'
import { createPressSigner } from '../../src/bot/press.ts'
import type { Ids } from '../../src/lib/ids.ts'
import type { Log } from '../../src/lib/log.ts'
import type { Language } from '../../src/platform/platform.ts'
import { memoryConversation } from '../fakes/conversation.ts'
import { type FakeWorld, fakePlatform, TEAM } from '../fakes/platform.ts'
import { type SteeredClock, steeredClock } from '../fakes/steered-clock.ts'

/** A conversation with the bot, as people have it: they say things, press buttons and look at what comes. */
export interface TestChat {
  bot: Bot
  world: FakeWorld
  clock: SteeredClock
  /** Errors that were logged: none, unless the test makes one. */
  errors: unknown[]
  /** Everything shown or edited, oldest first, as the live feed carried it. */
  feed: ShownCard[]
  heard: Utterance[]
  as(name: string, options?: { language?: Language; chat?: string; stranger?: boolean }): Person
  /** What was shown last, in its newest version. */
  readonly last: ShownCard
  /** A card as it looks now. */
  now(id: string): ShownCard
}

export interface Person {
  say(text: string, eventId?: string): Promise<readonly ShownCard[]>
  /** Presses a button of the card shown last, or of the given one, by its label. */
  press(label: string, options?: { on?: ShownCard; eventId?: string }): Promise<readonly ShownCard[]>
  /** Fills in and sends the form of the card shown last. */
  send(values: Record<string, string>, options?: { on?: ShownCard }): Promise<readonly ShownCard[]>
}

/** 2 March 2026, 14:02 in Shanghai. */
const START = Date.parse('2026-03-02T06:02:00Z')

export async function testChat(): Promise<TestChat> {
  const clock = steeredClock(START)
  const ids = countingIds()
  const world = fakePlatform({ clock, ids })
  const conversation = memoryConversation()
  const feed: ShownCard[] = []
  const heard: Utterance[] = []
  const errors: unknown[] = []
  const log: Log = { error: (fields) => errors.push(fields), warn() {}, info() {}, debug() {} }
  let events = 0

  const bot = createBot({
    platform: world.platform,
    conversation,
    signer: createPressSigner('a key for tests'),
    publish: { card: (shown) => feed.push(shown), utterance: (utterance) => heard.push(utterance) },
    clock,
    ids,
    log,
  })
  await bot.openChat({ id: 'web:ops', vendor: 'web', title: 'ops' }, { language: 'en', teamId: TEAM })
  let last: ShownCard | null = null

  function remember(shown: readonly ShownCard[]): readonly ShownCard[] {
    last = shown.at(-1) ?? last
    return shown
  }

  function lastCard(): ShownCard {
    if (!last) throw new Error('Nothing was shown yet')
    return last
  }

  function as(
    name: string,
    { language, chat = 'web:ops', stranger = false }: Parameters<TestChat['as']>[1] = {},
  ): Person {
    const vendor = chat.split(':')[0] ?? 'web'
    const member = stranger ? undefined : world.members.get(name)
    const speaker: Speaker = member
      ? { is: 'session', memberId: member.id }
      : { is: 'account', account: { vendor, externalId: name, displayName: name } }
    const inbound = (eventId?: string) => ({
      eventId: eventId ?? `event_${++events}`,
      chat: { id: chat, vendor, title: chat.split(':')[1] ?? chat },
      speaker,
      at: clock.now(),
      requestId: `req_${events}`,
      language: language ?? null,
    })
    return {
      say: async (text, eventId) => remember(await bot.hear({ ...inbound(eventId), text })),
      async press(label, { on, eventId } = {}) {
        const button = (on ?? lastCard()).buttons.find((one) => one.label === label)
        if (!button) throw new Error(`No button "${label}" on: ${(on ?? lastCard()).text}`)
        return remember(await bot.press({ ...inbound(eventId), press: button.press, values: {} }))
      },
      async send(values, { on } = {}) {
        const { press } = formOf(on ?? lastCard()).submit
        return remember(await bot.press({ ...inbound(), press, values }))
      },
    }
  }

  return {
    bot,
    world,
    clock,
    errors,
    feed,
    heard,
    as,
    get last() {
      return newest(feed, lastCard())
    },
    now(id) {
      const card = feed.filter((shown) => shown.id === id).at(-1)
      if (!card) throw new Error(`No card ${id} was shown`)
      return card
    },
  }
}

export function formOf(card: ShownCard): Extract<ShownBlock, { is: 'form' }> {
  const form = card.card.body.find((block) => block.is === 'form')
  if (!form) throw new Error(`No form on: ${card.text}`)
  return form
}

export function labels({ buttons }: { buttons: readonly Pick<ShownButton, 'label'>[] }): string[] {
  return buttons.map(({ label }) => label)
}

function newest(feed: readonly ShownCard[], card: ShownCard): ShownCard {
  const now = feed.filter(({ id }) => id === card.id).at(-1)
  return now && now.version > card.version ? now : card
}

export function countingIds(): Ids {
  const counts = new Map<string, number>()
  return {
    next(prefix) {
      const count = (counts.get(prefix) ?? 0) + 1
      counts.set(prefix, count)
      return `${prefix}_${String(count).padStart(4, '0')}`
    },
    secret: () => 'a-secret-for-tests',
  }
}
