import type { Clock, Instant } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { Leases } from '../../platform/platform.ts'
import type { ChatAdapter, Posted, Receiver, VendorWords } from '../adapters/adapter.ts'
import type { ShownCard } from '../cards/card.ts'
import type { Conversation, KeptCard } from '../conversation.ts'
import type { PressSigner } from '../press.ts'
import { type Change, type Delivery, keyOf, receiverOf, receiverText, settle } from './delivery.ts'
import { draw, shortened } from './draw.ts'
import type { KeptPresses } from './kept-presses.ts'
import type { Due, Outbox } from './outbox.ts'
import { type Call, createPacing, type Pacing } from './pacing.ts'

/**
 * Sends one vendor's deliveries. Of several replicas one does, under a lease whose fence guards every write: so the
 * vendor's pace is kept and its tokens are fetched by one process, without anything shared between them.
 */
export interface Sender {
  start(): void
  /** Ends after the calls under way. */
  stop(): Promise<void>
}

export interface SenderDependencies {
  adapter: ChatAdapter
  outbox: Outbox
  conversation: Pick<Conversation, 'card'>
  presses: KeptPresses
  signer: PressSigner
  /** Reads what is shown once instead of the kept card. */
  unseal(sealed: string): string
  leases: Leases
  clock: Clock
  random: () => number
  log: Log
  observe?: ObserveDelivery
}

/** For metrics. */
export interface ObserveDelivery {
  /** `posted`: null when nothing was called. */
  called(vendor: string, posted: Posted['is'], code: string | null, ms: number): void
  /** From when it was wanted until the vendor took it. */
  arrived(vendor: string, urgent: boolean, ms: number): void
}

const LEASE_MS = 15_000
const RENEW_MS = 5_000
// A wake-up may be lost; nothing waits longer than this for another one.
const LOOK_MS = 1_000
const BATCH = 64
const CARD_GONE = { code: 'card-gone', message: 'the card is gone' }
const TOO_OLD = { code: 'old', message: 'older than can be edited' }

