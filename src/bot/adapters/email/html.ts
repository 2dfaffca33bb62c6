const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text from people and machines, for between tags and inside quotes alike. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char).replaceAll(UNSEEN, '')
}

/** Lines as people typed them. */
export function escapedLines(text: string): string {
  return escaped(text).replaceAll(/\r?\n/g, '<br>\n')
}

/** For headers and headings: one line, nothing that reorders or hides what stands beside it. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(UNSEEN, '').trim()
}

// Control characters but tab and line feed, and the marks that turn the direction of what follows them.
const UNSEEN = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu
