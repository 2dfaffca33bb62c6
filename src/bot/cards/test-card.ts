import type { Reply } from '../commands/command.ts'
import type { Tap } from '../conversation.ts'
import { pressIdOf } from '../press.ts'
import type { Voice } from '../texts/voice.ts'
import { card, text } from './build.ts'
import type { Card, Meaning } from './card.ts'

const OF_TESTS = 'chat-test:'

/** The card that shows whether a vendor's chat works both ways: it comes, its button is pressed, and it changes. */
export function testCard(test: string, tap: Pick<Tap, 'member' | 'at'> | null, { t, f }: Voice): Card {
  if (tap) {
    return card('good', t.chatTest.pressed, {
      body: [text(t.chatTest.pressedText(tap.member, f.when(tap.at)))],
    })
  }
  const button = { label: t.chatTest.button, style: 'primary', press: arrives(test) } as const
  return card('neutral', t.chatTest.title, { body: [text(t.chatTest.text)], buttons: [button] })
}

/** It is about this one chat, so no other may stand in for it. */
export function isTest({ subject }: { subject: string | null }): boolean {
  return subject?.startsWith(OF_TESTS) ?? false
}

/** What the card follows, and how a tap on its button is found. A test is called as its card is. */
export function testOf(test: string): { subject: string; pressId: string } {
  return { subject: `${OF_TESTS}${test}`, pressId: pressIdOf(test, arrives(test)) }
}

export function arrivedReply(test: string, { t }: Voice): Reply {
  return {
    card: card('good', t.chatTest.pressed),
    follows: { subject: testOf(test).subject, version: 2 },
    did: true,
  }
}

function arrives(test: string): Meaning {
  return { is: 'arrives', test }
}
