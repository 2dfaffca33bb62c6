import type { AccessParts } from './dependencies.ts'
import { hashOf } from './secrets.ts'
import { type ThrottlePolicy, takeTry } from './throttle.ts'

export interface TryKey {
  /** `member lin`, `address 10.0.0.7`; kept as a digest, because people type passwords into name fields. */
  of: string
  policy: ThrottlePolicy
}

/** Tries that cost time when they fail. They survive a restart and count across processes. */
export interface Tries {
  /** False: too early. Else one more failure stands against all of `keys`, until it is forgiven or forgotten. */
  take(keys: readonly TryKey[]): Promise<boolean>
  /** It went well: takes back this one. */
  forgive(key: TryKey): Promise<void>
  /** It went well, and whoever did it has proved that all before were theirs. */
  forget(key: TryKey): Promise<void>
}

export function createTries({
  database,
  clock,
  signInStore,
}: Pick<AccessParts, 'database' | 'clock' | 'signInStore'>): Tries {
  return {
    take: (keys) =>
      database.transaction(async (tx) => {
        const now = clock.now()
        const next = new Map<string, Exclude<ReturnType<typeof takeTry>, 'wait'>>()
        // Always in the same order: two sign-ins must not wait for each other.
        for (const { of, policy } of keys.toSorted((a, b) => a.of.localeCompare(b.of))) {
          const key = hashOf(of)
          const step = takeTry(await signInStore.lockThrottle(tx, key), policy, now)
          if (step === 'wait') return false
          next.set(key, step)
        }
        for (const [key, throttle] of next) await signInStore.saveThrottle(tx, key, throttle)
        return true
      }),
    forgive: ({ of }) => signInStore.forgiveThrottle(database.prisma, hashOf(of), clock.now()),
    forget: ({ of }) => signInStore.dropThrottle(database.prisma, hashOf(of)),
  }
}
