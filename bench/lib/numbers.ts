/** The value that `share` of all values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

export interface Stretch {
  from: number
  to: number
}

/** How much of `whole` the stretches cover together, however they overlap. */
export function covered(whole: Stretch, stretches: readonly Stretch[]): number {
  let sum = 0
  let reached = whole.from
  for (const { from, to } of [...stretches].sort((a, b) => a.from - b.from)) {
    const begin = Math.max(from, reached)
    const end = Math.min(to, whole.to)
    if (end > begin) sum += end - begin
    reached = Math.max(reached, Math.min(to, whole.to))
  }
  return sum
}

/** 12.3 below a hundred, 123 above. */
export function ms(value: number): string {
  return `${value < 100 ? value.toFixed(1) : Math.round(value)} ms`
}
