/** Slack reads exactly these three as markup. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

export interface Readers {
  /** Ours: our mention is taken off. */
  userId: string
  nameOf: (person: string) => string | null
}

const MENTION = /<@([A-Z0-9]{2,41})(?:\|[^<>]*)?>[ \u00a0]?/g
/** Words of somebody else that stand before the answer to them. */
const QUOTED = /^(?:&gt;[^\n]*\n)+/
const MARKUP = /<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>|&(amp|lt|gt);/g
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>' }

/** Slack's form of a text, as the words that were typed: links by what stands there, people as `@name`. */
export function typed(text: string, readers: Readers): string {
  const words = text
    .replace(MENTION, (all, id: string) => (id === readers.userId ? '' : all))
    .replace(QUOTED, '')
    .replace(
      MARKUP,
      (_all, kind: string, id: string, label: string | undefined, entity: string | undefined) =>
        entity ? (ENTITIES[entity] ?? '') : markup({ kind, id, label }, readers),
    )
    .replaceAll('\u00a0', ' ')
    .trim()
  return unfenced(words.replace(/^[:,，：]\s*/, ''))
}

/** Everybody who is mentioned without a name beside. */
export function mentionedIn(text: string): readonly string[] {
  return [...text.matchAll(/<@([A-Z0-9]{2,30})>/g)].flatMap(([, id]) => (id ? [id] : []))
}

interface Markup {
  kind: string
  id: string
  label: string | undefined
}

function markup({ kind, id, label }: Markup, { nameOf }: Readers): string {
  const said = label === undefined || label === '' ? null : plain(label)
  switch (kind) {
    case '@':
      return at(said ?? nameOf(id) ?? id)
    case '#':
      return `#${said ?? id}`
    case '!':
      // Dates and the like carry what readers saw; `<!here>` is its own word.
      return id.startsWith('date^') ? (said ?? '') : at(said ?? id.replace(/^subteam\^/, ''))
    default:
      return said ?? plain(id)
  }
}

function at(name: string): string {
  return name.startsWith('@') ? name : `@${name}`
}

function plain(text: string): string {
  return text.replace(/&(amp|lt|gt);/g, (_all, entity: string) => ENTITIES[entity] ?? '')
}

/** A command that was pasted as code is a command. */
function unfenced(text: string): string {
  const fence = text.startsWith('```') ? '```' : '`'
  const isFenced = text.startsWith(fence) && text.endsWith(fence) && text.length > 2 * fence.length
  const inner = text.slice(fence.length, -fence.length)
  return isFenced && !inner.includes('`') ? inner.trim() : text
}
