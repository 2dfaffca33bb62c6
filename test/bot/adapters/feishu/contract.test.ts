import { FEISHU_ABILITIES } from '../../../../src/bot/adapters/feishu/abilities.ts'
import { chatAdapterContract } from '../../../contracts/chat-adapter.ts'
import { startFakeFeishu } from '../../../fakes/chats/feishu.ts'
import { openFeishu } from './opened.ts'

for (const mode of ['socket', 'webhook']) {
  // The contract posts as fast as it can; how fast one may is in limits.test.ts.
  const fake = await startFakeFeishu({ pace: false })
  const { appSecret, encryptKey, verificationToken } = fake.world

  chatAdapterContract(
    `Feishu (${mode})`,
    async () => ({
      fake,
      open: ({ inbox, now }) => openFeishu(fake, { inbox, now, setup: { mode } }),
    }),
    {
      abilities: FEISHU_ABILITIES,
      repeats: 'safe',
      hears: true,
      secrets: [appSecret, encryptKey, verificationToken, 't-'],
    },
  )
}
