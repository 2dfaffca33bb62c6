/** Whatever came over a wire, looked into without trusting its shape. */
export type Loose = unknown

export function at(value: Loose, ...path: readonly (string | number)[]): Loose {
  return path.reduce<Loose>((inner, key) => (isObject(inner) ? inner[String(key)] : undefined), value)
}

export function text(value: Loose): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export function list(value: Loose): readonly Loose[] {
  return Array.isArray(value) ? value : []
}

export function json(value: Loose): Loose {
  try {
    return JSON.parse(text(value))
  } catch {
    return undefined
  }
}

function isObject(value: Loose): value is Record<string, Loose> {
  return typeof value === 'object' && value !== null
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escaped(value: string): string {
  return value.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
}

export function lines(value: string): string {
  return escaped(value).replaceAll('\n', '<br>')
}

/** Drawn when there is something to draw. */
export function box(name: string, inner: string): string {
  return inner === '' ? '' : `<div class="${escaped(name)}">${inner}</div>`
}

export type Style = 'primary' | 'plain' | 'danger'

/** Pressed by its label, as people do. */
export function pressButton(label: string, style: Style): string {
  return `<button type="button" class="${style}" data-press="${escaped(label)}">${escaped(label)}</button>`
}

export function linkButton(label: string, href: string, style: Style): string {
  return `<a class="button ${style}" target="_blank" rel="noreferrer" href="${safeHref(href)}">${escaped(label)}</a>`
}

/** No address that is a script. */
export function safeHref(href: string): string {
  return /^https?:\/\//.test(href) ? escaped(href) : '#'
}

export interface DrawnField {
  name: string
  label: string
  value: string
  choices: readonly { value: string; label: string }[] | null
  required: boolean
  multiline: boolean
  placeholder: string
}

export function drawField(field: DrawnField): string {
  const { name, label, value, choices, required, multiline, placeholder } = field
  const rest = `name="${escaped(name)}"${required ? ' required' : ''}`
  const input = choices
    ? `<select ${rest}>${choices.map((one) => `<option value="${escaped(one.value)}"${one.value === value ? ' selected' : ''}>${escaped(one.label)}</option>`).join('')}</select>`
    : multiline
      ? `<textarea ${rest} rows="3" placeholder="${escaped(placeholder)}">${escaped(value)}</textarea>`
      : `<input ${rest} value="${escaped(value)}" placeholder="${escaped(placeholder)}">`
  return `<label><span>${escaped(label)}${required ? ' *' : ''}</span>${input}</label>`
}

export function drawForm(fields: readonly string[], submit: string): string {
  return `<form data-form>${fields.join('')}<button class="primary">${escaped(submit)}</button></form>`
}

export function drawTable(rows: readonly (readonly string[])[], head: readonly string[] = []): string {
  const line = (cells: readonly string[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${tag}>${lines(cell)}</${tag}>`).join('')}</tr>`
  const body = rows.map((row) => line(row, 'td')).join('')
  return `<div class="scroll"><table>${head.length > 0 ? line(head, 'th') : ''}${body}</table></div>`
}

/**
 * The little markdown that vendors share: fences, bold, code, links, pictures, quotes, lists, backslash escapes. Entities
 * stay what they are, since Feishu escapes by them.
 */
export function markdown(source: string): string {
  return source
    .split(/```\w*\n([\s\S]*?)\n?```/)
    .map((part, i) => (i % 2 === 1 ? `<pre>${keepingEntities(part)}</pre>` : paragraphs(part)))
    .join('')
}

function paragraphs(source: string): string {
  return source.trim() === ''
    ? ''
    : source
        .split('\n')
        .map((line) => markdownLine(line.replace(/ {2}$/, '')))
        .join('<br>')
        .replaceAll(/(<\/blockquote>|<\/h4>|<li>[^<]*<\/li>)<br>/g, '$1')
}

function markdownLine(line: string): string {
  const [, heading] = /^#{1,6} (.*)$/.exec(line) ?? []
  if (heading !== undefined) return `<h4>${inline(heading)}</h4>`
  const [, quoted] = /^> ?(.*)$/.exec(line) ?? []
  if (quoted !== undefined) return `<blockquote>${inline(quoted)}</blockquote>`
  return inline(line)
}

// Characters behind a backslash are kept out of sight of the rules by a place in the private use area.
const HIDDEN = 0xe000

function inline(line: string): string {
  const hidden = line.replaceAll(/\\([!-/:-@[-`{-~])/g, (_, char: string) =>
    String.fromCharCode(HIDDEN + char.charCodeAt(0)),
  )
  return withTags(keepingEntities(hidden))
    .replaceAll(/!\[([^\]]*)\]\([^)]*\)/g, '<span class="picture">🖼 $1</span>')
    .replaceAll(/\[([^\]]+)\]\((https?:[^)\s]+)\)/g, '<a target="_blank" rel="noreferrer" href="$2">$1</a>')
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*\*(.+?)\*\*/g, '<b>$1</b>')
    .replaceAll(/[\ue000-\ue07f]/g, (char) => escaped(String.fromCharCode(char.charCodeAt(0) - HIDDEN)))
}

/** Escaped, but for entities that are written already. */
export function keepingEntities(source: string): string {
  return escaped(source).replaceAll(/&amp;(#\d{1,6}|lt|gt|amp|quot);/g, '&$1;')
}

/** Mentions and colours, the only tags that vendors read in markdown. */
function withTags(safe: string): string {
  return safe
    .replaceAll(/&lt;at id=([\w-]+)&gt;&lt;\/at&gt;/g, '<span class="mention">@$1</span>')
    .replaceAll(/&lt;@([\w-]+)&gt;/g, '<span class="mention">@$1</span>')
    .replaceAll(
      /&lt;font color=&quot;([\w-]+)&quot;&gt;(.*?)&lt;\/font&gt;/g,
      '<span class="font-$1">$2</span>',
    )
}
