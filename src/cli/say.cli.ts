import { type Context, EXIT, type Exit } from './cli.ts'
import type { GivenTo } from './commands.ts'
import { demandServer } from './server-client.http.ts'
import { settingsOf } from './tools.cli.ts'

const DEFAULT_CHAT = 'ops'

/** Not done when a card says that something is wrong, so that scripts notice. */
export async function say(given: GivenTo<'say'>, context: Context): Promise<Exit> {
  const server = await demandServer(settingsOf(context).home, context.language)
  const cards = await server.say(given.words.join(' '), given.text('chat') ?? DEFAULT_CHAT)
  context.out(cards.map(({ text }) => text).join('\n\n'))
  return cards.some(({ card }) => card.tone === 'bad') ? EXIT.notDone : EXIT.done
}
