import { WECOM_ABILITIES } from '../../../../src/bot/adapters/wecom/abilities.ts'
import { chatAdapterContract } from '../../../contracts/chat-adapter.ts'
import { startFakeWecom } from '../../../fakes/chats/wecom.ts'
import { openWecom } from './opened.ts'

// The contract posts as fast as it can; how fast one may is in wecom.test.ts.
const fake = await startFakeWecom({ pace: false })
const { secret, token, aesKey, botSecret } = fake.world

chatAdapterContract(
  'WeCom',
  async () => ({ fake, open: ({ inbox, now }) => openWecom(fake, { inbox, now }) }),
  {
    abilities: WECOM_ABILITIES,
    repeats: 'safe',
    hears: true,
    secrets: [secret, token, aesKey, botSecret, 'wtoken-'],
  },
)
