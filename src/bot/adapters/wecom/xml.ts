import { XMLParser } from 'fast-xml-parser'

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  maxNestedTags: 8,
})

/** The elements of `<xml>`. Null: not what WeCom writes, which is plain elements and CDATA, without document types or entities. */
export function readXml(text: string): Readonly<Record<string, unknown>> | null {
  const bare = withoutCdata(text)?.replace(/^\s*<\?xml[^<>]*\?>/, '') ?? null
  if (bare === null || /<[!?]|&/.test(bare)) return null
  try {
    const { xml } = parser.parse(text) as { xml?: unknown }
    return typeof xml === 'object' && xml !== null ? (xml as Record<string, unknown>) : null
  } catch {
    return null
  }
}

const OPEN = '<![CDATA['
const CLOSE = ']]>'

/** Words of people stand in there, and may look like anything. Null: one is never closed. */
function withoutCdata(text: string): string | null {
  const parts: string[] = []
  let at = 0
  for (;;) {
    const open = text.indexOf(OPEN, at)
    if (open < 0) return [...parts, text.slice(at)].join('')
    const close = text.indexOf(CLOSE, open)
    if (close < 0) return null
    parts.push(text.slice(at, open))
    at = close + CLOSE.length
  }
}
