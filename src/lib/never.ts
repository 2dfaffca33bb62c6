/** Ends a `switch` over a union: a new member of the union makes the call a compile error. */
export function never(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`)
}
