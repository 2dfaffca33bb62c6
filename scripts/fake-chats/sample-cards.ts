import type { Vendor } from '../../src/bot/adapters/adapter.ts'
import { openAdapter } from '../../src/chats/open-adapter.http.ts'
import { readSetup } from '../../src/chats/setups.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { SeenMessage } from '../../test/fakes/chats/fake-chat.ts'
import { rememberedInbox } from '../../test/fakes/chats/remembered-inbox.ts'
import { shownSamples } from '../../test/support/shown-samples.ts'
import { type OpenChat, openFakes } from './open-fakes.ts'

export interface SampleCard {
  vendor: Vendor
  /** `incident`, `approval (zh)` */
  name: string
  /** All messages that it came to: some vendors need more than one. */
  messages: readonly SeenMessage[]
}

/** Every sample card as it stands on every vendor's chat: posted by the real adapter, read back from the vendor's fake. */
export async function sampleCards(wanted: (name: string) => boolean = () => true): Promise<SampleCard[]> {
  const { chats } = await openFakes({ firstPort: 0, sluiceUrl: 'http://127.0.0.1:8080', pace: false })
  try {
    return (await Promise.all(chats.map((chat) => cardsOn(chat, wanted)))).flat()
  } finally {
    await Promise.all(chats.map(({ fake }) => fake.close()))
  }
}

async function cardsOn(
  { vendor, fake, people }: OpenChat,
  wanted: (name: string) => boolean,
): Promise<SampleCard[]> {
  const ours = { publicUrl: 'http://127.0.0.1:8080', linkKey: new Secret('a key for pictures') }
  const read = readSetup(vendor, fake.setup(), ours)
  if (!read.ok) throw new Error(`${vendor}: ${JSON.stringify(read.problems)}`)
  const parts = { inbox: rememberedInbox(), clock: systemClock, log: silentLog, random: Math.random }
  const adapter = await openAdapter(read.open, parts)
  await adapter.start()
  try {
    const cards: SampleCard[] = []
    for (const { name, shown } of shownSamples(adapter.abilities).filter((sample) => wanted(sample.name))) {
      const before = new Set(fake.messages().map(({ id }) => id))
      const key = `dlv_${name.replaceAll(/[^a-z]/g, '_')}`
      const to = { is: 'person', id: people.lin.id } as const
      const posted = await adapter.post({ to, shown, key, mention: [], after: null })
      if (posted.is !== 'accepted') throw new Error(`${vendor}, ${name}: ${JSON.stringify(posted)}`)
      cards.push({ vendor, name, messages: fake.messages().filter(({ id }) => !before.has(id)) })
    }
    return cards
  } finally {
    await adapter.stop()
  }
}
