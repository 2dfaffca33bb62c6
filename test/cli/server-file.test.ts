import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findServer } from '../../src/cli/server-client.http.ts'
import {
  readServerFile,
  removeServerFile,
  serverFilePath,
  writeServerFile,
} from '../../src/cli/server-file.file.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-server-file-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const FILE = { url: 'http://127.0.0.1:9', pid: process.pid, token: 'slu_x' }

it('reads what was written, for its owner alone, and leaves nothing beside it', async () => {
  writeFileSync(serverFilePath(home), 'of a former one', { mode: 0o644 })

  await writeServerFile(home, FILE)

  expect(await readServerFile(home)).toEqual(FILE)
  expect(statSync(serverFilePath(home)).mode & 0o777).toBe(0o600)
  expect(readdirSync(home)).toEqual(['server.json'])
})

it.each(['', '{', '{"url":"x"}'])('takes a file that holds %j for none', async (text) => {
  writeFileSync(serverFilePath(home), text)
  expect(await readServerFile(home)).toBeNull()
})

it('removes the file of its own process only', async () => {
  await writeServerFile(home, FILE)

  await removeServerFile(home, process.pid + 1)
  expect(await readServerFile(home)).toEqual(FILE)

  await removeServerFile(home, process.pid)
  expect(await readServerFile(home)).toBeNull()
})

it('finds no server behind a file whose port is silent', async () => {
  await writeServerFile(home, FILE)
  expect(await findServer(home, 'en')).toBeNull()
})
