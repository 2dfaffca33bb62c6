/**
 * Feishu's markdown reads HTML tags (mentions among them) and `:EMOJI:` besides the usual marks. Its own way to show a
 * mark as itself is the numeric entity.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/[&<>*_~`[\]()#|\\!$]/g, entity)
    .replace(/:(?=\w{1,40}:)/g, entity)
    .replace(/^[ \t]{4,}/gm, (indent) => '&#160;'.repeat(indent.length))
    .replace(/^(\s*)([-+=])/gm, (_, indent: string, mark: string) => indent + entity(mark))
    .replace(/^(\s*\d{1,9})\.(?=\s)/gm, '$1&#46;')
}

function entity(char: string): string {
  return `&#${char.codePointAt(0)};`
}

// Whether a tag within a code block is read is not documented; a log line must not ring a whole group.
const TAGS = /<(?=\/?(?:at|person|link|font|text_tag|number_tag|local_datetime|img|a|br|hr)\b)/gi
const GAP = '\u200b'

export function codeBlock(text: string): string {
  const safe = text.replace(/`{3,}/g, (run) => [...run].join(GAP)).replace(TAGS, `<${GAP}`)
  return `\`\`\`\n${safe}\n\`\`\``
}

export function mentionOf(person: string): string {
  return /^ou_[0-9a-zA-Z_-]{1,80}$/.test(person) ? `<at id=${person}></at>` : ''
}
