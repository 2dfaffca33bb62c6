/** The little markup that texts carry: **strong**, `code`, and addresses to open. Everything else is text. */
export type Piece = { is: 'text' | 'strong' | 'code' | 'link'; text: string }

const STRONG = /\*\*[^*\n]+\*\*/
const CODE = /`[^`\n]+`/
const ADDRESS = /https?:\/\/[\w.-]+(?::\d+)?(?:\/[\w./%~-]*[\w/])?/
/** Of our own, where nobody told the server how people reach it. */
const OWN_PAGE = /(?<![\w/])\/setup(?:\/[a-z]+)?(?=\s|$)/
const PARTS = new RegExp(`(${[STRONG, CODE, ADDRESS, OWN_PAGE].map(({ source }) => source).join('|')})`)

export function pieces(text: string): readonly Piece[] {
  return text
    .split(PARTS)
    .filter((part) => part !== '')
    .map(piece)
}

function piece(part: string): Piece {
  if (is(STRONG, part)) return { is: 'strong', text: part.slice(2, -2) }
  if (is(CODE, part)) return { is: 'code', text: part.slice(1, -1) }
  return { is: is(ADDRESS, part) || is(OWN_PAGE, part) ? 'link' : 'text', text: part }
}

function is(form: RegExp, part: string): boolean {
  return new RegExp(`^${form.source}$`).test(part)
}
