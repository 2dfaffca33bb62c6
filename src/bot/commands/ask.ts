import { card, says, text } from '../cards/build.ts'
import { textArg } from './args.ts'
import { openCommand } from './command.ts'

/** What [Ask the team] says: puts the wish before those who may. */
export const ask = openCommand({
  name: ['ask'],
  zh: ['求助'],
  aliases: [],
  group: 'sluice',
  summary: { zh: '请有权限的人来做', en: 'ask somebody who may to do it' },
  examples: ['/ask "/job stop orders-cdc" who=Mei', '/求助 "/作业 停止 orders-cdc" who=美'],
  args: {
    wish: textArg({ zh: '想做的事', en: 'wish' }, { place: 'word' }),
    who: textArg({ zh: '请谁', en: 'who' }, { place: 'named' }),
  },
  forStrangers: false,
  async run({ by, voice }, { wish, who }) {
    const { t } = voice
    const asker = by?.member.displayName ?? ''
    return {
      card: card('neutral', t.denied.asked(asker, who), {
        body: [text(t.denied.askedText(wish))],
        buttons: [says(t.denied.doIt, wish, { style: 'primary' })],
      }),
    }
  },
})
