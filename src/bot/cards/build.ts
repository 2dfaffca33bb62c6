import type { Job } from '../../platform/platform.ts'
import { quote } from '../grammar/tokens.ts'
import type { Voice } from '../texts/voice.ts'
import type { Block, Button, Card, Meaning, Tone } from './card.ts'

/** A card with what is left out filled in. */
export function card(tone: Tone, title: string, more: Partial<Omit<Card, 'tone' | 'title'>> = {}): Card {
  return { tone, title, subtitle: [], body: [], buttons: [], footer: [], ...more }
}

export function text(...lines: readonly (string | null | undefined | false)[]): Block {
  return { is: 'text', text: lines.filter(Boolean).join('\n') }
}

/** Facts without those that nobody knows. */
export function facts(
  ...pairs: readonly (readonly [label: string, value: string | null | undefined])[]
): Block[] {
  const known = pairs.flatMap(([label, value]) => (value ? [{ label, value }] : []))
  return known.length === 0 ? [] : [{ is: 'facts', facts: known }]
}

export interface SaysOptions {
  style?: Button['style']
  /** The job these words change; a tap after it changed is refused. Left out for words that only look. */
  changes?: Pick<Job, 'id' | 'generation'>
}

/** A button that stands for typed words. */
export function says(label: string, words: string, { style = 'plain', changes }: SaysOptions = {}): Button {
  return { label, style, press: sayMeaning(words, changes) }
}

export function sayMeaning(words: string, changes?: Pick<Job, 'id' | 'generation'>): Meaning {
  return { is: 'says', text: words, job: changes ? { id: changes.id, generation: changes.generation } : null }
}

/** What stands in every chat the same: names are quoted where they must be. */
export function to(command: string, ...names: readonly (string | number)[]): string {
  return [`/${command}`, ...names.map((name) => quote(String(name)))].join(' ')
}

export function sandboxFooter(voice: Voice, sandbox: boolean): readonly string[] {
  return sandbox ? [voice.t.sandbox] : []
}
