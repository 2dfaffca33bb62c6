import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// Beside `src` in a clone and beside `dist` in an installation: both are one folder up.

export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** The built page; null: it was not built. */
export function webDirectory(): string | null {
  const built = new URL('../dist/web/', import.meta.url)
  return existsSync(new URL('index.html', built)) ? fileURLToPath(built) : null
}

/** The jar that runs SQL scripts on a cluster. */
export function sqlRunner(): Uint8Array {
  return readFileSync(new URL('../runner/sluice-sql-runner.jar', import.meta.url))
}

/** Chinese and Latin, for pictures: what a machine has installed is not relied on. */
export function fontFiles(): string[] {
  return ['noto-sans-sc-chinese.ttf', 'noto-sans-sc-latin.ttf'].map((name) =>
    fileURLToPath(new URL(`../assets/fonts/${name}`, import.meta.url)),
  )
}
