export interface DiffLine {
  mark: ' ' | '+' | '-'
  text: string
}

// Beyond this the table of the comparison would be larger than what it tells.
const LONGEST = 2000
const AROUND = 2

/** The lines that went and came, with a little around them; `…` stands for what stayed. */
export function lineDiff(before: string, after: string): readonly string[] {
  const a = before.split('\n').slice(0, LONGEST)
  const b = after.split('\n').slice(0, LONGEST)
  return condense(compareLines(a, b)).map(({ mark, text }) => (text === '…' ? '…' : `${mark} ${text}`))
}

/** Longest common subsequence: what is kept stays in its order. */
function compareLines(a: readonly string[], b: readonly string[]): DiffLine[] {
  const common = commonLengths(a, b)
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ mark: ' ', text: a[i++] ?? '' })
      j++
    } else if (i < a.length && (j === b.length || at(common, i + 1, j) >= at(common, i, j + 1))) {
      lines.push({ mark: '-', text: a[i++] ?? '' })
    } else {
      lines.push({ mark: '+', text: b[j++] ?? '' })
    }
  }
  return lines
}

function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--) {
    const row = table[i]
    for (let j = b.length - 1; row && j >= 0; j--) {
      row[j] =
        a[i] === b[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1))
    }
  }
  return table
}

function at(table: readonly Uint16Array[], i: number, j: number): number {
  return table[i]?.[j] ?? 0
}

function condense(lines: readonly DiffLine[]): DiffLine[] {
  const near = lines.map((_, i) =>
    lines.slice(Math.max(0, i - AROUND), i + AROUND + 1).some(({ mark }) => mark !== ' '),
  )
  return lines.flatMap((line, i) => {
    if (near[i]) return [line]
    return near[i - 1] || i === 0 ? [{ mark: ' ', text: '…' }] : []
  })
}
