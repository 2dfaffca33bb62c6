/** The page in real Chromium against the whole server, as `npm run demo -- --sandbox` starts it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Visitor } from '../support/page.ts'
import { axeViolations, openBrowser, settled, sticksOut, visit } from '../support/page.ts'
import { until } from '../support/until.ts'

let home: string
let server: ChildProcess
let browser: Browser
let visitor: Visitor
let page: Page
let url: string

beforeAll(async () => {
  buildIntoPlace()
  home = await mkdtemp(join(tmpdir(), 'sluice-web-demo-'))
  const main = join(import.meta.dirname, '../../src/main.ts')
  const tsx = import.meta.resolve('tsx')
  server = spawn(process.execPath, ['--import', tsx, main, 'demo', '--sandbox'], {
    cwd: home,
    env: { ...process.env, PORT: '4390', LANGUAGE: 'en' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const link = await linkOf(server)
  url = new URL(link).origin
  browser = await openBrowser()
  visitor = await visit(browser, { language: 'en', width: 1280 })
  page = visitor.page
  page.setDefaultTimeout(30_000)
  await page.goto(link)
  await words().waitFor()
})

afterAll(async () => {
  await browser?.close()
  if (server && server.exitCode === null) {
    const gone = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    await gone
  }
  await rm(home, { recursive: true, force: true })
})

/** Where the server looks for the page. */
function buildIntoPlace(): void {
  const vite = join('node_modules', 'vite', 'bin', 'vite.js')
  const built = spawnSync(process.execPath, [vite, 'build', '--config', 'web/vite.config.ts'], {
    encoding: 'utf8',
  })
  if (built.status !== 0) throw new Error(`The page did not build:\n${built.stdout}${built.stderr}`)
}

async function linkOf(child: ChildProcess): Promise<string> {
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk))
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(`The demo ended: ${said}`)
      return /http\S+sign-in\?code=\S+/.test(said)
    },
    { within: 120_000, what: 'the link that signs in' },
  )
  return /http\S+sign-in\?code=\S+/.exec(said)?.[0] ?? ''
}

const words = () => page.locator('#words')
const card = (title: string | RegExp) =>
  page.locator('article.card').filter({ has: page.getByRole('heading', { name: title }) })

async function say(text: string): Promise<void> {
  await page.goto(`${url}/`)
  await words().fill(text)
  await words().press('Escape')
  await words().press('Enter')
}

async function lookAs(role: 'developer' | 'operator' | 'lead'): Promise<void> {
  await page.locator('.demo button', { hasText: role }).click()
  await page.locator('.demo button[aria-pressed=true]', { hasText: role }).waitFor()
}

describe('the page and the real server', () => {
  it('restart a job from the chat, and the card edits itself until it runs again', async () => {
    await lookAs('developer')
    await say('/job restart counter')

    await card(/counter is running again/).waitFor()
  })

  it('complete commands and job names', async () => {
    await page.goto(`${url}/`)
    await words().pressSequentially('/job restart coun')
    await page.getByRole('option', { name: 'counter' }).waitFor()
    await words().press('Tab')

    expect((await words().inputValue()).trim()).toBe('/job restart counter')
    await words().fill('')
  })

  it('let one person ask and another approve', async () => {
    await lookAs('operator')
    await say('/job restart clicks-per-page')
    await card(/clicks-per-page in /)
      .last()
      .waitFor()

    await lookAs('lead')
    await card(/clicks-per-page in /)
      .last()
      .getByRole('button', { name: 'Approve' })
      .click()

    await card(/clicks-per-page is running again/).waitFor()
  })

  it('take a savepoint from the page of a job, and list it', async () => {
    await lookAs('developer')
    await page.goto(`${url}/jobs/counter`)
    await page.locator('.page-actions').getByRole('button', { name: 'Savepoint' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Savepoint' }).click()
    await page.getByText('The savepoint is there').waitFor()

    await page.getByRole('link', { name: 'Savepoints', exact: true }).click()
    await page.getByRole('cell', { name: 'on request' }).first().waitFor()
  })

  it('make a release that differs from the former in what was changed alone', async () => {
    await page.goto(`${url}/jobs/counter/release`)
    await page.getByLabel('Parallelism').fill('2')
    await page.getByLabel('Note').fill('twice as wide')
    await page.getByRole('button', { name: 'Create the release' }).click()
    await page.getByText('twice as wide').waitFor()

    await page.goto(`${url}/jobs/counter/diff?from=1&to=2`)
    await page.locator('.changes').waitFor()
    expect(await page.locator('.changes tbody tr').count()).toBe(1)
    await page.getByRole('rowheader', { name: 'Parallelism' }).waitFor()
  })

  it('show what broke, and start it again from the card', async () => {
    await say('/demo break')
    const alert = card(/fragile is down/).last()
    await alert.waitFor()
    await alert.getByRole('button', { name: 'Restart' }).click()

    await card(/fragile (is running|runs|recovered)/)
      .first()
      .waitFor()
  })

  it('show every page without axe violations, complaints or sideways scrolling', async () => {
    await lookAs('lead')
    const tabs = ['', '/releases', '/diff', '/savepoints', '/operations', '/attempts', '/logs', '/release']
    const paths = ['/', '/jobs', '/jobs/new', '/clusters', '/on-call', '/members', '/audit']

    for (const path of [...paths, ...tabs.map((tab) => `/jobs/counter${tab}`)]) {
      await page.goto(url + path)
      await settled(page)
      expect({ path, axe: await axeViolations(page), sticksOut: await sticksOut(page) }).toEqual({
        path,
        axe: [],
        sticksOut: 0,
      })
      expect({ path, trouble: await page.locator('.trouble').count() }).toEqual({ path, trouble: 0 })
    }
    expect(visitor.complaints).toEqual([])
  })
})
