import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { VENDORS } from '../../src/bot/adapters/adapter.ts'
import { CHAT_SETTINGS, MATCH_PEOPLE } from '../../src/chats/chat-settings.ts'
import { setupDocuments } from '../../src/chats/setup-document.ts'
import { GUIDES } from '../../src/chats/setups.ts'

const CHINESE = /[\u4e00-\u9fff]/

describe('docs/setup', () => {
  it('is what the guides say', () => {
    const made = setupDocuments()

    expect(readdirSync('docs/setup').sort()).toEqual([...made.keys()].sort())
    for (const [name, text] of made) expect(readFileSync(`docs/setup/${name}`, 'utf8')).toBe(text)
  })

  it.each(VENDORS)('of %s names every setting, every permission exactly, and the check', (vendor) => {
    const { fields, scopes } = GUIDES[vendor]

    for (const name of [`${vendor}.md`, `${vendor}.zh.md`]) {
      const text = setupDocuments().get(name) ?? ''
      for (const { env } of fields) expect(text).toContain(`\`${env}\``)
      for (const scope of scopes) expect(text).toContain(`\`${scope.name}\``)
      expect(text).toContain(`sluice doctor chat ${vendor}`)
    }
  })
})

describe.each(VENDORS)('the guide of %s', (vendor) => {
  const { fields, steps, limits, troubles, title, summary } = GUIDES[vendor]

  it('says in a step where each needed value goes', () => {
    const all = steps.map(({ text }) => text)

    for (const { env, required } of fields) {
      if (!required) continue
      expect(all.filter(({ en }) => en.includes(env))).not.toEqual([])
      expect(all.filter(({ zh }) => zh.includes(env))).not.toEqual([])
    }
  })

  it('says everything in Chinese too, and as much', () => {
    const both = [summary, ...limits, ...steps.flatMap((step) => [step.title, step.text])]

    for (const { zh, en } of both) {
      expect(en.length).toBeGreaterThan(0)
      // Names of vendors stay as they are.
      if (zh !== title.zh && !/^[\w\s/&-]+$/.test(en)) expect(zh).toMatch(CHINESE)
    }
  })

  it('knows what goes wrong, and the cure', () => {
    expect(troubles.length).toBeGreaterThan(3)
    for (const { cure } of troubles) expect(cure.zh).toMatch(CHINESE)
  })
})

describe('docs/operating.md', () => {
  it('has every setting of chats', () => {
    const text = readFileSync('docs/operating.md', 'utf8')
    const names = [...CHAT_SETTINGS.map(({ env }) => env), MATCH_PEOPLE]

    expect(names.filter((name) => !text.includes(`\`${name}`))).toEqual([])
  })
})
