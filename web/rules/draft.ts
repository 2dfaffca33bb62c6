/** What a person typed into the form of a job or a release, read into what is sent. */

/** `key: value` or `key=value`, one per line. */
export function parseSettings(
  text: string,
): { ok: true; value: Record<string, string> } | { ok: false; line: string } {
  const value: Record<string, string> = {}
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue
    const match = /^([^\s:=：]+)\s*[:=：]\s*(.*)$/.exec(line)
    if (!match?.[1] || match[2] === undefined) return { ok: false, line }
    value[match[1]] = match[2]
  }
  return { ok: true, value }
}

export const settingsText = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}: ${value}`)
    .join('\n')

/** One argument per line; blanks within a line stay. */
export const parseArgs = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
