import { readFileSync } from 'node:fs'

/** Beside `src` in a clone and beside `dist` in an installation: both are two folders up. */
const PACKAGE = new URL('../../package.json', import.meta.url)

/** Read here, and not from the app, which takes a second to load. */
export function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }
  return version
}
