import type {
  ChatAdapter,
  Directory,
  Handle,
  Pace,
  Posted,
  Receiver,
  Vendor,
} from '../../src/bot/adapters/adapter.ts'
import { type Abilities, PLAIN_TEXT } from '../../src/bot/cards/abilities.ts'
import type { ShownCard } from '../../src/bot/cards/card.ts'
import type { Clock, Instant } from '../../src/lib/clock.ts'

/** A vendor that does what the test says, and remembers what it was asked for. */
export interface TestVendor extends ChatAdapter {
  calls: VendorCall[]
  /** What stands there, by its message. */
  standing: Map<string, Standing>
  /** What a call is answered with; undefined: as if all were well. */
  answer: (call: VendorCall) => Posted | Promise<Posted> | undefined
  /** Whether it is connected, and how often it began. */
  isOpen: boolean
  starts: number
}

export interface Standing {
  title: string
  to: Receiver
  key: string
  edits: number
  /** Left out by tests that put it there themselves. */
  shown?: ShownCard | null
}

export interface VendorCall {
  what: 'post' | 'edit' | 'urge' | 'find'
  at: Instant
  key: string
  to: Receiver | null
  shown: ShownCard | null
  title: string
  mention: readonly string[]
  after: Handle | null
  handle: Handle | null
}

export interface VendorTraits {
  clock: Clock
  /** Feishu, unless it is said. */
  vendor?: Vendor
  pace?: Partial<Pace>
  abilities?: Partial<Abilities>
  /** The same key shows nothing twice. */
  knowsKeys?: boolean
  /** It can be asked whether a message stands there. */
  canFind?: boolean
  alone?: true
  urges?: boolean
  fits?: (shown: ShownCard) => boolean
  directory?: Directory
  titleOf?: (chat: string) => Promise<string | null>
}

export const NO_PACE: Pace = {
  app: [],
  chat: [],
  person: [],
  message: [],
  parallel: 8,
  editableMs: 3_600_000,
}
const ABILITIES: Abilities = { ...PLAIN_TEXT, buttons: 4, updates: 'freely' }

export function testVendor(traits: VendorTraits): TestVendor {
  const { clock, knowsKeys = true, canFind = false, urges = true } = traits
  let messages = 0

  async function asked(call: VendorCall, well: () => Posted): Promise<Posted> {
    vendor.calls.push(call)
    return (await vendor.answer(call)) ?? well()
  }

  function show(call: VendorCall): Posted {
    const there = [...vendor.standing].find(([, { key }]) => key === call.key)
    if (there && knowsKeys) return { is: 'accepted', handle: { message: there[0] }, asFirst: true }
    const id = `om_${++messages}`
    const { title, to, key, shown } = call
    if (to) vendor.standing.set(id, { title, to, key, shown, edits: 0 })
    return { is: 'accepted', handle: { message: id } }
  }

  const callOf = (what: VendorCall['what'], more: Partial<VendorCall>): VendorCall => ({
    ...{ what, at: clock.now(), key: '', to: null, shown: null, mention: [], after: null, handle: null },
    title: more.shown?.card.title ?? '',
    ...more,
  })

  const vendor: TestVendor = {
    vendor: traits.vendor ?? 'feishu',
    abilities: { ...ABILITIES, ...traits.abilities },
    pace: { ...NO_PACE, ...traits.pace },
    ...(traits.alone && { alone: traits.alone }),
    ...(traits.directory && { directory: traits.directory }),
    ...(traits.titleOf && { titleOf: traits.titleOf }),
    calls: [],
    standing: new Map(),
    answer: () => undefined,
    isOpen: false,
    starts: 0,
    async start() {
      vendor.isOpen = true
      vendor.starts++
    },
    async stop() {
      vendor.isOpen = false
    },
    connection: () => ({ is: 'connected', since: 0 }),
    fits: traits.fits ?? (() => true),
    post(post) {
      const call = callOf('post', post)
      return asked(call, () => show(call))
    },
    edit({ at, ...edit }) {
      return asked(callOf('edit', { ...edit, handle: at }), () => {
        const message = vendor.standing.get(at.message ?? '')
        const { shown } = edit
        if (message) Object.assign(message, { title: shown.card.title, shown, edits: message.edits + 1 })
        return { is: 'accepted', handle: at }
      })
    },
    ...(canFind && {
      async find(post) {
        const answer = await asked(callOf('find', post), () => ({ is: 'accepted', handle: {} }))
        if (answer.is !== 'accepted') return { is: 'unknown' }
        const there = [...vendor.standing].find(([, { key }]) => key === post.key)
        return there ? { is: 'there', handle: { message: there[0] } } : { is: 'absent' }
      },
    }),
    ...(urges && {
      urge: ({ at, people, text }) =>
        asked(callOf('urge', { handle: at, mention: people, title: text }), () => ({
          is: 'accepted',
          handle: at,
        })),
    }),
    check: async () => [],
  }
  return vendor
}

/** A call that ends when the test says so. */
export function heldCall(): { posted: Promise<Posted>; end(posted?: Posted): void } {
  let end: (posted: Posted) => void = () => {}
  const posted = new Promise<Posted>((resolve) => {
    end = resolve
  })
  return { posted, end: (answer = { is: 'accepted', handle: { message: 'om_held' } }) => end(answer) }
}
