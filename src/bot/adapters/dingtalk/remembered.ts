const MOST = 500

/** The last few of what was learned; forgetting one costs a call, or a name. */
export interface Remembered {
  of(key: string): string | undefined
  keep(key: string, value: string): void
}

export function remembered(): Remembered {
  const kept = new Map<string, string>()
  return {
    of: (key) => kept.get(key),
    keep(key, value) {
      kept.delete(key)
      kept.set(key, value)
      const [oldest] = kept.keys()
      if (kept.size > MOST && oldest !== undefined) kept.delete(oldest)
    },
  }
}
