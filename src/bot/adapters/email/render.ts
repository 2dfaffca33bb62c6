import { never } from '../../../lib/never.ts'
import type { Cell, ShownBlock, ShownCard, Tone } from '../../cards/card.ts'
import type { Both } from '../../grammar/spec.ts'
import { en } from '../../texts/en.ts'
import { zh } from '../../texts/zh.ts'
import { escaped, escapedLines, oneLine } from './html.ts'

const TEXTS = { zh, en }

/** A button as a mail carries it. */
export interface MailLink {
  label: string
  style: 'primary' | 'plain' | 'danger'
  href: string
}

export interface Picture {
  /** What the mail's HTML calls it. */
  cid: string
  png: Buffer
}

export interface DrawnMail {
  subject: string
  text: string
  html: string
  pictures: readonly Picture[]
}

/** Gmail cuts a mail's HTML at 102 kB. */
const MOST_HTML_BYTES = 100_000
/** Relays take 10 MB and more; base64 makes four bytes of three. */
const MOST_PICTURE_BYTES = 5_000_000
/** Longer ones are folded by no client and cut by all. */
const LONGEST_SUBJECT = 200

export const TONE_COLOURS: Readonly<Record<Tone, string>> = {
  neutral: '#64748b',
  progress: '#2563eb',
  good: '#15803d',
  warning: '#b45309',
  bad: '#b91c1c',
}

const NOT_READ: Both = {
  en: 'Nobody reads answers to this mail.',
  zh: '回复本邮件不会有人看到。',
}
const LINK_LIFE: Both = { en: 'The buttons work for 3 days.', zh: '邮件中的按钮 3 天内有效。' }

/** `name` makes the names of pictures unique among all mails. */
export function drawMail(
  shown: ShownCard,
  { links, name, again }: { links: readonly MailLink[]; name: string; again: boolean },
): DrawnMail {
  const { language } = shown
  const pictures: Picture[] = []
  const keep = (png: string): string => {
    const cid = `picture-${pictures.length + 1}.${name}`
    pictures.push({ cid, png: Buffer.from(png, 'base64') })
    return cid
  }
  const html = page(shown, {
    links,
    body: shown.card.body.map((block) => drawBlock(block, { language, keep })).join('\n'),
  })
  return { subject: subjectOf(shown.card.title, again), text: textOf(shown, links), html, pictures }
}

export function fitsMail({ html, pictures }: DrawnMail): boolean {
  const pictureBytes = pictures.reduce((sum, { png }) => sum + png.length, 0)
  return Buffer.byteLength(html) <= MOST_HTML_BYTES && pictureBytes <= MOST_PICTURE_BYTES
}

/** The new title, not the thread's: it is what a phone shows. */
function subjectOf(title: string, again: boolean): string {
  const line = oneLine(title)
  const cut =
    [...line].length > LONGEST_SUBJECT ? `${[...line].slice(0, LONGEST_SUBJECT - 1).join('')}…` : line
  return again ? `Re: ${cut}` : cut
}

function textOf({ text, language }: ShownCard, links: readonly MailLink[]): string {
  const listed = links.map(({ label, href }) => `${oneLine(label)}: ${href}`)
  return [text, ...(listed.length > 0 ? ['', ...listed] : []), '', '-- ', ...foot(language, links), ''].join(
    '\n',
  )
}

function foot(language: ShownCard['language'], links: readonly MailLink[]): string[] {
  return [...(links.length > 0 ? [LINK_LIFE[language]] : []), NOT_READ[language]]
}

// --- blocks -------------------------------------------------------------------------------------------------------

const MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Noto Sans Mono CJK SC',monospace"

function drawBlock(
  block: ShownBlock,
  { language, keep }: { language: ShownCard['language']; keep: (png: string) => string },
): string {
  switch (block.is) {
    case 'text':
      return `<p style="margin:12px 0;line-height:1.55">${escapedLines(block.text)}</p>`
    case 'facts':
      return table(block.facts.map(factRow).join('\n'), 'border-collapse:collapse;margin:12px 0')
    case 'progress':
      return `<p style="margin:12px 0">${progressBar(block.done)} ${escaped(block.label)}</p>`
    case 'table':
      return drawTable(block.columns, block.rows)
    case 'code':
      return drawCode(block.text) + (block.rest > 0 ? smallLine(TEXTS[language].rest(block.rest)) : '')
    case 'picture':
      return `<p style="margin:12px 0"><img src="cid:${keep(block.png)}" alt="${escaped(block.alt)}" style="max-width:100%;height:auto;border:0"></p>`
    case 'form':
      // Abilities say that there are none; a mail that lost one still says what it asked for.
      return `<p style="margin:12px 0">${escaped(block.fields.map(({ label }) => label).join(' · '))}</p>`
    default:
      return never(block)
  }
}

