import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser'
import type { SeenMessage } from '../fake-chat.ts'

/** A mail as it arrived, for golden files and the page. */
export interface RawMail {
  messageId: string
  inReplyTo: string | null
  references: readonly string[]
  from: string
  to: readonly string[]
  cc: boolean
  subject: string
  headers: Readonly<Record<string, string>>
  text: string
  /** Pictures stand in it as data, so that it can be shown as it is. */
  html: string
  attachments: readonly { cid: string; contentType: string; bytes: number; inline: boolean }[]
}

export async function readMail(source: Buffer): Promise<RawMail> {
  const mail = await simpleParser(source, { skipImageLinks: true })
  return {
    messageId: mail.messageId ?? '',
    inReplyTo: mail.inReplyTo ?? null,
    references: [mail.references ?? []].flat(),
    from: mail.from?.text ?? '',
    to: addresses(mail.to),
    cc: mail.cc !== undefined || mail.bcc !== undefined,
    subject: mail.subject ?? '',
    headers: Object.fromEntries(mail.headerLines.map(({ key, line }) => [key, line.slice(key.length + 2)])),
    text: mail.text ?? '',
    html: withPictures(mail),
    attachments: mail.attachments.map((one) => ({
      cid: one.cid ?? '',
      contentType: one.contentType,
      bytes: one.size,
      inline: one.related === true,
    })),
  }
}

export function seenMail(
  mail: RawMail,
  { id, chat, at }: { id: string; chat: string; at: number },
): SeenMessage {
  return {
    id,
    chat,
    onlyFor: [],
    title: mail.subject,
    text: textOf(mail.html),
    tone: toneOf(mail.html),
    buttons: linksOf(mail.html).map(({ label, href, style }) => ({
      label,
      link: href,
      style: styleOf(style),
    })),
    fields: [],
    pictures: mail.attachments.filter(({ inline, contentType }) => inline && contentType === 'image/png')
      .length,
    mentions: [],
    edits: 0,
    urged: [],
    at,
    raw: mail,
  }
}

/** What a reader sees: tags gone, entities read. */
export function textOf(html: string): string {
  const visible = html
    .replaceAll(/<(head|style|title)\b[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<\/(td|th)>/g, '\t')
    .replaceAll(/<br>\n?|<\/(p|h1|tr|div|pre|main)>/g, '\n')
    .replaceAll(/<[^>]*>/g, '')
  return unescaped(visible)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n')
}

export function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

function addresses(given: AddressObject | AddressObject[] | undefined): string[] {
  return [given ?? []].flat().flatMap(({ value }) => value.map(({ address }) => address ?? ''))
}

function withPictures({ html, attachments }: ParsedMail): string {
  return attachments.reduce(
    (text, { cid, contentType, content }) =>
      text.replaceAll(`cid:${cid}`, `data:${contentType};base64,${content.toString('base64')}`),
    html || '',
  )
}

function linksOf(html: string): { label: string; href: string; style: string }[] {
  return [...html.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a>/g)].map(([, attributes = '', label = '']) => ({
    label: textOf(label),
    href: unescaped(/href="([^"]*)"/.exec(attributes)?.[1] ?? ''),
    style: /style="([^"]*)"/.exec(attributes)?.[1] ?? '',
  }))
}

// A reader knows what is meant by colour, and so does this.
type Hue = 'red' | 'amber' | 'green' | 'blue' | 'grey'

const TONES = { red: 'bad', amber: 'warning', green: 'good', blue: 'progress', grey: 'neutral' } as const

function toneOf(html: string): SeenMessage['tone'] {
  return TONES[hueOf(/border-left:\d+px solid (#[0-9a-f]{6})/.exec(html)?.[1] ?? '#808080')]
}

function styleOf(css: string): 'primary' | 'plain' | 'danger' {
  const hue = hueOf(/background:(#[0-9a-f]{6})/.exec(css)?.[1] ?? '#ffffff')
  return hue === 'red' ? 'danger' : hue === 'blue' ? 'primary' : 'plain'
}

function hueOf(colour: string): Hue {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  const largest = Math.max(r, g, b)
  if (largest - Math.min(r, g, b) < 70) return 'grey'
  if (largest === b) return 'blue'
  if (largest === g) return 'green'
  return g > 50 ? 'amber' : 'red'
}
