import { distance } from 'fastest-levenshtein'

const MOST_REACH = 3

/** Names that somebody may have meant by `word`, nearest first. */
export function nearest(word: string, names: readonly string[], most = 3): readonly string[] {
  const asked = word.toLowerCase()
  if (asked === '') return []
  const reach = reachOf(asked)
  return [...new Set(names)]
    .map((name) => ({ name, away: away(asked, name.toLowerCase()) }))
    .filter(({ away }) => away <= reach)
    .sort((a, b) => a.away - b.away || a.name.localeCompare(b.name))
    .slice(0, most)
    .map(({ name }) => name)
}

/** One slip in a short word, two in a longer one, three in a long one. */
function reachOf(word: string): number {
  if (word.length <= 2) return word.length - 1
  if (word.length <= 5) return 2
  return word.length <= 8 ? 2 : MOST_REACH
}

function away(asked: string, name: string): number {
  // Somebody who typed the beginning meant the whole.
  if (asked.length >= 3 && name.startsWith(asked)) return 1
  // Far apart in length alone; measuring it would take long for somebody's whole log file.
  const longer = Math.abs(asked.length - name.length)
  return longer > MOST_REACH ? longer : distance(asked, name)
}
