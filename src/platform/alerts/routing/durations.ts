const UNITS = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
} as const
const FORM = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/

/** Prometheus' form: `1h30m`, `5m`, `1d`, `0`; units in falling order. Ms; null: it is none. */
export function readDuration(text: string): number | null {
  if (text === '0') return 0
  const found = text === '' ? null : FORM.exec(text)
  if (!found) return null
  const names = Object.keys(UNITS) as (keyof typeof UNITS)[]
  return names.reduce((total, unit, at) => total + Number(found[at + 1] ?? 0) * UNITS[unit], 0)
}

/** `1h30m` again. */
export function durationText(ms: number): string {
  if (ms === 0) return '0s'
  let left = ms
  let text = ''
  for (const [unit, size] of Object.entries(UNITS).filter(([name]) => name !== 'y' && name !== 'w')) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0) text += `${count}${unit}`
  }
  return text
}
