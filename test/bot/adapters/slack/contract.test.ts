import { SLACK_ABILITIES } from '../../../../src/bot/adapters/slack/abilities.ts'
import { chatAdapterContract } from '../../../contracts/chat-adapter.ts'
import { startFakeSlack } from '../../../fakes/chats/slack.ts'
import { openSlack } from './opened.ts'

for (const calls of [false, true]) {
  // The contract posts as fast as it can; how fast one may is the outbox's to keep.
  const fake = await startFakeSlack({ pace: false })
  const { bot, app, signing } = fake.world.tokens

  chatAdapterContract(
    `Slack (${calls ? 'request URL' : 'socket mode'})`,
    async () => ({ fake, open: ({ inbox, now }) => openSlack(fake, { inbox, now, calls }) }),
    {
      abilities: SLACK_ABILITIES,
      repeats: 'findable',
      hears: true,
      secrets: [bot, app, signing, 'xoxb-', 'xapp-'],
    },
  )
}
