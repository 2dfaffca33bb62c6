/** Completion of a command while it is typed: a list that opens, is moved through, and is taken or left. */
import type { CompletionAnswer } from '../wire.ts'

export interface Completion {
  /** The newest question; answers to earlier ones are late and ignored. */
  asked: number
  answer: CompletionAnswer | null
  /** The list is for the text as it stands now. Until it is, nothing of it can be chosen: it would land in the wrong place. */
  fresh: boolean
  /** -1: the list is open and nothing is chosen, so Enter sends. */
  active: number
}

export type CompletionEvent =
  | { is: 'typed' }
  | { is: 'answered'; asked: number; text: string; answer: CompletionAnswer }
  | { is: 'moved'; by: 1 | -1 }
  | { is: 'closed' }

export const noCompletion: Completion = { asked: 0, answer: null, fresh: false, active: -1 }

export function isOpen(state: Completion): boolean {
  return state.answer !== null
}

export function next(state: Completion, event: CompletionEvent): Completion {
  switch (event.is) {
    // The former list stays until the new answer comes, so that it does not flicker; its choice does not.
    case 'typed':
      return { ...state, asked: state.asked + 1, fresh: false, active: -1 }
    case 'answered':
      return event.asked === state.asked ? answered(state, event) : state
    case 'moved':
      return moved(state, event.by)
    // Counting on makes an answer that is still under way late.
    case 'closed':
      return { asked: state.asked + 1, answer: null, fresh: false, active: -1 }
  }
}

function answered(
  state: Completion,
  { text, answer }: { text: string; answer: CompletionAnswer },
): Completion {
  const typed = text.slice(answer.from, answer.to)
  const [only] = answer.items
  const nothingToAdd = answer.items.length === 1 && only?.insert.trim() === typed.trim()
  const useful = answer.items.length > 0 && !nothingToAdd
  return { ...state, answer: useful ? answer : null, fresh: useful, active: -1 }
}

function moved(state: Completion, by: 1 | -1): Completion {
  if (!state.answer || !state.fresh) return state
  const count = state.answer.items.length
  // One place more than items: the words as typed are part of the round.
  const round = count + 1
  return { ...state, active: ((state.active + 1 + by + round) % round) - 1 }
}

/** The text with an item taken; null when there is no such item. Tab takes the first when nothing is chosen. */
export function taken(
  state: Completion,
  text: string,
  index: number,
): { text: string; caret: number } | null {
  const item = state.answer?.items[Math.max(0, index)]
  if (!state.answer || !state.fresh || !item) return null
  const before = text.slice(0, state.answer.from) + item.insert
  return { text: before + text.slice(state.answer.to), caret: before.length }
}
