/** Recalling former words with the arrow keys, as a shell does. */
export interface Recall {
  /** How far back; 0 is what is being written now. */
  back: number
  draft: string
}

export const noRecall: Recall = { back: 0, draft: '' }

/** `words` oldest first. Null: nowhere to go in that direction. */
export function recall(
  state: Recall,
  words: readonly string[],
  step: { by: 1 | -1; text: string },
): { state: Recall; text: string } | null {
  const back = state.back + step.by
  if (back < 0 || back > words.length) return null
  const draft = state.back === 0 ? step.text : state.draft
  return { state: { back, draft }, text: back === 0 ? draft : (words[words.length - back] ?? draft) }
}
