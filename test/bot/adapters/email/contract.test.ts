import { EMAIL_ABILITIES } from '../../../../src/bot/adapters/email/abilities.ts'
import { chatAdapterContract } from '../../../contracts/chat-adapter.ts'
import { FAKE_EMAIL, startFakeEmail } from '../../../fakes/chats/email.ts'
import { LINK_KEY, openEmail } from './opened.ts'

chatAdapterContract(
  'e-mail',
  async () => {
    const fake = await startFakeEmail({ pace: false })
    return { fake, open: (parts) => openEmail(fake, parts) }
  },
  {
    abilities: EMAIL_ABILITIES,
    repeats: 'doubled',
    hears: false,
    secrets: [
      FAKE_EMAIL.password,
      encodeURIComponent(FAKE_EMAIL.password),
      Buffer.from(`\0${FAKE_EMAIL.user}\0${FAKE_EMAIL.password}`).toString('base64'),
      LINK_KEY,
    ],
  },
)
