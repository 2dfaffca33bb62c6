// Pictures for the README: one card as each vendor draws it, into docs/images. Needs Chromium and a font with emoji
// (apt-get install chromium fonts-noto-color-emoji).
// Run: npx tsx scripts/make-card-images.ts
import { join } from 'node:path'
import { openBrowser } from '../test/support/page.ts'
import { messagePage } from './fake-chats/draw.ts'
import { sampleCards } from './fake-chats/sample-cards.ts'

const DIRECTORY = join(import.meta.dirname, '../docs/images')
const SHOWN = 'incident'

const browser = await openBrowser()
try {
  const page = await browser.newPage({ viewport: { width: 420, height: 100 }, deviceScaleFactor: 1.5 })
  for (const { vendor, messages } of await sampleCards((name) => name === SHOWN)) {
    await page.setContent(messagePage(messages.map((message) => ({ message, vendor }))))
    const path = join(DIRECTORY, `card-${vendor}.png`)
    await page.screenshot({ path, fullPage: true })
    console.log(path)
  }
} finally {
  await browser.close()
}
