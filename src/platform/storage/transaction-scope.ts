import { AsyncLocalStorage } from 'node:async_hooks'
import { DatabaseError } from './database-error.ts'

interface Scope {
  open: boolean
}

const scopes = new AsyncLocalStorage<Scope>()

/** Runs the body of a transaction so that `refuseInsideTransaction` can tell. */
export async function inTransactionScope<T>(work: () => Promise<T>): Promise<T> {
  const scope = { open: true }
  try {
    // Awaited inside: Prisma's promises do nothing before somebody waits for them.
    return await scopes.run(scope, async () => await work())
  } finally {
    // What the body started and did not wait for (a timer, a loop) keeps the scope, but may use the pool from now on.
    scope.open = false
  }
}

/** Runs something that merely happens to be called from inside a transaction, such as a listener. */
export function outsideTransactionScope<T>(work: () => T): T {
  return scopes.exit(work)
}

/**
 * The embedded database has one session: a query of the outer client inside a transaction would wait for its own
 * transaction until that times out. On a server it would silently run outside of it. Both are our mistake, so both
 * fail at once.
 */
export function refuseInsideTransaction(): void {
  if (!scopes.getStore()?.open) return
  throw new DatabaseError(
    'outside-transaction',
    'The database was used directly inside a transaction: pass the transaction (tx) on instead.',
  )
}

/** The same object, of which these methods refuse to be called inside a transaction. */
export function refusingInsideTransaction<T extends object>(target: T, methods: readonly (keyof T)[]): T {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...given: unknown[]) => {
        if (methods.includes(name as keyof T)) refuseInsideTransaction()
        return value.apply(target, given)
      }
    },
  })
}
