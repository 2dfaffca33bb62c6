import type { SendMailOptions } from 'nodemailer'
import type { Instant } from '../../../lib/clock.ts'
import type { ShownCard } from '../../cards/card.ts'
import type { Handle } from '../adapter.ts'
import { emailAbilities } from './abilities.ts'
import { hostOf } from './address.ts'
import { LINK_LIFE_MS, PRESS_PATH, signLink } from './press-link.ts'
import { type DrawnMail, drawMail, type MailLink } from './render.ts'
import type { EmailSetup } from './settings.ts'

/** One mail to write: to whom, what it is called for ever, and what it answers. */
export interface Letter {
  to: string
  shown: ShownCard
  /** `dlv_x1`, or `dlv_x1.2` for its second edit. */
  name: string
  /** The mails of its thread, the first one first. */
  thread: readonly string[]
  now: Instant
}

const LONGEST_LABEL = 80
const MESSAGE_ID = /^<[^<>\s]+>$/

export function drawLetter({ to, shown, name, thread, now }: Letter, setup: EmailSetup): DrawnMail {
  const links = mailLinks(shown, { to, setup, now })
  return drawMail(shown, { links, name: `${name}@${hostOf(setup.from.address)}`, again: thread.length > 0 })
}

export function mailOf(letter: Letter, setup: EmailSetup): SendMailOptions {
  const { to, name, thread } = letter
  const drawn = drawLetter(letter, setup)
  const { from } = setup
  return {
    from: { name: from.name ?? '', address: from.address },
    // Said twice, so that no reading of the header can add a receiver.
    to: { name: '', address: to },
    envelope: { from: from.address, to: [to] },
    subject: drawn.subject,
    text: drawn.text,
    html: drawn.html,
    attachments: drawn.pictures.map(({ cid, png }, i) => ({
      filename: `picture-${i + 1}.png`,
      content: png,
      contentType: 'image/png',
      contentDisposition: 'inline',
      cid,
    })),
    messageId: messageIdOf(name, setup),
    ...(thread.length > 0 && { inReplyTo: thread.at(-1) ?? '', references: [...thread] }),
    // Both ask holiday notices to stay silent; the second is what Exchange listens to.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  }
}

/** The same for the same message: mailboxes that hold it already drop the second one. */
export function messageIdOf(name: string, { from }: Pick<EmailSetup, 'from'>): string {
  return `<${name}@${hostOf(from.address)}>`
}

/** What is kept of a mail: the first of its thread, the newest, and how many were sent. */
export function handleOf(messageId: string, thread: readonly string[], count: number): Handle {
  return { first: thread[0] ?? messageId, messageId, count: String(count) }
}

/** The first and the newest mail of a thread: enough for every mail program to find it. */
export function threadOf({ first, messageId }: Handle): string[] {
  const ids = [first, messageId].filter((id) => id !== undefined).filter((id) => MESSAGE_ID.test(id))
  return [...new Set(ids)]
}

export function countOf({ count }: Handle): number {
  return count !== undefined && /^\d{1,9}$/.test(count) ? Number(count) : 1
}

function mailLinks(
  shown: ShownCard,
  { to, setup, now }: { to: string; setup: EmailSetup; now: Instant },
): MailLink[] {
  const { publicUrl, linkKey } = setup
  return shown.buttons.slice(0, emailAbilities(setup).buttons).map(({ label, style, press }) => {
    const link = { press, member: to, label: label.slice(0, LONGEST_LABEL), expires: now + LINK_LIFE_MS }
    return { label, style, href: `${publicUrl}${PRESS_PATH}?${signLink(link, linkKey)}` }
  })
}
