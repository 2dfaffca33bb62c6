import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messagePage } from '../../scripts/fake-chats/draw.ts'
import { type SampleCard, sampleCards } from '../../scripts/fake-chats/sample-cards.ts'
import { openBrowser } from '../support/page.ts'

/** Narrow phones. */
const WIDTH = 375

let browser: Browser
let cards: SampleCard[]

beforeAll(async () => {
  browser = await openBrowser()
  cards = await sampleCards()
})
afterAll(() => browser?.close())

describe('cards as vendors draw them, on a phone', () => {
  it.each([
    'feishu',
    'dingtalk',
    'wecom',
    'slack',
    'email',
  ] as const)('show all of themselves on %s', async (vendor) => {
    const page = await browser.newPage({ viewport: { width: WIDTH, height: 700 } })
    const own = cards.filter((one) => one.vendor === vendor)
    expect(own.length).toBeGreaterThan(15)
    for (const { name, messages } of own) {
      await page.setContent(messagePage(messages.map((message) => ({ message, vendor }))))
      const frames = await Promise.all(page.frames().map((frame) => frame.locator('body').innerText()))
      const text = frames.join('\n')

      for (const { title, buttons } of messages) {
        expect(text, name).toContain(title.replace(/^\p{Emoji_Presentation} /u, ''))
        for (const { label } of buttons) expect(text, name).toContain(label)
      }
      // The page's own type knows no DOM: scripts for it are text.
      const widest = await page.evaluate('document.documentElement.scrollWidth')
      expect(widest, name).toBeLessThanOrEqual(WIDTH)
    }
    await page.close()
  })
})
