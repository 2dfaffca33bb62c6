import { card } from '../../src/bot/cards/build.ts'
import type { Button, Tone } from '../../src/bot/cards/card.ts'
import type { Conversation } from '../../src/bot/conversation.ts'
import type { NewDelivery } from '../../src/bot/delivery/delivery.ts'
import type { KeptPresses } from '../../src/bot/delivery/kept-presses.ts'
import type { Outbox } from '../../src/bot/delivery/outbox.ts'
import { createSender, type Sender } from '../../src/bot/delivery/sender.ts'
import { createPressSigner } from '../../src/bot/press.ts'
import { createSeal } from '../../src/lib/seal.ts'
import { memoryConversation } from '../fakes/conversation.ts'
import { memoryLeases } from '../fakes/memory-leases.ts'
import { memoryKeptPresses, memoryOutbox } from '../fakes/outbox.ts'
import { type SteeredClock, steeredClock } from '../fakes/steered-clock.ts'
import { countingIds } from './chat.ts'
import { type TestVendor, testVendor, type VendorTraits } from './vendor.ts'

/** Deliveries in memory, a vendor of the test, and time that it steers. */
export interface Sending {
  clock: SteeredClock
  vendor: TestVendor
  outbox: Outbox
  conversation: Conversation
  presses: KeptPresses
  /** Of the processes that send. */
  leases: ReturnType<typeof memoryLeases>
  /** As the log would have it. */
  warned: Logged[]
  failed: Logged[]
  observed: string[]
  /** One more process that sends, on the same store; with a vendor of its own when one is given. */
  sender(holder: string, more?: { vendor?: TestVendor; outbox?: Outbox; conversation?: Conversation }): Sender
  /** A card with one delivery. Its id. */
  tell(
    title: string,
    more?: Partial<NewDelivery> & { tone?: Tone; buttons?: readonly Button[] },
  ): Promise<string>
  change(cardId: string, title: string, tone?: Tone): Promise<void>
  close(text: string): string
  /** Lets time pass in steps until it holds. */
  comes(holds: () => boolean | Promise<boolean>, what?: string, step?: number): Promise<void>
  /** Everything that was asked for stands there, or was given up. */
  settled(): Promise<void>
  end(): Promise<void>
}

interface Logged extends Record<string, unknown> {
  says: string
}

export const LIN = { is: 'person', id: 'ou_lin' } as const
export const ROOM = { id: 'feishu:oc_1', vendor: 'feishu', title: 'Data' }
const STEP_MS = 20
const MOST_STEPS = 5_000

export async function sendingBy(traits: Omit<VendorTraits, 'clock'> = {}): Promise<Sending> {
  const clock = steeredClock()
  const outbox = memoryOutbox()
  const conversation = memoryConversation(outbox)
  const presses = memoryKeptPresses(clock)
  const leases = memoryLeases(clock)
  const vendor = testVendor({ clock, ...traits })
  const seal = createSeal('a secret that is long enough for tests', 'shown once')
  const ids = countingIds()
  const senders: Sender[] = []
  const sending: Sending = {
    ...{ clock, vendor, outbox, conversation, presses, leases, warned: [], failed: [], observed: [] },
    sender(holder, more = {}) {
      const sender = createSender({
        adapter: more.vendor ?? vendor,
        outbox: more.outbox ?? outbox,
        conversation: more.conversation ?? conversation,
        ...{ presses, clock, leases: leases.as(holder) },
        signer: createPressSigner('a key for tests'),
        unseal: (text) => seal.open(text),
        random: () => 0.5,
        log: {
          error: (fields, message) => sending.failed.push({ ...fields, says: message }),
          warn: (fields, message) => sending.warned.push({ ...fields, says: message }),
          info() {},
          debug() {},
        },
        observe: {
          called: (_vendor, posted, code) =>
            sending.observed.push(code === null ? posted : `${posted} ${code}`),
          arrived: (_vendor, urgent, ms) =>
            sending.observed.push(`arrived ${urgent ? 'urgently ' : ''}${ms}`),
        },
      })
      senders.push(sender)
      sender.start()
      return sender
    },
    async tell(title, { tone = 'neutral', buttons = [], ...draft } = {}) {
      const id = draft.id ?? ids.next('dlv')
      const about = { subject: null, subjectVersion: 0, language: 'en', zone: 'UTC', onlyFor: null } as const
      await conversation.insert(
        { id: `card_${id}`, chat: ROOM.id, ...about, card: card(tone, title, { buttons }), at: clock.now() },
        [{ vendor: 'feishu', receiver: LIN, memberId: null, urgency: 'ordinary', ...draft, id }],
      )
      return id
    },
    async change(id, title, tone = 'good') {
      const version = (await conversation.card(`card_${id}`))?.version ?? 0
      const edit = { version, subjectVersion: 0, card: card(tone, title), at: clock.now() }
      if (!(await conversation.edit(`card_${id}`, edit))) throw new Error('Somebody else edited the card')
    },
    close: (text) => seal.close(text),
    async comes(holds, what = 'what was waited for', step = STEP_MS) {
      for (let steps = 0; !(await holds()); steps++) {
        if (steps > MOST_STEPS) throw new Error(`${what} did not come`)
        // Everything that can go on without time does so first.
        await nextTurn()
        await nextTurn()
        if (!(await holds())) clock.pass(step)
      }
    },
    settled: () =>
      sending.comes(async () => (await outbox.depth(0)).every(({ waiting }) => waiting === 0), 'rest'),
    async end() {
      await Promise.all(senders.map((sender) => sender.stop()))
    },
  }
  await conversation.chat(ROOM, 'en', clock.now())
  return sending
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
