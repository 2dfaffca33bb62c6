import type { AdapterParts, ChatAdapter, Finding } from '../bot/adapters/adapter.ts'
import type { Clock } from '../lib/clock.ts'
import { NO_ANSWER, whileClosed } from './setup-findings.ts'
import type { OpenSetup } from './setups.ts'

export interface CheckOnceParts extends Omit<AdapterParts<unknown>, 'setup' | 'inbox'> {
  openAdapter(setup: OpenSetup, parts: Omit<AdapterParts<unknown>, 'setup'>): Promise<ChatAdapter>
}

/** Opens it for this look alone: it hears nothing, connects to nothing, and is gone afterwards. */
export async function checkOnce(setup: OpenSetup, parts: CheckOnceParts): Promise<readonly Finding[]> {
  const { openAdapter, ...rest } = parts
  const adapter = await openAdapter(setup, { ...rest, inbox: DEAF })
  try {
    return whileClosed(await adapter.check())
  } finally {
    await adapter.stop()
  }
}

const DEAF: AdapterParts<unknown>['inbox'] = {
  said: async () => {},
  pressed: async () => ({ tone: 'neutral', text: '' }),
  told: async () => {},
  cardOf: async () => null,
}

/** A look takes no longer, whoever does not answer. */
const CHECK_MS = 9_000

export async function inTime<T>(clock: Clock, look: Promise<T>): Promise<T | readonly Finding[]> {
  const done = new AbortController()
  const late = clock.sleep(CHECK_MS, done.signal).then(() => [NO_ANSWER(CHECK_MS)])
  // Who comes too late is heard no more, and is no surprise either.
  look.catch(() => {})
  try {
    return await Promise.race([look, late])
  } finally {
    done.abort()
  }
}
