import type { SeenMessage } from '../fake-chat.ts'
import { type DrawnButton, readButtons } from './calls.ts'
import type { Stored } from './world.ts'

const STYLE = { blue: 'primary', gray: 'plain', red: 'danger', green: 'plain', orange: 'plain' } as const
const TONES = ['neutral', 'progress', 'good', 'warning', 'bad'] as const

/** A message as people see it. */
export function seenMessage(stored: Stored): SeenMessage {
  const { params, markdown, spot } = stored
  const text = markdown
    ? plainText(markdown.text)
    : [params.tag, params.title, params.subtitle, ...values(params, 'body').map(plainText), params.footer]
        .filter(Boolean)
        .join('\n')
  return {
    id: stored.id,
    chat: spot.is === 'group' ? spot.id : `user:${spot.id}`,
    onlyFor: [],
    title: markdown?.title ?? params.title ?? '',
    text,
    tone: TONES.find((tone) => tone === params.tone) ?? 'neutral',
    buttons: buttonsOf(stored).map(({ text: label, color }) => ({ label, link: null, style: STYLE[color] })),
    fields: [],
    pictures: [markdown?.text ?? '', ...values(params, 'body')].reduce(
      (sum, one) => sum + picturesIn(one),
      0,
    ),
    mentions: stored.mentions,
    edits: stored.edits,
    urged: stored.urged,
    at: stored.at,
    raw: markdown ? { msgParam: JSON.stringify(markdown) } : { cardData: { cardParamMap: params } },
  }
}

export function buttonsOf({ params }: Stored): DrawnButton[] {
  return values(params, 'buttons').flatMap((row) => readButtons(row) ?? [])
}

function values(params: Record<string, string>, name: string): string[] {
  return Object.keys(params)
    .filter((key) => key.startsWith(name))
    .sort()
    .map((key) => params[key] ?? '')
    .filter((value) => value !== '')
}

const PICTURE = /(?<!\\)!\[((?:\\.|[^\]\\])*)\]\((@[\w-]+)\)/g

function picturesIn(markdown: string): number {
  return [...markdown.matchAll(PICTURE)].length
}

/** What a reader sees of markdown: escapes resolved, fences and emphasis gone. */
export function plainText(markdown: string): string {
  return markdown
    .split(/^```$/m)
    .map((part, i) => (i % 2 === 1 ? part.replace(/^\n|\n$/g, '') : unmarked(part)))
    .join('')
}

function unmarked(part: string): string {
  return part
    .replaceAll(PICTURE, '$1')
    .replaceAll(/\\([!-/:-@[-`{-~])|\*\*|(?: {2})?$/gm, (_all, escaped: string | undefined) => escaped ?? '')
    .replaceAll('\u00a0', ' ')
}
