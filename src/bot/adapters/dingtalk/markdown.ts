import { never } from '../../../lib/never.ts'
import type { ShownBlock, ShownCard } from '../../cards/card.ts'
import { cellText } from '../../cards/plain.ts'
import type { Texts } from '../../texts/en.ts'
import { en } from '../../texts/en.ts'
import { zh } from '../../texts/zh.ts'

/** Lines that stand together; `fenced` ones are shown as they are, in fixed width. */
export interface Passage {
  fenced: boolean
  lines: readonly string[]
}

/** Raw characters of a line that stay within a template value once each of them is escaped. */
const LONGEST_LINE = 220
const BAR = 6
const HARD_BREAK = '  \n'

/** A card's body as markdown passages. `pictures`: what uploads are called, in the order of the pictures. */
export function passages({ card, language }: ShownCard, pictures: readonly (string | null)[]): Passage[] {
  const t: Texts = language === 'zh' ? zh : en
  const left = [...pictures]
  return card.body.flatMap((block) =>
    block.is === 'picture' ? [picture(block.alt, left.shift() ?? null)] : passagesOf(block, t),
  )
}

function passagesOf(block: Exclude<ShownBlock, { is: 'picture' }>, t: Texts): Passage[] {
  switch (block.is) {
    case 'text':
      return [plain(block.text.split('\n'))]
    case 'facts':
      return [{ fenced: false, lines: block.facts.flatMap(factLines) }]
    case 'progress':
      return [plain([`${bar(block.done)} ${block.label}`])]
    case 'table':
      return [plain(block.rows.map((row) => row.map(cellText).filter(Boolean).join(' · ')))]
    case 'code':
      return [
        { fenced: true, lines: block.text.split('\n').flatMap(pieces).map(unfenced) },
        ...(block.rest > 0 ? [plain([t.rest(block.rest)])] : []),
      ]
    case 'form':
      return [plain(block.fields.map(({ label, value }) => `${label}: ${value}`))]
    default:
      return never(block)
  }
}

function plain(lines: readonly string[]): Passage {
  return { fenced: false, lines: lines.flatMap(pieces).map(escapeMarkdown) }
}

function factLines({ label, value, before }: { label: string; value: string; before?: string }): string[] {
  const [first = '', ...rest] = pieces(before === undefined ? value : `${before} → ${value}`)
  return [`**${escapeMarkdown(label)}**: ${escapeMarkdown(first)}`, ...rest.map(escapeMarkdown)]
}

function picture(alt: string, uploaded: string | null): Passage {
  const words = escapeMarkdown(alt)
  return { fenced: false, lines: [uploaded === null ? words : `![${words}](${uploaded})`] }
}

function bar(done: number | null): string {
  if (done === null) return '…'
  const full = Math.max(0, Math.min(BAR, Math.round(done * BAR)))
  return '▓'.repeat(full) + '░'.repeat(BAR - full)
}

/** A line in parts that are short enough, without a character cut in two. */
function pieces(line: string): string[] {
  if (line.length <= LONGEST_LINE) return [line]
  const characters = [...line]
  return Array.from({ length: Math.ceil(characters.length / LONGEST_LINE) }, (_, i) =>
    characters.slice(i * LONGEST_LINE, (i + 1) * LONGEST_LINE).join(''),
  )
}

/** One line of text as markdown that reads as exactly this text: no emphasis, links, tags or lists come of it. */
export function escapeMarkdown(line: string): string {
  return line
    .replaceAll('\r', '')
    .replaceAll(/[\\`*_~[\]<>|&!]/g, '\\$&')
    .replace(/^\s+/, (space) => '\u00a0'.repeat(space.length))
    .replace(/^(\u00a0*)([#+=-])/, '$1\\$2')
    .replace(/^(\u00a0*\d+)([.)])/, '$1\\$2')
}

/** A fence within the text would end ours. */
function unfenced(line: string): string {
  return line.replaceAll('\r', '').replaceAll('```', '`\u200b`\u200b`')
}

/** All passages as one text. */
export function markdownOf(all: readonly Passage[]): string {
  return all.map(passageText).join('\n\n')
}

function passageText({ fenced, lines }: Passage): string {
  return fenced ? `\`\`\`\n${lines.join('\n')}\n\`\`\`` : lines.join(HARD_BREAK)
}

/** Passages spread over texts of at most `maxBytes` each; a passage that is cut goes on in the next text in its own form. */
export function spread(all: readonly Passage[], maxBytes: number): string[] {
  const texts: string[] = []
  let open: Passage[] = []
  const fits = (next: Passage[]) => Buffer.byteLength(markdownOf(next)) <= maxBytes

  for (const { fenced, lines } of all) {
    let current: string[] = []
    for (const line of lines) {
      if (current.length + open.length > 0 && !fits([...open, { fenced, lines: [...current, line] }])) {
        texts.push(markdownOf(current.length > 0 ? [...open, { fenced, lines: current }] : open))
        open = []
        current = []
      }
      current.push(line)
    }
    if (current.length > 0) open.push({ fenced, lines: current })
  }
  return open.length > 0 ? [...texts, markdownOf(open)] : texts
}
