import { at, escaped, text } from './html.ts'

/** A mail in a mailbox: its head, and its HTML as mail programs show it, without what they take out. */
export function drawEmail(raw: unknown): string | null {
  const html = text(at(raw, 'html'))
  if (html === '') return null
  const inner = /<body[^>]*>([\s\S]*)<\/body>/.exec(html)?.[1] ?? ''
  const head = `<div class="mail-head"><b>${escaped(text(at(raw, 'subject')))}</b><span>${escaped(text(at(raw, 'from')))}</span></div>`
  return `<div class="mail">${head}<div class="mail-body">${withoutActive(inner)}</div></div>`
}

function withoutActive(html: string): string {
  return html
    .replaceAll(/<(script|style|iframe|object|form|meta|link)\b[\s\S]*?(<\/\1>|>)/gi, '')
    .replaceAll(/\son\w+="[^"]*"/gi, '')
    .replaceAll('<a ', '<a target="_blank" rel="noreferrer" ')
}
