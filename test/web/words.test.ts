import { describe, expect, it } from 'vitest'
import { bytes, count } from '../../web/rules/amounts.ts'
import { parseArgs, parseSettings, settingsText } from '../../web/rules/draft.ts'
import { guideParts } from '../../web/rules/guide-text.ts'
import { pieces } from '../../web/rules/inline.ts'
import { en } from '../../web/texts/en.ts'
import { zh } from '../../web/texts/zh.ts'

describe('amounts', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 KB'],
    [1_480_000_000, '1.5 GB'],
    [740_000_000, '740 MB'],
  ])('%i bytes are %s', (size, expected) => {
    expect(bytes(size)).toBe(expected)
  })

  it('sets thousands apart', () => {
    expect(count(41_284_113)).toBe('41\u2009284\u2009113')
    expect(count(12)).toBe('12')
  })
})

describe('what is typed into the form of a release', () => {
  it('reads settings with colons, equals signs and full-width colons', () => {
    expect(parseSettings('a.b: 30s\n\n c = x=y \nd：1')).toEqual({
      ok: true,
      value: { 'a.b': '30s', c: 'x=y', d: '1' },
    })
  })

  it('says which line is no setting', () => {
    expect(parseSettings('a: 1\nnonsense')).toEqual({ ok: false, line: 'nonsense' })
  })

  it('writes settings as it reads them', () => {
    const settings = { 'execution.checkpointing.interval': '30s', 'state.backend': 'rocksdb' }

    expect(parseSettings(settingsText(settings))).toEqual({ ok: true, value: settings })
  })

  it('takes one argument per line', () => {
    expect(parseArgs('--name\n  a b \n\n')).toEqual(['--name', 'a b'])
  })
})

describe('texts of cards', () => {
  it('knows strong words and code, and takes the rest as it is', () => {
    expect(pieces('Say `/help` **now** * or ` never')).toEqual([
      { is: 'text', text: 'Say ' },
      { is: 'code', text: '/help' },
      { is: 'text', text: ' ' },
      { is: 'strong', text: 'now' },
      { is: 'text', text: ' * or ` never' },
    ])
  })

  it.each([
    ['see https://open.feishu.cn/app, then go on', ['https://open.feishu.cn/app']],
    ['打开 https://work.weixin.qq.com/wework_admin 。', ['https://work.weixin.qq.com/wework_admin']],
    ['(http://127.0.0.1:8080/setup/feishu)', ['http://127.0.0.1:8080/setup/feishu']],
    ['都在网页上：/setup/feishu', ['/setup/feishu']],
    ['all on /setup', ['/setup']],
    ['in /opt/setup/feishu, by /setups or javascript:alert(1)', []],
  ])('makes links of addresses alone: %s', (text, links) => {
    const found = pieces(text)

    expect(found.filter(({ is }) => is === 'link').map((piece) => piece.text)).toEqual(links)
    expect(found.map((piece) => piece.text).join('')).toBe(text)
  })
})

describe('texts of guides', () => {
  it('parts words from what is to be copied as a whole', () => {
    expect(guideParts('Paste this:\n\n```json\n{\n  "a": 1\n}\n```\nThen press Next.')).toEqual([
      { is: 'words', text: 'Paste this:' },
      { is: 'copy', text: '{\n  "a": 1\n}' },
      { is: 'words', text: 'Then press Next.' },
    ])
  })
})

describe('the catalogues', () => {
  const texts = (of: object): string[] =>
    Object.values(of).flatMap((value: unknown) => {
      if (typeof value === 'string') return [value]
      return typeof value === 'object' && value !== null ? texts(value) : []
    })

  it('use full-width punctuation beside Chinese characters', () => {
    expect(texts(zh).filter((text) => /[\u4e00-\u9fff][,:?!;()]|[,?!;()][\u4e00-\u9fff]/.test(text))).toEqual(
      [],
    )
  })

  it('hold no exclamation marks and no "please"', () => {
    expect([...texts(en), ...texts(zh)].filter((text) => /[!！]|please/i.test(text))).toEqual([])
  })
})
