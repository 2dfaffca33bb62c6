import { card } from '../cards/build.ts'
import { en } from '../texts/en.ts'
import { zh } from '../texts/zh.ts'
import { choiceArg, flagArg } from './args.ts'
import { openCommand } from './command.ts'

const LANGUAGES = [
  { value: 'zh', label: { zh: '中文', en: 'Chinese' }, also: ['中文', 'chinese', '汉语', 'cn'] },
  { value: 'en', label: { zh: '英文', en: 'English' }, also: ['英文', 'english', '英语'] },
] as const

export const lang = openCommand({
  name: ['lang'],
  zh: ['语言'],
  aliases: [['language']],
  group: 'sluice',
  summary: {
    zh: '换一种语言；加 --here 换整个聊天的语言',
    en: 'change your language, or the chat’s with --here',
  },
  examples: ['/lang zh', '/lang en --here', '/语言 英文'],
  args: {
    language: choiceArg({ zh: '语言', en: 'language' }, LANGUAGES),
    here: flagArg({ zh: '整个聊天', en: 'for this chat' }, { names: ['chat', '聊天'] }),
  },
  forStrangers: false,
  async run({ platform, by, setChat }, { language, here }) {
    const { lang: words } = language === 'zh' ? zh : en
    if (here) await setChat({ language })
    else if (by) await platform.access.setLanguage(by.member, language)
    return { card: card('good', here ? words.chat : words.mine) }
  },
})
