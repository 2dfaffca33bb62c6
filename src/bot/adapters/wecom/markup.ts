import { createHash } from 'node:crypto'

/** Nearly nothing on the screen, and a space to every reader of markdown: what it parts is no mark any more. */
const GAP = '\u200a'

/**
 * WeCom documents no way to show a mark as itself. So marks are parted from what would make them work; the backtick,
 * which nothing can part, is shown as its look-alike.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll('`', 'ˋ')
    .replace(/[*~<]|\](?=[([:])/g, `$&${GAP}`)
    .replace(/(?<!\w)_|_(?!\w)/g, `$&${GAP}`)
    .replace(/^[ \t]*(?:#{1,6}(?=\s)|>|[-+=|](?=[\s|=-])|\d{1,9}[.)](?=\s))/gm, `${GAP}$&`)
}

export function bold(text: string): string {
  return text === '' ? '' : `**${escapeMarkdown(text)}**`
}

const DIGITS = ['\u200b', '\u2060', '\u2062', '\u2063'] as const

/**
 * WeCom takes two requests with the same content for one. A message that is sent again must be the same, and another
 * one that happens to say the same must not: so each carries its key, unseen.
 */
export function unseenMark(key: string): string {
  const bits = createHash('sha256').update(key).digest().subarray(0, 4)
  return [...bits]
    .flatMap((byte) => [byte >> 6, (byte >> 4) & 3, (byte >> 2) & 3, byte & 3])
    .map((digit) => DIGITS[digit])
    .join('')
}