export function createSender(dependencies: SenderDependencies): Sender {
  const { adapter, outbox, clock, log, leases } = dependencies
  const { vendor, pace } = adapter
  const stopping = new AbortController()
  const calls = new Map<string, Promise<void>>()
  let pacing: Pacing = createPacing(pace)
  let roused = false
  let rouse = () => {}
  let running: Promise<void> = Promise.resolve()
  let fence: number | null = null
  let leaseUntil: Instant = 0
  let announced = false
  /** Something could not be written down: it is claimed, and nobody sends it. */
  let isLost = false

  async function run(): Promise<void> {
    const forget = await outbox.onWork(wake)
    while (!stopping.signal.aborted) {
      try {
        const holder = await held()
        const idle = holder === null ? LOOK_MS : await round(holder)
        await waitFor(idle)
      } catch (error) {
        log.warn({ error, vendor }, 'Deliveries could not be looked at')
        await waitFor(LOOK_MS)
      }
    }
    await Promise.all(calls.values())
    await forget()
    // In this order: whoever takes over connects at once, and would be thrown out by us.
    await letGo()
    await leases.giveUp(leaseName()).catch(() => {})
  }

  /** The fence while the lease is ours. A new holder first finds out what the former one had begun. */
  async function held(): Promise<number | null> {
    const now = clock.now()
    if (fence !== null && now < leaseUntil - (LEASE_MS - RENEW_MS)) return fence
    const taken = await leases.take(leaseName(), LEASE_MS)
    if (taken === null) {
      await letGo()
      return null
    }
    leaseUntil = now + LEASE_MS
    if (taken !== fence) await takeOver(taken)
    return taken
  }

  async function letGo(): Promise<void> {
    if (fence !== null && adapter.alone) await adapter.stop()
    fence = null
  }

  async function takeOver(taken: number): Promise<void> {
    // What we began ourselves, before our lease ran out, is written down when it ends.
    await Promise.all(calls.values())
    const now = clock.now()
    pacing = createPacing(pace)
    const longest = Math.max(0, ...[...pace.app, ...pace.chat, ...pace.person].map(({ ms }) => ms))
    pacing.remember(await outbox.recentCalls(vendor, now - longest))
    const open = await outbox.recover(vendor, taken)
    if (open > 0) log.info({ vendor, open }, 'Taking over deliveries that were under way')
    if (fence === null && adapter.alone) void connect()
    fence = taken
  }

  async function connect(): Promise<void> {
    try {
      await adapter.start()
    } catch (error) {
      log.error({ error, vendor }, 'A chat did not start')
    }
  }

  async function findLost(holder: number): Promise<void> {
    await Promise.all(calls.values())
    await outbox.recover(vendor, holder)
    isLost = false
  }

  function leaseName(): string {
    return `delivery:${vendor}`
  }

  /** Starts what may be sent now; answers how long to wait for more. */
  async function round(holder: number): Promise<number> {
    if (isLost) await findLost(holder)
    const room = pace.parallel - calls.size
    if (room <= 0) return LOOK_MS
    const busy = [...calls.keys()].map(receiverOf)
    const blocked: Receiver[] = []
    let soonest = LOOK_MS
    for (;;) {
      const due = await outbox.due({ vendor, now: clock.now(), limit: BATCH, without: [...busy, ...blocked] })
      const at = clock.now()
      const { chosen, held: slow, ms } = choose(due, room, at)
      soonest = Math.min(soonest, ms)
      if (chosen.length > 0) {
        const claimed = await outbox.claim(
          chosen.map(({ id }) => id),
          holder,
          clock.now(),
        )
        for (const delivery of claimed) begin(delivery, holder, at)
        return due.length === BATCH ? 0 : soonestOf(soonest)
      }
      // All of this batch must wait: others may not have to.
      if (due.length < BATCH || slow.length === 0) return soonestOf(soonest)
      blocked.push(...slow)
    }
  }

  async function soonestOf(ms: number): Promise<number> {
    const next = await outbox.nextDue(vendor)
    if (next === null) return ms
    const until = next - clock.now()
    return until > 0 ? Math.min(ms, until) : ms
  }

  /** One per receiver, as far as the pace allows. */
  function choose(
    due: readonly Due[],
    room: number,
    at: Instant,
  ): { chosen: Due[]; held: Receiver[]; ms: number } {
    const chosen: Due[] = []
    const held = new Map<string, Receiver>()
    const taken = new Set<string>()
    let soonest = LOOK_MS
    for (const one of due) {
      const place = receiverText(one.receiver)
      if (chosen.length >= room || taken.has(place)) continue
      const { ms, of } = pacing.take(one, at)
      if (ms > 0) {
        soonest = Math.min(soonest, ms)
        // What comes after it is no more urgent, and has to wait as well.
        if (of === 'app') return { chosen, held: [], ms: soonest }
        if (of === 'receiver') held.set(place, one.receiver)
        continue
      }
      taken.add(place)
      chosen.push(one)
    }
    return { chosen, held: [...held.values()], ms: soonest }
  }

  function begin(delivery: Delivery, holder: number, paced: Instant): void {
    const place = receiverText(delivery.receiver)
    const call = send(delivery, holder)
      .then((called) => {
        if (!called) pacing.giveBack(pacedAs(delivery), paced)
      })
      .catch((error: unknown) => putBack(delivery, holder, error))
      .finally(() => {
        calls.delete(place)
        wake()
      })
    calls.set(place, call)
  }

  /** It broke on our side, wherever: it is tried again as if its answer had been lost. */
  async function putBack(delivery: Delivery, holder: number, error: unknown): Promise<void> {
    log.error({ error, vendor, delivery: delivery.id }, 'A delivery broke on our side')
    const broke: Posted = { is: 'unreached', uncertain: true, said: ourFault(error) }
    const when = { version: delivery.wanted, now: clock.now(), random: dependencies.random }
    await write(delivery, holder, settle(delivery, broke, when)).catch(() => {
      isLost = true
    })
  }

  /** False: the vendor was not called. */
  async function send(delivery: Delivery, holder: number): Promise<boolean> {
    const kept = await dependencies.conversation.card(delivery.cardId)
    if (!kept) {
      await write(delivery, holder, { is: 'dead', error: CARD_GONE })
      return false
    }
    const { version } = kept
    if (isRingDue(delivery)) {
      await ring(delivery, holder)
      return true
    }
    if (isNotWorthAnEdit(delivery, kept)) {
      await write(delivery, holder, { is: 'skipped', version })
      return false
    }
    const shown = await drawn(delivery, kept)
    const began = clock.now()
    const posted = await call(delivery, shown)
    const now = clock.now()
    dependencies.observe?.called(vendor, posted.is, 'said' in posted ? posted.said.code : null, now - began)
    hold(delivery, posted, now)
    const change = settle(delivery, posted, { version, now, random: dependencies.random })
    if (change.is === 'shown' && delivery.shown === 0) {
      dependencies.observe?.arrived(vendor, delivery.urgent, now - delivery.createdAt)
    }
    await write(delivery, holder, change)
    return posted.is !== 'fixed' || posted.asked !== false
  }

  async function drawn(delivery: Delivery, kept: KeptCard): Promise<ShownCard> {
    const once: KeptCard =
      delivery.instead === null ? kept : { ...kept, card: JSON.parse(dependencies.unseal(delivery.instead)) }
    const { abilities } = adapter
    const fits = (shown: ShownCard) => adapter.fits(shown)
    const whole = draw(once, { abilities, fits, signer: dependencies.signer })
    const { shown, kept: long } = shortened(whole, abilities.pressLength)
    await dependencies.presses.keep(long)
    return shown
  }

  async function call(delivery: Delivery, shown: ShownCard): Promise<Posted> {
    const { receiver: to, handle, mention, after } = delivery
    const key = keyOf(delivery)
    try {
      if (handle !== null) {
        const age = clock.now() - (delivery.postedAt ?? clock.now())
        if (age > pace.editableMs) return { is: 'fixed', said: TOO_OLD, asked: false }
        return await adapter.edit({ to, at: handle, shown, key })
      }
      const post = { to, shown, key, mention, after }
      if (delivery.uncertain && adapter.find) {
        const found = await adapter.find(post)
        if (found.is === 'there') return { is: 'accepted', handle: found.handle, asFirst: true }
        if (found.is === 'unknown') {
          return {
            is: 'unreached',
            uncertain: true,
            said: { code: 'unknown', message: 'could not tell whether it arrived' },
          }
        }
      }
      return await adapter.post(post)
    } catch (error) {
      log.error(
        { error: nameOf(error), vendor, delivery: delivery.id },
        'An adapter threw instead of answering',
      )
      return { is: 'unreached', uncertain: true, said: ourFault(error) }
    }
  }

  function hold(delivery: Delivery, posted: Posted, now: Instant): void {
    const held = pacedAs(delivery)
    if (posted.is === 'limited') pacing.hold(posted.scope, held, now + posted.ms)
    if (posted.is === 'misconfigured') {
      pacing.hold('app', held, now + RENEW_MS)
      if (!announced) log.error({ vendor, ...posted.said }, 'A chat refuses us until its setup is put right')
    }
    if (posted.is === 'misconfigured' || posted.is === 'accepted') announced = posted.is === 'misconfigured'
  }

  async function ring(delivery: Delivery, holder: number): Promise<void> {
    const { handle, ring: wanted } = delivery
    if (!handle || !wanted) return
    const { means, people, text } = wanted
    const rung: Posted = adapter.urge
      ? await adapter.urge({ at: handle, people, means, text })
      : { is: 'refused', said: { code: 'no-ring', message: 'this chat has no such means' } }
    dependencies.observe?.called(vendor, rung.is, 'said' in rung ? rung.said.code : null, 0)
    if (rung.is === 'accepted' || rung.is === 'refused' || rung.is === 'fixed') {
      if (rung.is !== 'accepted') log.warn({ vendor, means, ...rung.said }, 'Nobody could be rung')
      return outbox.ringed(delivery.id, holder)
    }
    await write(
      delivery,
      holder,
      settle(delivery, rung, { version: delivery.shown, now: clock.now(), random: dependencies.random }),
    )
  }

  async function write(delivery: Delivery, holder: number, change: Change): Promise<void> {
    if (change.is === 'dead')
      log.warn({ vendor, delivery: delivery.id, ...change.error }, 'A delivery was given up')
    await outbox.settle(delivery.id, holder, change, clock.now())
  }

  /** Somebody who edits once or twice only is shown what has settled. */
  function isNotWorthAnEdit({ handle, shown }: Delivery, { card }: KeptCard): boolean {
    if (handle === null || shown === 0) return false
    const { updates } = adapter.abilities
    return updates === 'never' || (updates === 'scarcely' && card.tone === 'progress')
  }

  function isRingDue({ ring: wanted, handle }: Delivery): boolean {
    return wanted !== null && !wanted.done && handle !== null
  }

  /** Also while nobody waits: then the next wait ends at once. */
  function wake(): void {
    roused = true
    rouse()
  }

  async function waitFor(ms: number): Promise<void> {
    const woken = new AbortController()
    rouse = () => woken.abort()
    stopping.signal.addEventListener('abort', rouse, { once: true })
    if (!roused && !stopping.signal.aborted) await clock.sleep(ms, woken.signal)
    stopping.signal.removeEventListener('abort', rouse)
    roused = false
  }

  return {
    start() {
      running = run()
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** As `due` tells it. */
function pacedAs({ receiver, handle, urgent, ...rest }: Delivery): Call {
  return { receiver, urgent, message: handle === null ? null : keyOf(rest) }
}

function ourFault(error: unknown): VendorWords {
  return { code: 'our-fault', message: nameOf(error) }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}
