import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import type { ChatAdapter, Handle, Post } from '../../../../src/bot/adapters/adapter.ts'
import { SLACK_ABILITIES } from '../../../../src/bot/adapters/slack/abilities.ts'
import type { ShownBlock, ShownCard } from '../../../../src/bot/cards/card.ts'
import type { FakePerson, SeenMessage } from '../../../fakes/chats/fake-chat.ts'
import type { FakeSlack } from '../../../fakes/chats/slack.ts'
import { shownSample } from '../../../support/shown-samples.ts'

let count = 0

export function aPost(to: Post['to'], more: Partial<Post> = {}): Post {
  const shown = shownSample(SLACK_ABILITIES, 'buttons')
  return { to, shown, key: `dlv_${++count}`, mention: [], after: null, ...more }
}

export async function posted(adapter: ChatAdapter, post: Post): Promise<Handle> {
  const answer = await adapter.post(post)
  if (answer.is !== 'accepted') throw new Error(`Not accepted: ${JSON.stringify(answer)}`)
  return answer.handle
}

export function withBody(...body: ShownBlock[]): ShownCard {
  const plain = shownSample(SLACK_ABILITIES, 'plain')
  return { ...plain, card: { ...plain.card, body } }
}

/** The card as this person sees it. */
export async function openCard(
  fake: FakeSlack,
  adapter: ChatAdapter,
  { person, shown = shownSample(SLACK_ABILITIES, 'buttons') }: { person: FakePerson; shown?: ShownCard },
): Promise<SeenMessage> {
  const { ts } = await posted(adapter, aPost({ is: 'person', id: person.id }, { shown }))
  return fake.seen(({ id }) => id === ts, { person })
}

/** An address where nobody listens any more. */
export async function nobodysUrl(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}/api/`
}
