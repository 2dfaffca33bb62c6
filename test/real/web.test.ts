/** The page in real Chromium, against its own server (test/fakes/web-server.ts). */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { failure } from '../fakes/web-chat.ts'
import type { FakeWebServer } from '../fakes/web-server.ts'
import { fillChat, startFakeWebServer } from '../fakes/web-server.ts'
import type { Look, Visitor } from '../support/page.ts'
import { axeViolations, buildPage, openBrowser, settled, sticksOut, visit } from '../support/page.ts'

let built: Awaited<ReturnType<typeof buildPage>>
let browser: Browser
let server: FakeWebServer
let visitor: Visitor
let page: Page

beforeAll(async () => {
  built = await buildPage()
  browser = await openBrowser()
})
afterAll(async () => {
  await browser.close()
  await built.remove()
})
beforeEach(async () => {
  server = await startFakeWebServer({ directory: built.directory })
})
afterEach(async () => {
  await visitor.page.context().close()
  await server.close()
  expect(visitor.complaints).toEqual([])
})

async function open(path: string, look: Look = { language: 'en', width: 1280 }): Promise<void> {
  visitor = await visit(browser, look)
  page = visitor.page
  await page.goto(server.url + path)
}

const words = () => page.locator('#words')
const cards = (title: string) => page.locator('article.card', { hasText: title })

describe('every page', () => {
  const PATHS = [
    '/',
    '/chat/data',
    '/jobs',
    '/jobs?state=failed',
    '/jobs/orders-cdc',
    '/jobs/dm-orders',
    '/jobs/stock-alerts',
    '/jobs/orders-cdc/releases',
    '/jobs/orders-wide/releases',
    '/jobs/orders-cdc/diff',
    '/jobs/orders-cdc/savepoints',
    '/jobs/orders-cdc/operations',
    '/jobs/orders-cdc/attempts',
    '/jobs/orders-cdc/logs',
    '/jobs/new',
    '/jobs/orders-cdc/release',
    '/clusters',
    '/members',
    '/audit',
    '/nothing-here',
    '/jobs/unknown',
  ]

  it.each<Look>([
    { language: 'zh', width: 1280 },
    { language: 'en', width: 1280, dark: true },
    { language: 'zh', width: 375, dark: true },
    { language: 'en', width: 375 },
  ])('is free of axe violations, complaints and sideways scrolling ($language, $width px)', async (look) => {
    fillChat(server.chat('ops'), look.language)
    await open('/', look)

    for (const path of PATHS) {
      await page.goto(server.url + path)
      await settled(page)
      expect({ path, axe: await axeViolations(page), sticksOut: await sticksOut(page) }).toEqual({
        path,
        axe: [],
        sticksOut: 0,
      })
    }
  })

  it('leads somewhere: no link of the page ends at nothing', async () => {
    await open('/jobs/orders-cdc')
    await page.locator('.tabs').waitFor()
    const links = await page
      .locator('a[href^="/"]')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href')))

    for (const link of new Set(links)) {
      await page.goto(server.url + link)
      await page.locator('h1').first().waitFor({ state: 'attached' })
      expect(await page.locator('h1').first().textContent()).not.toBe('Nothing is at this address.')
    }
  })
})

