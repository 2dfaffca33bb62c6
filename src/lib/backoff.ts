/** Exponential backoff with full jitter: a value between 0 and min(cap, base · 2^attempt), in milliseconds. */
export function fullJitter(
  attempt: number,
  { base, cap }: { base: number; cap: number },
  random: () => number,
): number {
  return Math.floor(random() * Math.min(cap, base * 2 ** Math.min(attempt, 30)))
}
