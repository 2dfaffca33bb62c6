import { exampleJar, type Person as Name, type RealApp, startRealApp } from '../api/real-app.ts'
import { until } from './until.ts'

/** A card as REST carries it. */
export interface WireCard {
  id: string
  version: number
  subject: string | null
  text: string
  card: { title: string; tone: string; body: readonly { is: string; submit?: { press: string } }[] }
  buttons: readonly { label: string; press: string }[]
}

export interface Chatter {
  say(text: string): Promise<WireCard>
  press(card: WireCard, label: string): Promise<WireCard>
  /** The card once it looks as wanted; the last look is named when it never does. */
  sees(wanted: (card: WireCard) => boolean, what: string): Promise<WireCard>
  /** The same card, later. */
  awaits(card: WireCard, title: RegExp): Promise<WireCard>
}

export interface Chatting extends RealApp {
  chat(name: Name): Chatter
  /** A job of the example jar, not started. */
  job(name: string, over?: { cluster?: string; args?: readonly string[] }): Promise<void>
}

/** The whole server with a chat, as people use it: over the same path as the page, on a simulated cluster. */
export async function chatting(settings: Readonly<Record<string, string>> = {}): Promise<Chatting> {
  const app = await startRealApp(settings)
  const upload = await app.as('mei').post('/artifacts?name=counter.jar', Buffer.from(await exampleJar()), {
    'content-type': 'application/java-archive',
  })

  function chat(name: Name): Chatter {
    const visitor = app.as(name)
    async function first(path: string, body: unknown): Promise<WireCard> {
      const answer = await visitor.post(path, body)
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.text}`)
      return answer.body.cards[0]
    }
    async function recent(): Promise<WireCard[]> {
      return (await visitor.get('/chats/ops/history?limit=100')).body.cards
    }
    async function sees(wanted: (card: WireCard) => boolean, what: string): Promise<WireCard> {
      let found: WireCard | undefined
      await until(
        async () => {
          found = (await recent()).findLast(wanted)
          return found !== undefined
        },
        { within: 20_000, what },
      )
      if (!found) throw new Error('until() returned without a card')
      return found
    }
    return {
      say: (text) => first('/say', { text, chat: 'ops' }),
      press(card, label) {
        const button = card.buttons.find((one) => one.label === label)
        if (!button) throw new Error(`"${card.card.title}" has no button ${label}: ${card.text}`)
        return first('/press', { press: button.press, chat: 'ops' })
      },
      sees,
      awaits: (card, title) =>
        sees((one) => sameThread(one, card) && title.test(one.card.title), `${card.card.title} → ${title}`),
    }
  }

  return {
    ...app,
    chat,
    async job(name, { cluster = 'session-a', args = [] } = {}) {
      const program = { is: 'jar', digest: upload.body.digest, args: ['--name', name, ...args] }
      const draft = { name, team: 'data', cluster, kind: 'jar', release: { program, parallelism: 1 } }
      const answer = await app.as('mei').post('/jobs', draft)
      if (answer.status !== 201) throw new Error(`the job was not made: ${answer.text}`)
    },
  }
}

function sameThread(one: WireCard, other: WireCard): boolean {
  return one.id === other.id || (other.subject !== null && one.subject === other.subject)
}