describe('the chat', () => {
  it('shows own words at once, and the card edits itself in its place', async () => {
    await open('/')
    await words().fill('/job restart orders-cdc')
    await words().press('Enter')
    await page.locator('.bubble.mine', { hasText: '/job restart orders-cdc' }).waitFor()
    await cards('orders-cdc is restarting').waitFor()

    server.step()
    server.step()

    await cards('orders-cdc is running again').waitFor()
    expect(await page.locator('article.card').count()).toBe(1)
    expect(await page.locator('.bubble.mine').count()).toBe(1)
  })

  it('completes commands by the keyboard alone, and recalls what was said', async () => {
    await open('/')
    const suggestions = page.locator('#suggestions[aria-busy=false]')
    const written = (text: string) => expect.poll(() => words().inputValue()).toBe(text)
    await words().pressSequentially('/job r')
    // Those for what was typed before may still stand there.
    await suggestions.waitFor()
    await words().press('ArrowDown')
    await words().press('Enter')
    await written('/job restart ')

    await words().pressSequentially('orders-c')
    await suggestions.getByRole('option', { name: 'orders-cdc', exact: true }).waitFor()
    await words().press('Tab')
    await written('/job restart orders-cdc')

    await words().press('Escape')
    await words().press('Enter')
    await cards('orders-cdc is restarting').waitFor()
    await written('')
    await words().press('ArrowUp')
    await written('/job restart orders-cdc')
  })

  it('does not send while an input method composes', async () => {
    await open('/')
    await words().fill('/zuoye')
    await words().dispatchEvent('keydown', {
      key: 'Enter',
      isComposing: true,
      bubbles: true,
      cancelable: true,
    })

    expect(await words().inputValue()).toBe('/zuoye')
    expect(await page.locator('.bubble').count()).toBe(0)
  })

  it('catches up after the connection broke', async () => {
    fillChat(server.chat('ops'), 'en')
    await open('/')
    await cards('clicks-raw is restarting').waitFor()

    server.setBroken(true)
    server.cutLive()
    await page.locator('.banner').waitFor()
    server.chat('ops').show(failure('en', 'users-sync'))
    server.setBroken(false)

    await cards('users-sync stopped').waitFor()
    await page.locator('.banner').waitFor({ state: 'detached' })
  })

  it('keeps words that were not sent, and sends them once', async () => {
    await open('/')
    await page.locator('.beginning').waitFor()
    server.setBroken(true)
    await words().fill('/job list')
    await words().press('Enter')
    await page.locator('.bubble.not-sent').waitFor()

    server.setBroken(false)
    await page.getByRole('button', { name: 'Send again' }).click()

    await cards('60 jobs').waitFor()
    await page.locator('.bubble.not-sent').waitFor({ state: 'detached' })
    expect(await page.locator('.bubble.mine').count()).toBe(1)
    expect(await page.locator('article.card').count()).toBe(1)
  })

  it('asks once more before something dangerous, with the focus on no', async () => {
    server.chat('ops').show(failure('en', 'dm-orders'))
    await open('/')
    await page.getByRole('button', { name: 'Roll back to 11' }).click()

    const no = page.getByRole('button', { name: 'No', exact: true })
    await page.locator('button:focus', { hasText: 'No' }).waitFor()
    await no.press('Escape')
    await page.locator('button:focus', { hasText: 'Roll back to 11' }).waitFor()

    await page.getByRole('button', { name: 'Roll back to 11' }).click()
    await page.getByRole('button', { name: 'Yes, roll back to 11' }).click()
    await cards('dm-orders is running again').waitFor()
  })

  it('shows on the card why a tap was refused', async () => {
    fillChat(server.chat('ops'), 'en')
    await open('/')
    await page.getByRole('button', { name: 'Compare' }).click()

    await page.getByRole('alert').getByText('This card is from 13:40').waitFor()
  })

  it('sends a form that a card asks with', async () => {
    await open('/')
    await words().fill('/job rollback')
    await words().press('Escape')
    await words().press('Enter')
    await page.getByLabel('Job', { exact: true }).selectOption('dm-orders')
    await page.getByRole('button', { name: 'Roll back', exact: true }).click()

    await cards('Lin wants to roll back dm-orders').waitFor()
  })

  it('stays where one reads, and says that there is more below', async () => {
    fillChat(server.chat('ops'), 'en')
    await open('/')
    await cards('clicks-raw is restarting').waitFor()
    const thread = page.locator('.thread')
    await thread.evaluate((box) => {
      box.scrollTop = 0
    })
    await page.getByRole('button', { name: 'To the newest' }).waitFor()

    server.chat('ops').show(failure('en', 'users-sync'))

    await page.getByRole('button', { name: 'New below' }).click()
    await cards('users-sync stopped').waitFor()
    const below = await thread.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight)
    expect(below).toBeLessThan(2)
  })

  it('reads older pages without losing one’s place', async () => {
    for (let count = 0; count < 60; count += 1) server.chat('ops').say('mei', 'Mei', `words ${count}`)
    await open('/')
    await page.getByText('words 59', { exact: true }).waitFor()
    expect(await page.getByText('words 0', { exact: true }).count()).toBe(0)

    await page.locator('.thread').evaluate((box) => {
      box.scrollTop = 0
    })
    await page.getByRole('button', { name: 'Show older' }).click()

    await page.getByText('words 0', { exact: true }).waitFor({ state: 'attached' })
    // The page puts the reader back once the older lines have their height.
    await expect
      .poll(() => page.locator('.thread').evaluate((box) => box.scrollTop), { timeout: 5_000 })
      .toBeGreaterThan(200)
  })

  it('leaves the composer within a thumb’s reach on a phone', async () => {
    fillChat(server.chat('ops'), 'zh')
    await open('/', { language: 'zh', width: 375 })
    const box = await words().boundingBox()

    expect(box && box.y > 560 && box.y + box.height < 740).toBe(true)
  })
})

