import type { ChatAdapter, Handle, Post } from '../../../../src/bot/adapters/adapter.ts'
import { WECOM_ABILITIES } from '../../../../src/bot/adapters/wecom/abilities.ts'
import type { ShownCard } from '../../../../src/bot/cards/card.ts'
import { shownSample } from '../../../support/shown-samples.ts'

let count = 0

export function sample(name: string): ShownCard {
  return shownSample(WECOM_ABILITIES, name)
}

export function aPost(to: Post['to'], more: Partial<Post> = {}): Post {
  return { to, shown: sample('buttons'), key: `dlv_${++count}`, mention: [], after: null, ...more }
}

export async function posted(adapter: ChatAdapter, post: Post): Promise<Handle> {
  const answer = await adapter.post(post)
  if (answer.is !== 'accepted') throw new Error(`Not accepted: ${JSON.stringify(answer)}`)
  return answer.handle
}

/** A card that fits on one of WeCom's whole. */
export function shortCard(title: string, more: Partial<ShownCard> = {}): ShownCard {
  const shown = sample('buttons')
  return { ...shown, text: title, card: { ...shown.card, title, body: [] }, ...more }
}
