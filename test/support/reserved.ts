import type { Identity, Runtime } from '../../src/platform/runtimes/runtime.ts'

/** The identity of an attempt, from an outside that answers. */
export async function reserved(
  runtime: Runtime,
  attempt: Parameters<Runtime['reserve']>[0],
): Promise<Identity> {
  const answer = await runtime.reserve(attempt)
  if (answer.is === 'unknown') throw new Error(`Nothing was reserved: ${answer.because}`)
  return answer.identity
}
