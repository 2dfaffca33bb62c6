/** The little markup that card texts carry: **strong** and `code`. Everything else is text. */
export type Piece = { is: 'text' | 'strong' | 'code'; text: string }

export function pieces(text: string): readonly Piece[] {
  return text
    .split(/(\*\*[^*\n]+\*\*|`[^`\n]+`)/)
    .filter((part) => part !== '')
    .map(piece)
}

function piece(part: string): Piece {
  if (/^\*\*[^*\n]+\*\*$/.test(part)) return { is: 'strong', text: part.slice(2, -2) }
  if (/^`[^`\n]+`$/.test(part)) return { is: 'code', text: part.slice(1, -1) }
  return { is: 'text', text: part }
}
