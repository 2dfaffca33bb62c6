import type { SeenMessage } from '../fake-chat.ts'
import type { SlackBlock, SlackButton } from './blocks.ts'
import type { Message } from './world.ts'

const TONES = { '🔵': 'progress', '🟢': 'good', '🟠': 'warning', '🔴': 'bad' } as const

/** A message as people see it. */
export function seenMessage(message: Message): SeenMessage {
  // They were checked when they were posted.
  const blocks = message.blocks as SlackBlock[]
  const [head] = blocks
  const shownTitle = head ? textOf(head) : unescaped(message.text)
  const mark = Object.entries(TONES).find(([dot]) => shownTitle.startsWith(dot))
  return {
    id: message.ts,
    chat: message.channel,
    onlyFor: message.onlyFor === null ? [] : [message.onlyFor],
    title: mark ? shownTitle.slice(mark[0].length).trim() : shownTitle,
    text: blocks.length === 0 ? unescaped(message.text) : blocks.map(textOf).filter(Boolean).join('\n'),
    tone: mark?.[1] ?? 'neutral',
    buttons: buttonsOf(message).map(({ text, url, style }) => ({
      label: text.text,
      link: url ?? null,
      style: style ?? 'plain',
    })),
    fields: [],
    pictures: blocks.filter(({ type }) => type === 'image').length,
    mentions: [
      ...new Set(
        [...JSON.stringify([message.text, blocks]).matchAll(/<@([UW][A-Z0-9]+)>/g)].map(([, id]) => id ?? ''),
      ),
    ],
    edits: message.edits,
    urged: message.urged,
    at: message.at,
    raw: {
      text: message.text,
      blocks: message.blocks,
      metadata: message.metadata,
      thread_ts: message.thread,
    },
  }
}

export function buttonsOf({ blocks }: Pick<Message, 'blocks'>): SlackButton[] {
  return (blocks as SlackBlock[]).flatMap((block) => (block.type === 'actions' ? block.elements : []))
}

/** Plain and rich text show what stands there; only mrkdwn has entities. */
function textOf(block: SlackBlock): string {
  switch (block.type) {
    case 'header':
      return block.text.text
    case 'section':
      return block.text.type === 'mrkdwn' ? unescaped(block.text.text) : block.text.text
    case 'context':
      return block.elements.map(({ text }) => text).join(' ')
    case 'rich_text':
      return block.elements
        .flatMap(({ elements }) =>
          elements.map((one) => (one.type === 'text' ? one.text : `@${one.user_id}`)),
        )
        .join('')
    case 'table':
      return block.rows.map((row) => row.map(({ text }) => text).join(' | ')).join('\n')
    case 'image':
      return block.alt_text
    case 'actions':
    case 'divider':
      return ''
  }
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
