import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Vendor } from '../../src/bot/adapters/adapter.ts'
import type { SeenMessage } from '../../test/fakes/chats/fake-chat.ts'
import { drawDingtalk } from './draw-dingtalk.ts'
import { drawEmail } from './draw-email.ts'
import { drawFeishu } from './draw-feishu.ts'
import { drawSlack } from './draw-slack.ts'
import { drawWecom } from './draw-wecom.ts'
import { box, drawField, drawForm, escaped, lines, linkButton, pressButton } from './html.ts'

/** Null: not a shape that it knows. */
export type Draw = (raw: unknown) => string | null

const DRAWERS: Readonly<Record<Vendor, Draw>> = {
  feishu: drawFeishu,
  dingtalk: drawDingtalk,
  wecom: drawWecom,
  slack: drawSlack,
  email: drawEmail,
}

/** A message about as its vendor would draw it; safe to put into a page, with its buttons marked by `data-press`. */
export function drawMessage(message: SeenMessage, vendor: Vendor): string {
  const card = DRAWERS[vendor](message.raw) ?? drawSeen(message)
  return `<article class="message ${vendor} ${message.tone}" data-id="${escaped(message.id)}" data-chat="${escaped(message.chat)}">${card}${marks(message)}</article>`
}

/** A whole page, for pictures of golden cards. */
export function messagePage(messages: readonly { message: SeenMessage; vendor: Vendor }[]): string {
  const drawn = messages.map(({ message, vendor }) => drawMessage(message, vendor)).join('\n')
  return `<!doctype html><meta charset="utf-8"><style>${cardStyle()}
body { margin: 0; padding: 24px; background: #eef0f3 } .message { max-width: 560px; margin: 0 0 24px }</style>${drawn}`
}

export function cardStyle(): string {
  return readFileSync(join(import.meta.dirname, 'cards.css'), 'utf8')
}

function drawSeen({ title, text, buttons, fields }: SeenMessage): string {
  const rest = text.startsWith(title) ? text.slice(title.length).trim() : text
  const pressed = buttons.map(({ label, link, style }) =>
    link === null ? pressButton(label, style) : linkButton(label, link, style),
  )
  const form = fields.map(({ name, label, choices, value }) =>
    drawField({
      ...{ name, label, value, required: false, multiline: false, placeholder: '' },
      choices: choices?.map((one) => ({ value: one, label: one })) ?? null,
    }),
  )
  return box(
    'card',
    `${box('title', escaped(title))}${box('body', lines(rest))}${form.length > 0 ? drawForm(form, 'Send 发送') : ''}${box('buttons', pressed.join(''))}`,
  )
}

function marks({ edits, urged, onlyFor }: SeenMessage): string {
  const said = [
    edits > 0 ? `edited ${edits}× 已编辑` : '',
    ...urged.map(({ means, people }) => `rung by ${means} 加急: ${people.join(', ')}`),
    onlyFor.length > 0 ? `only for ${onlyFor.join(', ')} 仅其可见` : '',
  ].filter(Boolean)
  return box('marks', escaped(said.join(' · ')))
}
