/** An admin sets a chat up on the page in real Chromium: the whole server, and Feishu as it behaves on this machine. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RealApp, startRealApp } from '../api/real-app.ts'
import type { FakePerson } from '../fakes/chats/fake-chat.ts'
import { type FakeFeishu, startFakeFeishu } from '../fakes/chats/feishu.ts'
import type { Look, Visitor } from '../support/page.ts'
import { axeViolations, openBrowser, settled, sticksOut, visit } from '../support/page.ts'

let world: RealApp
let fake: FakeFeishu
let person: FakePerson
let browser: Browser
let visitor: Visitor
let page: Page

const DESKTOP: Look = { language: 'en', width: 1280 }
const VENDORS = ['feishu', 'dingtalk', 'wecom', 'slack', 'email']

beforeAll(async () => {
  buildIntoPlace()
  fake = await startFakeFeishu()
  person = fake.person('Root')
  world = await startRealApp()
  browser = await openBrowser()
  await signIn('root', DESKTOP)
})
afterAll(async () => {
  expect(visitor.complaints).toEqual([])
  expect(world.faults).toEqual([])
  await browser.close()
  await world.close()
  await fake.close()
})

/** Where the server looks for the page. */
function buildIntoPlace(): void {
  const vite = join('node_modules', 'vite', 'bin', 'vite.js')
  const built = spawnSync(process.execPath, [vite, 'build', '--config', 'web/vite.config.ts'], {
    encoding: 'utf8',
  })
  if (built.status !== 0) throw new Error(`The page did not build:\n${built.stdout}${built.stderr}`)
}

async function signIn(name: string, look: Look): Promise<void> {
  const link = await world.app.core.access.signInLink(name, 5)
  if (!link.ok) throw new Error(`${name} cannot sign in`)
  visitor = await visit(browser, look)
  page = visitor.page
  await page.goto(`${world.url}/sign-in?code=${link.value.code}`)
  await page.locator('nav.nav').waitFor()
}

const finding = (words: string) => page.locator('.findings li', { hasText: words })

async function isSound(path: string): Promise<void> {
  expect({ path, axe: await axeViolations(page), sticksOut: await sticksOut(page) }).toEqual({
    path,
    axe: [],
    sticksOut: 0,
  })
}

describe('an admin who sets up Feishu on the page', () => {
  it('finds it in the navigation, with every console step in its order', async () => {
    await page.locator('nav.nav').getByRole('link', { name: 'Setup' }).click()
    await page.getByRole('link', { name: 'Set up Feishu / Lark' }).click()

    await page.getByRole('heading', { name: 'Create the app' }).waitFor()
    const steps = await page.locator('.guide > li h3').allTextContents()
    expect(steps.length).toBeGreaterThan(8)
    expect(steps.at(0)).toBe('Create the app')
  })

  it('is told at the field what is wrong', async () => {
    await page.getByLabel('App ID', { exact: true }).fill('hunter2')
    await page.getByRole('button', { name: 'Save' }).click()

    await page.getByText('App Secret is missing').waitFor()
    expect(await page.locator('#appSecret').getAttribute('aria-invalid')).toBe('true')
    await isSound('with something wrong')
  })

  it('tries what is entered before it is saved', async () => {
    const { appId = '', appSecret = '', baseUrl = '' } = fake.setup()
    await page.getByLabel('App ID', { exact: true }).fill(appId)
    await page.getByLabel('App Secret').fill(appSecret)
    await page.getByLabel('Platform address').fill(baseUrl)
    await page.getByRole('button', { name: 'Check', exact: true }).click()

    await finding('App ID and App Secret are taken').waitFor()
    await finding('nothing is connected').waitFor()
  })

  it('saves, and it connects without a restart; the secret never comes back', async () => {
    await page.getByRole('button', { name: 'Save' }).click()

    await finding('The long connection stands').waitFor()
    await page.locator('.page-head .chip', { hasText: 'connected' }).waitFor()
    expect(await page.getByLabel('App Secret').inputValue()).toBe('')
    await page.getByText('Saved. Leave it empty to keep it.').waitFor()
    expect(await page.content()).not.toContain(fake.setup().appSecret)
  })

  it('links an account by the code that the page shows, and gets a test card', async () => {
    await page.getByRole('button', { name: 'Send me a test card' }).click()
    await page.getByRole('button', { name: 'Show a link code' }).click()
    const words = (await page.locator('.copied pre', { hasText: '/link' }).textContent()) ?? ''
    await person.say(words)
    await fake.seen(({ tone }) => tone === 'good', { person })
    await page.getByRole('button', { name: 'Send me a test card' }).click()

    const card = await fake.seen(({ title }) => /test card/.test(title), { person })
    await page.getByText('Press the button on it').waitFor()
    await page.locator('.step-done', { hasText: 'Arrived' }).waitFor()
    await isSound('while a test card is out')
    await person.press(card, 'It works')

    await page.getByText('Root pressed it').waitFor()
    await page.getByText('this chat works both ways').waitFor()
  })

  it('sees every check well after that', async () => {
    await finding('A button was pressed').waitFor()

    const chips = await page.locator('.findings .chip').allTextContents()
    expect(chips.length).toBeGreaterThan(3)
    expect(new Set(chips)).toEqual(new Set(['well']))
  })

  it('is led there by what they say in the chat', async () => {
    await page.goto(`${world.url}/`)
    await page.locator('#words').fill('/setup feishu')
    await page.locator('#words').press('Escape')
    await page.locator('#words').press('Enter')
    await page
      .locator('article.card')
      .getByRole('link', { name: /setup\/feishu/ })
      .click()

    await page.getByRole('heading', { name: 'Feishu / Lark', level: 1 }).waitFor()
  })

  it('removes it by a second word', async () => {
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()

    await page.locator('.page-head .chip', { hasText: 'not set up' }).waitFor()
    expect((await world.as('root').get('/setups/feishu')).body.from).toBeNull()
  })
})

describe('the pages of chats', () => {
  it.each<Look>([
    { language: 'zh', width: 375 },
    { language: 'en', width: 375, dark: true },
    { language: 'zh', width: 1280 },
  ])('are free of axe violations, complaints and sideways scrolling ($language, $width px)', async (look) => {
    const former = visitor
    await signIn('root', look)

    for (const path of ['/setup', ...VENDORS.map((vendor) => `/setup/${vendor}`)]) {
      await page.goto(world.url + path)
      await settled(page)
      await page.locator('.panel').first().waitFor()
      for (const summary of await page.locator('main summary').all()) await summary.click()
      await isSound(path)
    }

    expect(visitor.complaints).toEqual([])
    await page.context().close()
    visitor = former
    page = former.page
  })

  it('are not for others: no way leads there, and the address says why not', async () => {
    await signIn('mei', DESKTOP)

    expect(await page.locator('nav.nav').getByRole('link', { name: 'Setup' }).count()).toBe(0)
    await page.goto(`${world.url}/setup/feishu`)
    await page.getByRole('alert').waitFor()
    expect(await page.locator('#appSecret').count()).toBe(0)
  })
})
