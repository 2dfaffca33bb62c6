import { distance } from 'fastest-levenshtein'

const MOST = 3

/** Names that somebody may have meant, the nearest first. */
export function nearNames(typed: string, names: readonly string[]): string[] {
  const wanted = typed.toLowerCase()
  const farthest = Math.max(2, Math.floor(wanted.length / 3))
  return names
    .map((name) => ({ name, far: name.includes(wanted) && wanted.length > 1 ? 0 : distance(wanted, name) }))
    .filter(({ far }) => far <= farthest)
    .sort((a, b) => a.far - b.far || a.name.localeCompare(b.name))
    .slice(0, MOST)
    .map(({ name }) => name)
}
