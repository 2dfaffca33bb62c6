import { FONT } from './pictures.ts'

/** What is drawn, on white, with our own font. */
export function svgOf(
  { width, height }: { width: number; height: number },
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT}">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
  ].join('')
}

export interface LabelPlace {
  x: number
  y: number
  size: number
  fill: string
  /** Which end of the text stands at `x`; left out: its beginning. */
  anchor?: 'middle' | 'end'
}

export function label(text: string, { x, y, size, fill, anchor }: LabelPlace): string {
  const at = anchor ? ` text-anchor="${anchor}"` : ''
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" fill="${fill}"${at}>${escaped(text)}</text>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
