import type { Instant } from '../../lib/clock.ts'
import type { Bucket, Pace, Receiver } from '../adapters/adapter.ts'

/**
 * How fast we may speak to a vendor. Each bucket remembers when its last calls were made, so that no stretch of time of
 * its length ever holds more than it allows; a bucket that refills would let twice as many through around a pause.
 */
export interface Pacing {
  /** 0 ms: now, and it is counted; else not before, because of the app as a whole, the receiver or the message. */
  take(call: Call, now: Instant): { ms: number; of: Scope }
  /** Counted by `take` at that time, and not called after all. */
  giveBack(call: Call, at: Instant): void
  /** The vendor said so itself. */
  hold(scope: Scope, call: Call, until: Instant): void
  /** Calls of a former process, so that the two together keep the pace. */
  remember(calls: readonly { receiver: Receiver; at: Instant }[]): void
}

export type Scope = 'app' | 'receiver' | 'message'

export interface Call {
  receiver: Receiver
  /** The message, for edits. */
  message: string | null
  urgent: boolean
}

// Clocks and networks shift calls against each other: a window is kept a little longer than it is published.
const SLACK = 1.1
const SLACK_MS = 50
// Of what an app may send, so much is kept for what is urgent.
const RESERVE = 0.2
const FORGET_EVERY = 500

interface Window {
  of: Scope
  key: string
  buckets: readonly Bucket[]
}

export function createPacing(pace: Pace): Pacing {
  const windows = new Map<string, Instant[]>()
  const holds = new Map<string, Instant>()

  function applying({ receiver, message }: Call): Window[] {
    const place = `${receiver.is}:${receiver.id}`
    const app: Window = { of: 'app', key: 'app', buckets: pace.app }
    const buckets = receiver.is === 'chat' ? pace.chat : pace.person
    const one: Window = { of: 'receiver', key: place, buckets }
    if (message === null) return [app, one]
    return [app, one, { of: 'message', key: `message:${message}`, buckets: pace.message }]
  }

  function waits(call: Call, { of, key, buckets }: Window, now: Instant): number {
    const calls = windows.get(key) ?? []
    const waits = buckets.map(({ count, ms }) => {
      const room = of === 'app' && !call.urgent ? Math.max(1, Math.floor(count * (1 - RESERVE))) : count
      const before = calls[calls.length - room]
      return before === undefined ? 0 : before + ms * SLACK + SLACK_MS - now
    })
    return Math.ceil(Math.max(0, (holds.get(key) ?? 0) - now, ...waits))
  }

  function count(key: string, buckets: readonly Bucket[], at: Instant): void {
    if (buckets.length === 0) return
    const most = Math.max(...buckets.map((bucket) => bucket.count))
    const calls = windows.get(key) ?? []
    calls.push(at)
    if (calls.length > most) calls.splice(0, calls.length - most)
    windows.set(key, calls)
  }

  /** What is long over is forgotten, or every chat and message ever would be remembered. */
  function forget(now: Instant): void {
    const longest = Math.max(
      ...[...pace.app, ...pace.chat, ...pace.person, ...pace.message].map(({ ms }) => ms),
      0,
    )
    for (const [key, calls] of windows) {
      if ((calls.at(-1) ?? 0) + longest * SLACK + SLACK_MS < now) windows.delete(key)
    }
    for (const [key, until] of holds) if (until < now) holds.delete(key)
  }

  let taken = 0
  return {
    take(call, now) {
      const all = applying(call)
      for (const window of all) {
        const ms = waits(call, window, now)
        if (ms > 0) return { ms, of: window.of }
      }
      for (const { key, buckets } of all) count(key, buckets, now)
      if (++taken % FORGET_EVERY === 0) forget(now)
      return { ms: 0, of: 'app' }
    },
    giveBack(call, at) {
      for (const { key } of applying(call)) {
        const calls = windows.get(key) ?? []
        const found = calls.lastIndexOf(at)
        if (found >= 0) calls.splice(found, 1)
      }
    },
    hold(scope, call, until) {
      const all = applying(call)
      const held = all.find(({ of }) => of === scope) ?? all.find(({ of }) => of === 'receiver')
      if (held) holds.set(held.key, Math.max(until, holds.get(held.key) ?? 0))
    },
    remember(calls) {
      for (const { receiver, at } of [...calls].sort((a, b) => a.at - b.at)) {
        for (const { key, buckets } of applying({ receiver, message: null, urgent: false }))
          count(key, buckets, at)
      }
    },
  }
}
