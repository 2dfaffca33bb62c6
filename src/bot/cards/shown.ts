import type { KeptCard } from '../conversation.ts'
import type { PressSigner } from '../press.ts'
import { en } from '../texts/en.ts'
import { zh } from '../texts/zh.ts'
import type { Block, Button, Card, ShownBlock, ShownButton, ShownCard } from './card.ts'
import { plain } from './plain.ts'

const TEXTS = { zh, en }

/** A kept card as chats and REST carry it: its buttons signed, its plain text beside it. */
export function shownCard(kept: KeptCard, signer: PressSigner): ShownCard {
  const { card, zone: _zone, subjectVersion: _subjectVersion, ...rest } = kept
  const sign = signed(kept.id, signer)
  const { body, buttons, ...head } = card
  return {
    ...rest,
    text: plain(card, TEXTS[kept.language]),
    card: { ...head, body: body.map((block) => shownBlock(block, sign)) },
    buttons: buttons.map(sign),
  }
}

/** The same place in the chat with another card on it, not kept. */
export function shownInstead(kept: KeptCard, card: Card, signer: PressSigner): ShownCard {
  // A version further, so that a page which has the kept one already takes this one.
  return shownCard({ ...kept, card, version: kept.version + 1 }, signer)
}

type Sign = (button: Button) => ShownButton

function signed(cardId: string, signer: PressSigner): Sign {
  return ({ label, style, press }) => ({ label, style, press: signer.sign(cardId, press) })
}

function shownBlock(block: Block, sign: Sign): ShownBlock {
  return block.is === 'form' ? { ...block, submit: sign(block.submit) } : block
}
