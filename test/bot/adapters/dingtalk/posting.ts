import type { ChatAdapter, Handle, Post } from '../../../../src/bot/adapters/adapter.ts'
import { DINGTALK_ABILITIES } from '../../../../src/bot/adapters/dingtalk/abilities.ts'
import type { FakeDingtalk } from '../../../fakes/chats/dingtalk.ts'
import type { FakePerson, SeenMessage } from '../../../fakes/chats/fake-chat.ts'
import { shownSample } from '../../../support/shown-samples.ts'

let count = 0

export function aPost(to: Post['to'], more: Partial<Post> = {}): Post {
  const shown = shownSample(DINGTALK_ABILITIES, 'buttons')
  return { to, shown, key: `dlv_${++count}`, mention: [], after: null, ...more }
}

export async function posted(adapter: ChatAdapter, post: Post): Promise<Handle> {
  const answer = await adapter.post(post)
  if (answer.is !== 'accepted') throw new Error(`Not accepted: ${JSON.stringify(answer)}`)
  return answer.handle
}

/** A card with buttons, as this person sees it. */
export async function openCard(
  fake: FakeDingtalk,
  adapter: ChatAdapter,
  person: FakePerson,
): Promise<SeenMessage> {
  await posted(adapter, aPost({ is: 'person', id: person.id }))
  return fake.seen(({ buttons }) => buttons.length > 0, { person })
}