function factRow({ label, value, before }: { label: string; value: string; before?: string }): string {
  const was =
    before === undefined
      ? ''
      : `<span class="quiet" style="color:#64748b"><s>${escaped(before)}</s> → </span>`
  return `<tr><td class="quiet" style="padding:3px 16px 3px 0;color:#64748b;vertical-align:top;white-space:nowrap">${escaped(label)}</td><td style="padding:3px 0;vertical-align:top;word-break:break-word">${was}${escapedLines(value)}</td></tr>`
}

const BAR = 6

function progressBar(done: number | null): string {
  if (done === null) return '…'
  const full = Math.round(done * BAR)
  return '▓'.repeat(full) + '░'.repeat(BAR - full)
}

function drawTable(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const head = columns
    .map(
      (column) =>
        `<th class="quiet line" style="${CELL};color:#64748b;font-weight:600">${escaped(column)}</th>`,
    )
    .join('')
  const lines = rows.map((row) => `<tr>${row.map((cell, i) => tableCell(cell, i === 0)).join('')}</tr>`)
  const whole = table(
    `<tr>${head}</tr>\n${lines.join('\n')}`,
    'border-collapse:collapse;width:100%;font-size:14px',
  )
  return `<div style="overflow-x:auto;margin:12px 0">${whole}</div>`
}

const CELL = 'padding:6px 12px 6px 0;border-bottom:1px solid #e2e8f0;text-align:left;vertical-align:top'

function tableCell(cell: Cell, first: boolean): string {
  // The name of a job is not broken at its hyphens.
  const whole = first ? ';white-space:nowrap' : ''
  return `<td class="line" style="${CELL}${whole}">${escaped(typeof cell === 'string' ? cell : cell.text)}</td>`
}

function drawCode(text: string): string {
  return `<pre class="code" style="${MONO};font-size:12px;line-height:1.5;margin:12px 0;padding:12px;background:#f1f5f9;border-radius:6px;white-space:pre-wrap;word-break:break-word">${escaped(text)}</pre>`
}

function table(rows: string, style: string): string {
  return `<table role="presentation" cellpadding="0" cellspacing="0" style="${style}">\n${rows}\n</table>`
}

// --- the page -----------------------------------------------------------------------------------------------------

// Mail programs that know dark mode by rules get it from here; the others turn the colours themselves.
const DARK = `@media (prefers-color-scheme: dark) {
.page { background: #0f172a !important }
.card { background: #1e293b !important; color: #e2e8f0 !important; border-top-color: #334155 !important; border-right-color: #334155 !important; border-bottom-color: #334155 !important }
.quiet { color: #94a3b8 !important }
.line { border-color: #334155 !important }
.code { background: #0f172a !important; color: #e2e8f0 !important }
.plain { background: #334155 !important; color: #f1f5f9 !important; border-color: #475569 !important }
}`

const FONT =
  "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"

function page(
  { card, language }: ShownCard,
  { links, body }: { links: readonly MailLink[]; body: string },
): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(oneLine(card.title))}</title>
<style>
${DARK}
</style>
</head>
<body class="page" style="margin:0;padding:16px 8px;background:#f1f5f9;${FONT}">
<div class="card" style="max-width:640px;margin:0 auto;background:#ffffff;color:#0f172a;border:1px solid #e2e8f0;border-left:6px solid ${TONE_COLOURS[card.tone]};border-radius:8px;font-size:15px">
<div style="padding:16px 20px">
<h1 style="margin:0;font-size:19px;line-height:1.35;word-break:break-word">${escaped(oneLine(card.title))}</h1>
${smallLine(card.subtitle.join(' · '))}${body}
${buttonRow(links)}${card.footer.map(smallLine).join('')}</div>
</div>
<p class="quiet" style="max-width:640px;margin:12px auto;padding:0 8px;color:#64748b;font-size:12px">${foot(
    language,
    links,
  )
    .map(escaped)
    .join(language === 'zh' ? '' : ' ')}</p>
</body>
</html>
`
}

function smallLine(text: string): string {
  return text === ''
    ? ''
    : `<p class="quiet" style="margin:4px 0;color:#64748b;font-size:13px">${escaped(text)}</p>\n`
}

function buttonRow(links: readonly MailLink[]): string {
  return links.length === 0 ? '' : `<p style="margin:16px 0 4px">${links.map(button).join('\n')}</p>\n`
}

const BUTTON_COLOURS: Readonly<Record<MailLink['style'], string>> = {
  primary: 'background:#2563eb;color:#ffffff;border:1px solid #2563eb',
  danger: 'background:#b91c1c;color:#ffffff;border:1px solid #b91c1c',
  plain: 'background:#f8fafc;color:#0f172a;border:1px solid #cbd5e1',
}

function button({ label, style, href }: MailLink): string {
  return `<a class="${style}" href="${escaped(href)}" style="display:inline-block;margin:0 8px 8px 0;padding:10px 16px;border-radius:6px;font-weight:600;text-decoration:none;${BUTTON_COLOURS[style]}">${escaped(oneLine(label))}</a>`
}
