import { describe, expect, it } from 'vitest'
import { terminalLanguage } from '../../src/cli/language.ts'

describe('the language of the terminal', () => {
  const cases: [string, Record<string, string>, string | null, 'zh' | 'en'][] = [
    ['LANGUAGE before all', { LANGUAGE: 'zh', LANG: 'en_US.UTF-8' }, 'language: en', 'zh'],
    ['LANGUAGE as GNU programs read it', { LANGUAGE: 'en_US:en', LANG: 'zh_CN.UTF-8' }, null, 'en'],
    [
      'the settings file before a LANGUAGE that is none of ours',
      { LANGUAGE: 'de_DE:de', LANG: 'de_DE.UTF-8' },
      'language: zh',
      'zh',
    ],
    ['the settings file before the locale', { LANG: 'en_US.UTF-8' }, 'port: 8080\nlanguage: "zh"\n', 'zh'],
    ['LC_ALL before LANG', { LC_ALL: 'zh_CN.UTF-8', LANG: 'en_US.UTF-8' }, null, 'zh'],
    ['LANG', { LANG: 'zh_TW.UTF-8' }, null, 'zh'],
    ['English where a language is none of ours', { LANGUAGE: 'fr', LANG: 'de_DE.UTF-8' }, null, 'en'],
    ['English in a terminal without a locale', { LANG: 'C' }, null, 'en'],
    ['English where nothing is said', {}, null, 'en'],
  ]
  it.each(cases)('%s', (_, environment, file, language) => {
    expect(terminalLanguage(environment, file)).toBe(language)
  })
})
