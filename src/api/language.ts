import type { Language } from '../platform/platform.ts'

/** The first language of an Accept-Language header that we speak, by weight; null: none. */
export function accepted(header: string | undefined): Language | null {
  const wishes = (header ?? '')
    .slice(0, 200)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
      const q = parameters.map((p) => p.trim()).find((p) => p.startsWith('q='))
      return { tag: tag.trim(), weight: q === undefined ? 1 : Number(q.slice(2)) || 0 }
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
  for (const { tag } of wishes) {
    const language = tag.split('-')[0]
    if (language === 'zh' || language === 'en') return language
  }
  return null
}

/**
 * A reader's own choice for this one request. Browsers send a list that nobody chose for us, so a signed-in page
 * chooses by sending one language alone; a program with a token means what it sends.
 */
export function chosen(header: string | undefined, caller: 'session' | 'token'): Language | null {
  if (caller === 'token') return accepted(header)
  return header === 'zh' || header === 'en' ? header : null
}
