import { setTimeout as pause } from 'node:timers/promises'

/** Waits for something real (a database, a process) to come true, and fails when it does not in time. */
export async function until(
  holds: () => Promise<boolean> | boolean,
  { within = 10_000, what = 'what was waited for' }: { within?: number; what?: string } = {},
): Promise<void> {
  const deadline = Date.now() + within
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come true within ${within} ms`)
    await pause(5)
  }
}
