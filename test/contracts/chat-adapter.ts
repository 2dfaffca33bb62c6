import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChatAdapter, Handle, Post, Posted, Receiver } from '../../src/bot/adapters/adapter.ts'
import type { Abilities } from '../../src/bot/cards/abilities.ts'
import type { ShownCard } from '../../src/bot/cards/card.ts'
import type { AdapterUnderTest, FakeChat, FakePerson } from '../fakes/chats/fake-chat.ts'
import { rememberedInbox } from '../fakes/chats/remembered-inbox.ts'
import { shownSample, shownSamples } from '../support/shown-samples.ts'
import { until } from '../support/until.ts'

export interface AdapterTraits {
  /** The vendor has a key that makes a repeated post show once; else `find` tells, or nothing does. */
  repeats: 'safe' | 'findable' | 'doubled'
  abilities: Abilities
  /** Events come in. */
  hears: boolean
  /** Words that must never be written anywhere. */
  secrets: readonly string[]
}

/** What every vendor's adapter keeps, against a server that behaves as the vendor does. */
export function chatAdapterContract(
  name: string,
  open: () => Promise<AdapterUnderTest>,
  { abilities, repeats, hears, secrets }: AdapterTraits,
): void {
  describe(`the ${name} adapter`, () => {
    let fake: FakeChat
    let adapter: ChatAdapter
    let lin: FakePerson
    let close: () => Promise<void>
    let logged: () => string
    const inbox = rememberedInbox()
    const answers: Posted[] = []
    let count = 0

    beforeAll(async () => {
      const under = await open()
      fake = under.fake
      lin = fake.person('Lin', { email: 'lin@example.com', staffNumber: '1001' })
      const opened = await under.open({ inbox })
      adapter = opened.adapter
      logged = opened.logged
      close = async () => {
        await adapter.stop()
        await opened.close()
        await fake.close()
      }
      await adapter.start()
    })
    beforeEach(() => inbox.clear())
    afterAll(() => close?.())

    const plainCard = (title: string): ShownCard => {
      const shown = shownSample(abilities, 'plain')
      return { ...shown, text: title, card: { ...shown.card, title } }
    }
    const toLin = (): Receiver => ({ is: 'person', id: lin.id })
    const post = async (shown: ShownCard, more: Partial<Post> = {}): Promise<Posted> => {
      const answer = await adapter.post({
        to: toLin(),
        shown,
        key: `dlv_test_${++count}`,
        mention: [],
        after: null,
        ...more,
      })
      answers.push(answer)
      return answer
    }
    const accepted = (answer: Posted): Handle => {
      if (answer.is !== 'accepted') throw new Error(`Not accepted: ${JSON.stringify(answer)}`)
      return answer.handle
    }

    it('is connected after its start', async () => {
      await until(() => ['connected', 'waiting-for-calls', 'outgoing-only'].includes(adapter.connection().is))
    })

    it.each(
      shownSamples(abilities).map((sample) => [sample.name, sample.shown] as const),
    )('shows %s', async (_name, shown) => {
      expect(adapter.fits(shown)).toBe(true)
      accepted(await post(shown))
      const message = await fake.seen((one) => one.text.includes(shown.card.title), { person: lin })
      expect(message.buttons.map(({ label }) => label)).toEqual(
        expect.arrayContaining(shown.buttons.slice(0, adapter.abilities.buttons).map(({ label }) => label)),
      )
      expect(fake.counts.refused).toBe(0)
    })

    it('says that a card does not fit before it is sent', () => {
      const huge = shownSample(abilities, 'plain')
      const text = 'x'.repeat(200_000)
      expect(adapter.fits({ ...huge, text, card: { ...huge.card, body: [{ is: 'text', text }] } })).toBe(
        false,
      )
    })

    it('edits a message in its place, or says that it is fixed', async () => {
      const first = shownSample(abilities, 'buttons')
      const second = { ...shownSample(abilities, 'done'), id: first.id, version: 2 }
      const key = `dlv_test_${++count}`
      const handle = accepted(await post(first, { key }))
      const answer = await adapter.edit({ to: toLin(), at: handle, shown: second, key })
      if (adapter.abilities.updates === 'freely') expect(answer.is).toBe('accepted')
      if (answer.is === 'accepted')
        await fake.seen((one) => one.text.includes(second.card.title), { person: lin })
      else expect(answer.is).toBe('fixed')
    })

    it('shows a card once when the answer to its post was lost and it is posted again', async () => {
      const shown = plainCard(`lost ${++count}`)
      const again: Post = { to: toLin(), shown, key: `dlv_lost_${count}`, mention: [], after: null }
      fake.faults.dropAfterAccept(1)
      const lost = await adapter.post(again)
      expect(lost).toMatchObject({ is: 'unreached', uncertain: true })
      if (repeats === 'findable') expect(await adapter.find?.(again)).toMatchObject({ is: 'there' })
      else accepted(await adapter.post(again))
      const standing = fake.messages({ person: lin }).filter((one) => one.text.includes(shown.card.title))
      if (repeats !== 'doubled') expect(standing).toHaveLength(1)
    })

    it.each([
      'plain',
      'buttons',
    ])('says when a %s card posted again may stand as it was first, and not as it is now', async (sample) => {
      if (repeats === 'findable') return
      const key = `dlv_changed_${++count}`
      const titled = (title: string): ShownCard => {
        const shown = shownSample(abilities, sample)
        return { ...shown, text: `${title} ${key}`, card: { ...shown.card, title: `${title} ${key}` } }
      }
      fake.faults.dropAfterAccept(1)
      await post(titled('former'), { key })
      const again = await post(titled('newer'), { key })
      accepted(again)
      const standing = fake.messages({ person: lin }).filter((one) => one.text.includes(key))
      const isShown = standing.some((one) => one.text.includes('newer'))
      if (!isShown) expect(again).toMatchObject({ asFirst: true })
      // Otherwise it would be shown once more, for nothing.
      else if (standing.length > 1) expect(again).not.toMatchObject({ asFirst: true })
    })

    it('does not find what never arrived', async () => {
      if (!adapter.find) return
      const shown = plainCard(`never ${++count}`)
      expect(
        await adapter.find({ to: toLin(), shown, key: 'dlv_never', mention: [], after: null }),
      ).not.toMatchObject({ is: 'there' })
    })

    it('passes on that it was too fast, with a time', async () => {
      fake.faults.limit(1)
      expect(await post(plainCard('limited'))).toMatchObject({ is: 'limited', ms: expect.any(Number) })
      accepted(await post(plainCard('not limited')))
    })

    it('takes a gateway page for no answer', async () => {
      fake.faults.garbage(1)
      expect((await post(plainCard('garbage'))).is).toBe('unreached')
    })

    it('fetches a new token when its own was revoked, and the card arrives', async () => {
      if (fake.counts.tokens === 0) return
      accepted(await post(plainCard('before')))
      const before = fake.counts.tokens
      fake.faults.revokeTokens()
      accepted(await post(plainCard('after')))
      expect(fake.counts.tokens - before).toBe(1)
    })

    it('asks for one token when many cards go out at once', async () => {
      if (fake.counts.tokens === 0) return
      fake.faults.revokeTokens()
      const before = fake.counts.tokens
      await Promise.all(Array.from({ length: 4 }, (_, i) => post(plainCard(`at once ${i}`))))
      expect(fake.counts.tokens - before).toBe(1)
    })

    it('is refused, in the words of the vendor, by a receiver that there is not', async () => {
      expect(await post(plainCard('nobody'), { to: { is: 'person', id: 'nobody_0000' } })).toMatchObject({
        is: 'refused',
        said: { code: expect.any(String), message: expect.any(String) },
      })
    })

    it('finds nothing wrong with its setup', async () => {
      expect((await adapter.check()).filter(({ is }) => is === 'fail')).toEqual([])
    })

    if (hears) {
      it('hears words, once stored acknowledged', async () => {
        const ack = await lin.say('/job list')
        expect(ack.ok).toBe(true)
        await until(() => inbox.heard.length > 0)
        expect(inbox.heard).toMatchObject([
          { text: '/job list', addressed: true, chat: { direct: true }, from: { id: lin.id } },
        ])
      })

      it.each([
        ['／job　restart　“orders-cdc”', /[/／]job\s+restart\s+[“"]orders-cdc[”"]/],
        ['/job restart orders-cdc', /\/job restart orders-cdc/],
      ])('hears %s as it was typed', async (typed, expected) => {
        await lin.say(typed)
        await until(() => inbox.heard.length > 0)
        expect(inbox.heard[0]?.text).toMatch(expected)
      })

      it('hears a tap with what the button carries, and passes on its answer', async () => {
        const shown = shownSample(abilities, 'buttons')
        accepted(await post(shown))
        const message = await fake.seen(
          (one) => one.text.includes(shown.card.title) && one.buttons.length > 0,
          { person: lin },
        )
        const [button] = shown.buttons
        await lin.press(message, button?.label ?? '')
        await until(() => inbox.taps.length > 0)
        expect(inbox.taps).toMatchObject([{ press: button?.press, from: { id: lin.id } }])
      })

      it('hears a group only when it is spoken to there, and knows it from a conversation of two', async () => {
        const group = fake.group('data', [lin])
        await lin.say('/job list', { in: group })
        await until(() => inbox.heard.length > 0)
        expect(inbox.heard).toMatchObject([
          { text: '/job list', chat: { id: group.id, direct: false }, addressed: true },
        ])
      })

      it('goes on hearing after its connection was cut', async () => {
        await fake.faults.disconnect()
        await until(() => ['connected', 'waiting-for-calls'].includes(adapter.connection().is))
        await lin.say('/help')
        await until(() => inbox.heard.some(({ text }) => text === '/help'))
      })
    }

    it('wrote no secret anywhere', () => {
      const written = `${logged()}\n${JSON.stringify(answers)}`
      for (const secret of secrets) expect(written).not.toContain(secret)
    })
  })
}