describe('a job', () => {
  it('is restarted by one person and approved by another', async () => {
    await open('/jobs/orders-cdc')
    await page.getByRole('button', { name: 'Restart' }).click()
    await page.getByRole('dialog').getByLabel('Reason').fill('new credentials')
    await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click()
    await page.getByText('Waits for approval').waitFor()
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0)

    await page.getByRole('button', { name: /^Mei/ }).click()
    await page.getByText('new credentials').waitFor()
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByText('Under way').waitFor()
    server.step()

    await page.getByText('Release 3 runs; it took 4.1 s.').waitFor()
  })

  it('says in the dialog why something was refused', async () => {
    await open('/jobs/orders-cdc')
    await page.getByText('More', { exact: true }).click()
    await page.getByRole('button', { name: 'Scale' }).click()
    await page.getByRole('dialog').getByLabel('Parallelism').fill('8')
    await page.getByRole('dialog').getByRole('button', { name: 'Scale' }).click()

    await page.getByRole('dialog').getByText('It runs with parallelism 8 already.').waitFor()
  })

  it('is found by filters that stand in the address', async () => {
    await open('/jobs')
    await page.getByLabel('Find by name').fill('orders')
    await page.getByRole('button', { name: /^Failing/ }).click()
    await page.waitForURL(/like=orders&state=failed|state=failed&like=orders/)
    await page.getByRole('link', { name: 'dm-orders', exact: true }).waitFor()

    await page.reload()
    expect(await page.getByLabel('Find by name').inputValue()).toBe('orders')
    await page.goBack()
    await page.getByRole('link', { name: 'orders-cdc', exact: true }).waitFor()
  })

  it('pages forward by links and back by the browser', async () => {
    await open('/jobs')
    await page.getByRole('link', { name: 'Next page' }).click()
    await page.getByRole('link', { name: 'First page' }).waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'Next page' }).waitFor()
  })

  it('is made from an uploaded JAR; a file that is none is refused at its field', async () => {
    await open('/jobs/new')
    await page.getByLabel('Name', { exact: true }).fill('new-orders')
    const jar = (size: number) => ({
      name: 'orders.jar',
      mimeType: 'application/java-archive',
      buffer: Buffer.alloc(size),
    })
    await page.locator('#jar').setInputFiles(jar(10))
    await page.getByText('orders.jar is not a JAR').waitFor()

    await page.locator('#jar').setInputFiles(jar(4000))
    await page.getByText('orders.jar · 4.0 KB').waitFor()
    await page.getByRole('button', { name: 'Create the job' }).click()

    await page.waitForURL(/\/jobs\/new-orders$/)
    await page.getByRole('heading', { name: 'new-orders' }).waitFor()
  })

  it('shows which field a refusal is about', async () => {
    await open('/jobs/new')
    await page.getByLabel('Name', { exact: true }).fill('orders-cdc')
    await page.getByRole('button', { name: 'SQL' }).click()
    await page.getByLabel('SQL').fill('INSERT INTO a SELECT * FROM b')
    await page.getByRole('button', { name: 'Create the job' }).click()

    await page.locator('#name-wrong').getByText('A job named orders-cdc exists already.').waitFor()
  })
})

describe('who looks', () => {
  it('signs out and in again by password, after being told that it was wrong', async () => {
    await open('/jobs')
    await page.locator('.account summary').click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Name').fill('mei')
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Name and password do not go together.').waitFor()

    await page.getByLabel('Password').fill('open')
    await page.getByRole('button', { name: 'Sign in' }).click()

    await page.getByRole('heading', { name: 'Jobs' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/jobs')
  })

  it('signs in by a code, which does not stay in the address', async () => {
    await open('/sign-in?code=good')
    await words().waitFor()
    expect(page.url()).not.toContain('good')

    await page.goto(`${server.url}/sign-in?code=spent`)
    await page.getByText('This link was used already.').waitFor()
    expect(page.url()).not.toContain('spent')
  })

  it('reads in the language and light that were chosen, also after a reload', async () => {
    await open('/jobs')
    await page.locator('.account summary').click()
    await page.getByRole('button', { name: 'Dark' }).click()
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
    await page.getByRole('button', { name: '中文' }).click()

    await page.getByRole('heading', { name: '作业' }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
    await page.reload()
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
  })

  it('reaches everything by the keyboard: skip link, focus on the new page’s heading', async () => {
    await open('/jobs')
    await page.getByRole('link', { name: 'orders-cdc', exact: true }).waitFor()
    await page.keyboard.press('Tab')
    await page.locator('a:focus', { hasText: 'Skip to content' }).waitFor()

    await page.getByRole('link', { name: 'Clusters' }).press('Enter')
    await page.getByRole('heading', { name: 'Clusters' }).waitFor()
    await page.locator('h1:focus', { hasText: 'Clusters' }).waitFor()
  })
})
