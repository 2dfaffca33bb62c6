// People who type, in a process of their own: one message with the load, one answer with how long each took.
import { Agent, request } from 'undici'
import { atRate } from './open-loop.ts'
import type { SayLoad } from './say-load.ts'

process.once('message', async (load: SayLoad) => {
  const dispatcher = new Agent({ connections: 100 })
  const took = await atRate(load.rate, load.texts.length, (at) => say(load, at, dispatcher))
  process.send?.(took)
})
process.on('disconnect', () => process.exit(0))

async function say({ address, token, texts, chats }: SayLoad, at: number, dispatcher: Agent): Promise<void> {
  const { statusCode, body } = await request(`${address}/api/v1/say`, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ text: texts[at], chat: chats[at % chats.length] }),
  })
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`${texts[at]}: ${statusCode} ${text}`)
  const { cards } = JSON.parse(text) as { cards: unknown[] }
  if (cards.length === 0) throw new Error(`No card came of ${texts[at]}`)
}
