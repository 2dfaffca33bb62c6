import type { RawValues } from '../grammar/parse.ts'
import type { Args, Values } from '../grammar/spec.ts'

export type ReadArgs<A extends Args> =
  | { is: 'read'; args: Values<A> }
  /** Needed, not given. */
  | { is: 'missing'; names: readonly string[] }
  | { is: 'bad'; name: string; value: string }

/** Strings become what the command works with; what is missing comes before what is wrong. */
export function readArgs<A extends Args>(args: A, raw: RawValues): ReadArgs<A> {
  const entries = Object.entries(args)
  const missing = entries
    .filter(([name, arg]) => arg.required && (raw[name] ?? '') === '')
    .map(([name]) => name)
  if (missing.length > 0) return { is: 'missing', names: missing }

  const values: Record<string, unknown> = {}
  for (const [name, arg] of entries) {
    const read = arg.schema.safeParse(raw[name])
    if (!read.success) return { is: 'bad', name, value: raw[name] ?? '' }
    values[name] = read.data
  }
  // Each value was made by the schema of its own argument.
  return { is: 'read', args: values as Values<A> }
}
