/** The web page in a real Chromium, with an eye on everything that it complains about. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { chromium } from 'playwright-core'

export interface Look {
  language: 'zh' | 'en'
  width: number
  dark?: boolean
}

export interface Visitor {
  page: Page
  /** Console errors, exceptions and refusals of the policy so far; refused requests are the page's own business. */
  complaints: string[]
}

/** Builds the page into a directory of its own. */
export async function buildPage(): Promise<{ directory: string; remove: () => Promise<void> }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sluice-web-'))
  const vite = path.join('node_modules', 'vite', 'bin', 'vite.js')
  const options = ['build', '--config', 'web/vite.config.ts', '--outDir', directory, '--emptyOutDir']
  const built = spawnSync(process.execPath, [vite, ...options, '--logLevel', 'warn'], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`The page did not build:\n${built.stdout}${built.stderr}`)
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) }
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
}

export async function visit(browser: Browser, { language, width, dark = false }: Look): Promise<Visitor> {
  const phone = width < 500
  const context = await browser.newContext({
    viewport: { width, height: phone ? 740 : 800 },
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    timezoneId: 'Asia/Shanghai',
    colorScheme: dark ? 'dark' : 'light',
    hasTouch: phone,
    isMobile: phone,
  })
  // Scripts for the page are text: this project's types know no DOM, so that no server code leans on one.
  await context.addInitScript(`localStorage.setItem('sluice.language', '${language}')`)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    const isRefusal = /the server responded with a status of [45]|WebSocket connection/.test(message.text())
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return { page, complaints }
}

export async function axeViolations(page: Page): Promise<string[]> {
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  // Evaluated from outside, so that the page's own policy needs no hole for it.
  await page.evaluate(`${source};0`)
  const found = (await page.evaluate('window.axe.run()')) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[]
  }
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 120)}`)
}

/** By how much something sticks out at the side; 0: nothing scrolls sideways. */
export function sticksOut(page: Page): Promise<number> {
  return page.evaluate<number>(`(() => {
    const main = document.querySelector('.main')
    const inner = main ? main.scrollWidth - main.clientWidth : 0
    return Math.max(inner, document.documentElement.scrollWidth - window.innerWidth)
  })()`)
}

/** Everything that the page asked for has come. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor({ state: 'attached' })
  await page.locator('.spinner-line').first().waitFor({ state: 'detached' })
}
