/** A step of a guide: paragraphs of words, and what is to be copied as a whole. */
export type GuidePart = { is: 'words'; text: string } | { is: 'copy'; text: string }

export function guideParts(text: string): readonly GuidePart[] {
  return text.split(/```[a-z]*\n([\s\S]*?)\n```/).flatMap((part, index): GuidePart[] => {
    if (index % 2 === 1) return [{ is: 'copy', text: part }]
    return part
      .split(/\n+/)
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line) => ({ is: 'words', text: line }))
  })
}
