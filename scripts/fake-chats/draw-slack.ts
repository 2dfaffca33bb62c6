import {
  at,
  box,
  drawTable,
  escaped,
  keepingEntities,
  lines,
  linkButton,
  list,
  pressButton,
  text,
} from './html.ts'

/** Slack messages of blocks, with the app's picture at their left. */
export function drawSlack(raw: unknown): string | null {
  if (!Array.isArray(at(raw, 'blocks'))) return null
  const blocks = list(at(raw, 'blocks')).map(block).join('')
  const body = blocks === '' ? `<p>${mrkdwn(text(at(raw, 'text')))}</p>` : blocks
  return `<div class="avatar">闸</div><div class="card"><div class="who"><b>Sluice</b> <span>APP</span></div>${body}</div>`
}

function block(one: unknown): string {
  switch (text(at(one, 'type'))) {
    case 'header':
      return `<h3>${escaped(text(at(one, 'text', 'text')))}</h3>`
    case 'section':
      return `<p>${anyText(at(one, 'text'))}</p>`
    case 'context':
      return box('context', list(at(one, 'elements')).map(anyText).join(' '))
    case 'rich_text':
      return list(at(one, 'elements')).map(rich).join('')
    case 'table':
      return table(one)
    case 'image':
      return box('picture', `🖼 ${escaped(text(at(one, 'alt_text')))}`)
    case 'actions':
      return box('buttons', list(at(one, 'elements')).map(button).join(''))
    case 'divider':
      return '<hr>'
    default:
      return ''
  }
}

function table(one: unknown): string {
  const [head = [], ...rows] = list(at(one, 'rows')).map((row) =>
    list(row).map((cell) => text(at(cell, 'text'))),
  )
  return drawTable(rows, head)
}

function button(one: unknown): string {
  const label = text(at(one, 'text', 'text'))
  const given = text(at(one, 'style'))
  const style = given === 'primary' || given === 'danger' ? given : 'plain'
  const url = text(at(one, 'url'))
  return url === '' ? pressButton(label, style) : linkButton(label, url, style)
}

function rich(section: unknown): string {
  const inner = list(at(section, 'elements')).map(richText).join('')
  return text(at(section, 'type')) === 'rich_text_preformatted' ? `<pre>${inner}</pre>` : `<p>${inner}</p>`
}

function richText(one: unknown): string {
  if (text(at(one, 'type')) === 'user')
    return `<span class="mention">@${escaped(text(at(one, 'user_id')))}</span>`
  const drawn = lines(text(at(one, 'text')))
  const bold = at(one, 'style', 'bold') === true ? `<b>${drawn}</b>` : drawn
  const struck = at(one, 'style', 'strike') === true ? `<s>${bold}</s>` : bold
  return at(one, 'style', 'code') === true ? `<code>${struck}</code>` : struck
}

function anyText(one: unknown): string {
  const content = text(at(one, 'text'))
  return text(at(one, 'type')) === 'mrkdwn' ? mrkdwn(content) : lines(content)
}

/** Comes with its three entities already written; what stands in angle brackets is Slack's own. */
function mrkdwn(content: string): string {
  return content
    .split(/<([^<>]*)>/)
    .map((part, i) => (i % 2 === 1 ? reference(part) : marked(part)))
    .join('')
}

function reference(inner: string): string {
  if (/^@[A-Z0-9]+$/.test(inner)) return `<span class="mention">${escaped(inner)}</span>`
  return keepingEntities(inner.split('|').at(-1) ?? '')
}

function marked(part: string): string {
  return keepingEntities(part)
    .replaceAll(/\*([^*\n]+)\*/g, '<b>$1</b>')
    .replaceAll(/`([^`\n]+)`/g, '<code>$1</code>')
    .replaceAll('\n', '<br>')
}
